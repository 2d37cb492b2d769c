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
  /** Less may wait than `buffered` said last; sockets that know it at any time need not tell. */
  drained?(): void;
  /** The last call, whichever side closed; 1006 when there was no closing word. */
  closed(code: number): void;
};

/** One connection to the server, from the moment it is asked for. */
export type Socket = {
  /** Ignored unless open. The bytes are given away: nobody may use them after. */
  send(bytes: Bytes): void;
  /** Bytes that were handed over and have not left, as far as is known. */
  buffered(): number;
  /** What is sent when the page goes away and can say nothing else; `null` for nothing. */
  lastWords(bytes: Bytes | null): void;
  close(code: number): void;
};

export type Sockets = { connect(handlers: SocketHandlers): Socket };

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE';
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

/** An identity key as it is used: whoever has this can sign. */
export type StoredIdentity = { readonly publicKey: Bytes; readonly signingKey: SigningKey };

/** How the working key lies in this browser; as well as the browser's cryptography allows. */
export type KeptKey =
  /** A handle that signs and cannot be exported. */
  | { readonly is: 'handle'; readonly key: CryptoKey }
  /** The seed, sealed under a key that cannot be exported. */
  | { readonly is: 'wrapped'; readonly wrapping: CryptoKey; readonly sealed: Bytes }
  /** Nothing but the copy under the password: asked for on each load. */
  | { readonly is: 'password' };

/** An identity key as it is kept. The raw seed is in no arm of it. */
export type KeptIdentity = {
  readonly publicKey: Bytes;
  readonly key: KeptKey;
  /** The seed under the account's password; `null` for a key that never was a seed here. */
  readonly sealedSeed: Bytes | null;
};

/** Identity keys of this browser, at most one an account. */
export type KeyVault = {
  load(account: UserId): Promise<KeptIdentity | null>;
  /** Keeps it unless there is one, in one go, and gives what is kept from here on. */
  add(account: UserId, identity: KeptIdentity): Promise<KeptIdentity>;
  /** Keeps it in place of whatever there is. */
  replace(account: UserId, identity: KeptIdentity): Promise<void>;
  /** Nobody has it any more; harmless if there is none. */
  forget(account: UserId): Promise<void>;
};

/** Remembers, apart from the vault, which accounts had a key here: so that a loss is noticed. */
export type KeyMarks = {
  has(account: UserId): Promise<boolean>;
  set(account: UserId): Promise<void>;
  forget(account: UserId): Promise<void>;
};

/** Asks the browser not to clear what this page keeps; it may refuse. */
export type Durability = { ask(): Promise<boolean> };

/** Something that became of a pin, and when, in milliseconds since 1970. */
export type PinChange = {
  readonly is: 'pinned' | 'accepted' | 'verified' | 'imported';
  readonly fingerprint: string;
  readonly at: number;
};

/** Whose key it is, as far as one account knows. */
export type Pin = {
  readonly fingerprint: string;
  readonly standing: 'notVerified' | 'verified';
  /** The oldest first; never rewritten, only bounded. */
  readonly history: readonly PinChange[];
};

/** The keys that an account trusts, by peer. */
export type PinStore = {
  load(account: UserId, peer: UserId): Promise<Pin | null>;
  /**
   * Judges and keeps in one go, so that no other page comes between. What the judge gives is
   * kept; `null` keeps what was there.
   */
  change(
    account: UserId,
    peer: UserId,
    judge: (pin: Pin | null) => Pin | null,
  ): Promise<Pin | null>;
  all(account: UserId): Promise<readonly (readonly [peer: UserId, pin: Pin])[]>;
  /** All of them are gone. */
  forget(account: UserId): Promise<void>;
};

/** Somebody as a list of people remembers them: a name, and nothing about what was said or when. */
export type Remembered = { readonly id: UserId; readonly name: string };

/** `recent`: whom one talked to, until one signs out. `blocked`: who is not heard. */
export type PeopleList = 'recent' | 'blocked';

/** The lists of people that this browser keeps for an account. */
export type PeopleStore = {
  load(list: PeopleList, account: UserId): Promise<readonly Remembered[]>;
  /** Judges and keeps in one go, so that no other page comes between; gives what is kept. */
  change(
    list: PeopleList,
    account: UserId,
    judge: (people: readonly Remembered[]) => readonly Remembered[],
  ): Promise<readonly Remembered[]>;
  /** This list of every account is gone. */
  clear(list: PeopleList): Promise<void>;
  /** Every list of this account is gone. */
  forget(account: UserId): Promise<void>;
};

/** Which page of this browser talks for an account: one at a time. */
export type Ownership = {
  /** Whether this page owns the account from here on. Stealing takes it from another page. */
  claim(account: UserId, how: 'ifFree' | 'steal'): Promise<boolean>;
  /** Gives up what this page owns, or is asking for. */
  release(): void;
  /** Called after another page stole it; never after a release. */
  onLost(listener: () => void): Cancel;
};

/** Whether somebody signed out and the server has not heard of it; known to the next page, too. */
export type OwedLogout = {
  isOwed(): Promise<boolean>;
  set(owed: boolean): Promise<void>;
};

/** Lets the pages of this browser do something one after the other. */
export type Turnstile = {
  /** Does the work when it is this page's turn, or after a while in any case. */
  pass<T>(work: () => Promise<T>): Promise<T>;
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
  /** Chunk after chunk, in order. Both are given away: nobody may use them after. */
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
