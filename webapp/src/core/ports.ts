/**
 * What the core needs of the world. `platform/` gives the real ones, `test/` the ones whose time,
 * chance and network a test decides.
 */
import type { Bytes } from './bytes.ts';
import type { SigningKey } from './crypto/suite/primitives.ts';
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
  /** Bytes that were handed over and have not left, as far as is known. */
  buffered(): number;
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

/** An identity key as it is kept: the private half in whatever form this browser can hold it. */
export type StoredIdentity = { readonly publicKey: Bytes; readonly signingKey: SigningKey };

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

/** A file that is to be sent, read piece by piece. */
export type FileSource = {
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  /** Rejects, or gives fewer bytes, when the file is not what it was. */
  slice(from: number, to: number): Promise<Bytes>;
};

/** A file that came whole, read piece by piece. */
export type ReceivedFile = {
  readonly size: number;
  /** Whether it is kept as it came, so that reading it takes its key. */
  readonly sealed: boolean;
  slice(from: number, to: number): Promise<Bytes>;
  /** It is gone; harmless when called again. */
  discard(): Promise<void>;
};

/** Where one file goes while it comes. */
export type FileSink = {
  /** Chunk after chunk, in order; when it is done, whoever wrote may forget the chunk. */
  write(chunk: { readonly plain: Bytes; readonly sealed: Bytes }): Promise<void>;
  finish(): Promise<ReceivedFile>;
  /** Whatever was written is gone; harmless when called again. */
  discard(): Promise<void>;
};

export type FileSinks = {
  /** Rejects if a file of this size cannot be kept. */
  open(file: {
    readonly size: number;
    readonly chunkBytes: number;
    /** Opens a chunk once more; `null` if it is not as it was. */
    readonly again: (chunk: number, sealed: Bytes) => Promise<Bytes | null>;
  }): Promise<FileSink>;
};
