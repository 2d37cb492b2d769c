/**
 * What the screens draw and what they may ask for: the one seam between the interface and the
 * drivers. Types only; `services.ts` makes the real one, the screens' tests make their own.
 *
 * A view is immutable: `snapshot()` returns the same object until something changed, so that
 * React may compare by identity.
 */
import type { SendAs } from '../core/transfer/transfers.ts';
import type { TransferView } from '../core/transfer/view.ts';

/** What went wrong, as a code that the interface has words for. */
export type Fault = {
  /** A code of the server, or `NETWORK` (not reachable) or `TIMEOUT` (no answer in time). */
  readonly code: string;
  /** Names the request in the server's logs; null if none was answered. */
  readonly traceId: string | null;
};

/** Somebody with an account. */
export type Person = { readonly id: string; readonly name: string };

/** What an asynchronous question has led to so far. */
export type Asked<T> =
  | { readonly is: 'idle' }
  | { readonly is: 'asking' }
  | { readonly is: 'answered'; readonly value: T }
  | { readonly is: 'failed'; readonly fault: Fault };

/** A fingerprint computed in this browser: SHA-256 of the key's SPKI bytes, 64 hexadecimal digits. */
export type Fingerprint = string;

/** Whether this browser holds the account's identity key. */
export type KeyState =
  /** It does, and the server has the same public key. */
  | { readonly is: 'ready'; readonly fingerprint: Fingerprint }
  /** The server has no key for this account: publish one to be able to chat. */
  | { readonly is: 'missing' }
  /** The server has a key that this browser does not hold: another device, or lost storage. */
  | { readonly is: 'elsewhere' };

/** The state of the connection to the server. */
export type LinkView =
  | { readonly is: 'connecting' }
  | { readonly is: 'online' }
  /** Lost; tried again by itself. */
  | { readonly is: 'reconnecting'; readonly nextTryInMs: number }
  /** The chat was opened elsewhere; only the person can take it back. */
  | { readonly is: 'superseded' };

/** One thing that was said. */
export type Line = {
  /** Unique within the conversation. */
  readonly id: string;
  readonly by: 'me' | 'peer';
  readonly text: string;
  /** When this browser sent or received it, in milliseconds since 1970. */
  readonly at: number;
  /** What has become of it; `received` for what the peer said. */
  readonly state: 'sending' | 'delivered' | 'read' | 'unconfirmed' | 'received';
  /** The line that it answers; `null` for none that is known here. */
  readonly replyTo: string | null;
  /** Its author changed it. */
  readonly edited: boolean;
  /** Its author took it back: its text is empty. */
  readonly deleted: boolean;
  /** One of each person at most. */
  readonly reactions: readonly { readonly by: 'me' | 'peer'; readonly emoji: string }[];
};

/** Why a conversation ended. */
export type Ending =
  /** The peer left and said so. */
  | 'left'
  /** The connection broke, here or there, without a goodbye, and did not come back in time. */
  | 'cutOff'
  /** The peer declined. */
  | 'declined'
  /** The peer did not answer in time. */
  | 'timeout'
  /** No secure channel could be agreed on. */
  | 'failed'
  /** The peer's client speaks another protocol. */
  | 'differs'
  /** The peer has not published a usable key. */
  | 'keyMissing';

/** Where a conversation stands. Its lines exist only while it is secure. */
export type Phase =
  /** Looking the peer's key up and ringing. */
  | { readonly is: 'establishing' }
  /** The peer's browser rang; its user has not answered yet. */
  | { readonly is: 'waiting' }
  /** Keys are agreed on and confirmed. */
  | {
      readonly is: 'secure';
      readonly lines: readonly Line[];
      readonly peerFingerprint: Fingerprint;
      readonly pin: 'firstUse' | 'known';
      /** Seven numbers from 0 to 63, to compare live. */
      readonly shortCode: readonly number[];
      /** While reconnecting one may go on: what is said is sent when the peer can be reached. */
      readonly connection: 'up' | 'reconnecting';
      /** Full: nothing can be said until the peer has more of what was said. */
      readonly outbox: 'open' | 'full';
      readonly peerTyping: boolean;
      /** Records that did not open: somebody on the way meddles. */
      readonly unopened: number;
      /** Frames that were dropped: those, and what came again or had no place. */
      readonly noticed: number;
      /** Files on their way and those that were, the oldest first. */
      readonly transfers: readonly TransferView[];
    }
  /** The peer is not connected. */
  | { readonly is: 'peerOffline' }
  /** It is over and its history is wiped. */
  | {
      readonly is: 'ended';
      readonly why: Ending;
      /** Own lines of which nobody knows whether they arrived. */
      readonly unconfirmed: number;
    }
  /** The peer's key is not the one pinned: no word is exchanged until it is accepted. */
  | {
      readonly is: 'blocked';
      readonly pinned: Fingerprint;
      readonly offered: Fingerprint;
    };

