/**
 * What the core needs of the world. `platform/` gives the real ones, `test/` the ones whose time,
 * chance and network a test decides.
 */
import type { Bytes } from './bytes.ts';
import type { UserId } from './wire/ids.ts';

/** Undoes what it came from; harmless when called again. */
export type Cancel = () => void;

export type Clock = {
  /** Milliseconds that only grow; comparable with one another and nothing else. */
  now(): number;
  /** Milliseconds since 1970, for showing. */
  wall(): number;
  after(delayMs: number, run: () => void): Cancel;
};

export type Random = {
  /** Unpredictable bytes. */
  bytes(length: number): Bytes;
  /** Evenly from 0 up to, but not including, 1. For delays only. */
  fraction(): number;
};

export type SocketHandlers = {
  opened(): void;
  received(bytes: Bytes): void;
  /** The last call, whichever side closed; 1006 when there was no closing word. */
  closed(code: number): void;
};

/** One connection to the server, from the moment it is asked for. */
export type Socket = {
  /** Ignored unless open. */
  send(bytes: Bytes): void;
  /** What is sent when the page goes away and can say nothing else; `null` for nothing. */
  lastWords(bytes: Bytes | null): void;
  close(code: number): void;
};

export type Sockets = { connect(handlers: SocketHandlers): Socket };

export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as a Bearer token. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
};

export type HttpAnswer =
  | {
      readonly is: 'answered';
      readonly status: number;
      /** The parsed JSON; `null` if there is none. */
      readonly body: unknown;
      readonly traceId: string | null;
    }
  | { readonly is: 'failed'; readonly code: 'NETWORK' | 'TIMEOUT' };

/** Never rejects. */
export type Http = { send(request: HttpRequest): Promise<HttpAnswer> };

/** An identity key as it is kept: the private half never leaves its `CryptoKey`. */
export type StoredIdentity = { readonly privateKey: CryptoKey; readonly publicKey: Bytes };

/** Identity keys of this browser, at most one an account. */
export type KeyVault = {
  load(account: UserId): Promise<StoredIdentity | null>;
  save(account: UserId, identity: StoredIdentity): Promise<void>;
};

/** Remembers, apart from the vault, which accounts had a key here: so that a loss is noticed. */
export type KeyMarks = {
  has(account: UserId): Promise<boolean>;
  set(account: UserId): Promise<void>;
};

/** Asks the browser not to clear what this page keeps; it may refuse. */
export type Durability = { ask(): Promise<boolean> };

/** The keys that an account trusts, by peer: fingerprints. */
export type PinStore = {
  load(account: UserId, peer: UserId): Promise<string | null>;
  save(account: UserId, peer: UserId, fingerprint: string): Promise<void>;
};

export type Visibility = {
  visible(): boolean;
  /** Called after every change. */
  watch(changed: () => void): Cancel;
};