export type ConversationView = { readonly peer: Person; readonly phase: Phase };

/** The whole of what can be seen. */
export type AppView =
  /** Finding out whether somebody is signed in. */
  | { readonly at: 'starting' }
  /** This browser, or a page that is not served securely, cannot do the cryptography. */
  | { readonly at: 'unsupported'; readonly why: 'insecureContext' | 'missingCrypto' }
  /** The server did not answer at the start; tried again on request. */
  | { readonly at: 'unreachable'; readonly fault: Fault }
  | {
      readonly at: 'signedOut';
      readonly busy: boolean;
      readonly fault: Fault | null;
      readonly limits: Limits;
    }
  | {
      readonly at: 'signedIn';
      readonly me: Person;
      readonly key: KeyState;
      /** What came of publishing a key, if it was asked for. */
      readonly publishing: Asked<null>;
      readonly link: LinkView;
      readonly search: { readonly query: string; readonly people: Asked<readonly Person[]> };
      /** People who rang and wait for an answer, the newest first. */
      readonly incoming: readonly Person[];
      readonly conversation: ConversationView | null;
    };

/** The server's limits that forms show. */
export type Limits = {
  readonly usernameCharsMin: number;
  readonly usernameCharsMax: number;
  readonly passwordCharsMin: number;
  readonly passwordCharsMax: number;
  readonly searchCharsMin: number;
};

/** What a person may ask for. Nothing throws: what comes of it is seen in the view. */
export type AppModel = {
  subscribe(listener: () => void): () => void;
  snapshot(): AppView;
  /** Looks again whether somebody is signed in, after `unreachable`. */
  restart(): void;
  register(name: string, password: string): void;
  signIn(name: string, password: string): void;
  signOut(): void;
  /** Searches for people; the newest search wins, too short ones are idle. */
  find(query: string): void;
  /** Makes a key here if need be and publishes it. Refused with `REAUTHENTICATION_REQUIRED` when it replaces one. */
  publishKey(): void;
  /** Opens a conversation; the one before is left. */
  open(person: Person): void;
  /** Opens the conversation of somebody who rang. */
  accept(personId: string): void;
  decline(personId: string): void;
  /** Ends the conversation and says so to the peer. */
  leave(): void;
  /** Tries again with the same peer, after `peerOffline` or `ended`. */
  retry(): void;
  /** Trusts the offered key in place of the pinned one, after `blocked`. */
  acceptKey(): void;
  /** Says something, perhaps in answer to a line; ignored unless secure. Text of 1 to 4,000 characters. */
  say(text: string, replyTo?: string): void;
  /** Changes an own line, within 15 min. */
  edit(lineId: string, text: string): void;
  /** Takes an own line back. */
  deleteLine(lineId: string): void;
  /** Reacts to a line, in place of the reaction before; `null` takes it back. */
  react(lineId: string, emoji: string | null): void;
  /** Whether somebody is writing here: said with every key, and once when it stops. */
  typing(on: boolean): void;
  /** Sends a file, after those that wait; ignored unless secure. */
  sendFile(file: Blob, name: string, as: SendAs): void;
  /** Takes a file that is offered. */
  acceptFile(id: number): void;
  pauseFile(id: number): void;
  resumeFile(id: number): void;
  /** Stops a file, or declines it. */
  cancelFile(id: number): void;
  /** Everything of the peer up to this line was in sight. */
  seen(lineId: string): void;
  /** Connects again after `superseded`. */
  useHere(): void;
};
