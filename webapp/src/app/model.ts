/**
 * What the screens draw and what they may ask for: the one seam between the interface and the
 * drivers. Types only; `services.ts` makes the real one, the screens' tests make their own.
 *
 * A view is immutable: `snapshot()` returns the same object until something changed, so that
 * React may compare by identity.
 */
import type { AccountTask, AccountWork, Device } from '../core/auth/account-desk.ts';
import type { PrimitiveName } from '../core/crypto/suite/suite.ts';
import type { Recording } from '../core/recording/driver.ts';
import type { RecordedKind } from '../core/recording/kind.ts';
import type {
  Failure,
  Recorded,
  State as RecordingState,
  Stopped,
} from '../core/recording/machine.ts';
import type { SendAs } from '../core/transfer/transfers.ts';
import type { TransferView } from '../core/transfer/view.ts';
import type { PictureName } from '../core/trust/pictures.ts';
import type { Abilities, Ability } from '../platform/abilities.ts';
import type { CameraFault, CodeReader } from '../platform/code-reader.ts';
import type { NoticeState } from '../platform/notices.ts';

export type {
  Abilities,
  Ability,
  AccountTask,
  AccountWork,
  CameraFault,
  CodeReader,
  Device,
  Failure,
  NoticeState,
  PictureName,
  PrimitiveName,
  Recorded,
  RecordedKind,
  RecordingState,
  SendAs,
  Stopped,
  TransferView,
};

/** The one microphone and camera of a page. It stands in the page, where the devices are. */
export type Recorder = Pick<Recording, keyof Recording>;

/** What went wrong, as a code that the interface has words for. */
export type Fault = {
  /** A code of the server, or `NETWORK` (not reachable) or `TIMEOUT` (no answer in time). */
  readonly code: string;
  /** Names the request in the server's logs; null if none was answered. */
  readonly traceId: string | null;
};

/** Somebody with an account. */
export type Person = { readonly id: string; readonly name: string };

/** Whether somebody is connected, where that is known: it is told of people one has said something to. */
export type Presence = 'here' | 'away';

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
  | {
      readonly is: 'ready';
      readonly fingerprint: Fingerprint;
      /** There is a copy under the password that a file could carry to another browser. */
      readonly exportable: boolean;
    }
  /** The server has no key for this account: publish one to be able to chat. */
  | { readonly is: 'missing' }
  /** The server has a key that this browser does not hold: it is on another device. */
  | { readonly is: 'elsewhere' }
  /** This browser held the key, and its storage was cleared. */
  | { readonly is: 'lost' }
  /** The key is here, but only under the password: to be given on each load. */
  | { readonly is: 'locked'; readonly fingerprint: Fingerprint };

/** What takes a password, and a moment: at most one at a time. */
export type KeyTask =
  | 'unlock'
  | 'exportIdentity'
  | 'importIdentity'
  | 'exportPeers'
  | 'importPeers';

/** A piece of work on keys, and what came of it. */
export type KeyWork =
  | { readonly is: 'idle' }
  | { readonly is: 'busy'; readonly what: KeyTask }
  | { readonly is: 'done'; readonly what: 'unlock' | 'importIdentity' }
  /** The sealed file, to be saved. */
  | {
      readonly is: 'done';
      readonly what: 'exportIdentity' | 'exportPeers';
      readonly file: Uint8Array<ArrayBuffer>;
    }
  | { readonly is: 'done'; readonly what: 'importPeers'; readonly report: PeersReport }
  | { readonly is: 'failed'; readonly what: KeyTask; readonly why: KeyFailure };

export type KeyFailure =
  | 'wrongPassword'
  /** No file of this kind, or a damaged one. */
  | 'malformed'
  | 'otherAccount'
  /** Not the key that the server has. */
  | 'otherKey'
  /** There is no copy of this key that a file could carry. */
  | 'noCopy'
  | 'unreachable'
  /** The browser's storage or cryptography failed. */
  | 'broken';

/** What came of taking verified peers out of a file. Nothing that was pinned here is lowered. */
export type PeersReport = {
  readonly added: number;
  readonly raised: number;
  readonly same: number;
  /** Peers whose key here is another one: nothing was changed. */
  readonly conflicts: readonly { readonly peer: string; readonly imported: Fingerprint }[];
};

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
  /** The person here put it out of sight: its text is empty, here alone. */
  readonly hidden: boolean;
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
      readonly pin: 'firstUse' | 'known' | 'verified';
      /** 42 bits that only these two browsers share: seven numbers from 0 to 63, to compare live. */
      readonly shortCode: readonly number[];
      /** While reconnecting one may go on: what is said is sent when the peer can be reached. */
      readonly connection: 'up' | 'reconnecting';
      /** Full: nothing can be said until the peer has more of what was said. */
      readonly outbox: 'open' | 'full';
      readonly peerTyping: boolean;
      readonly peerRecording: RecordedKind | null;
      /** Records that did not open: somebody on the way meddles. */
      readonly unopened: number;
      /** Frames that were dropped: those, and what came again or had no place. */
      readonly noticed: number;
      /** Files on their way and those that were, the oldest first. */
      readonly transfers: readonly TransferView[];
      /** The largest file that is sent and taken. */
      readonly fileBytesMax: number;
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

/** Something that became of a peer's key here, and when, in milliseconds since 1970. */
export type KeyChange = {
  readonly is: 'pinned' | 'accepted' | 'verified' | 'imported';
  readonly fingerprint: Fingerprint;
  readonly at: number;
};

/** What two people compare to know that nobody sits between them. */
export type Comparison = {
  /** Of this conversation only; `null` if the channel has none. */
  readonly shortCode: {
    readonly pictures: readonly PictureName[];
    /** The same bits. */
    readonly digits: string;
  } | null;
  /** The first pictures of each fingerprint. */
  readonly ownPictures: readonly PictureName[];
  readonly peerPictures: readonly PictureName[];
  /** The text of a QR code that both screens show alike. */
  readonly qrText: string;
  /** What came of scanning the peer's code; a code that differed stays until one agrees. */
  readonly scan: Scan | null;
};

/** What a scanned code has shown. */
export type Scan =
  /** The other screen knows the same two keys: nobody is in between, and the peer is verified. */
  | { readonly is: 'same' }
  /** The same two people with other keys: somebody may be in between. Nothing can be confirmed. */
  | { readonly is: 'differs'; readonly about: readonly ('me' | 'peer')[] }
  /** The code of other people, or of another conversation. */
  | { readonly is: 'otherPeople' }
  /** No code of this kind. */
  | { readonly is: 'unreadable' };

export type ConversationView = {
  readonly peer: Person;
  readonly phase: Phase;
  /** What became of the peer's key, the oldest first. */
  readonly keyHistory: readonly KeyChange[];
  /** While it is secure. */
  readonly comparison: Comparison | null;
};

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
      /** The account that was signed in before was removed, or was forgotten by this browser. */
      readonly parted: 'deleted' | 'forgotten' | null;
      readonly limits: Limits;
    }
  | {
      readonly at: 'signedIn';
      readonly me: Person;
      readonly key: KeyState;
      /** What came of publishing a key, if it was asked for. */
      readonly publishing: Asked<null>;
      readonly keyWork: KeyWork;
      /** Who is signed in to this account, once that was asked for. */
      readonly devices: Asked<readonly Device[]>;
      /** What came of looking after the account. */
      readonly accountWork: AccountWork;
      readonly limits: Limits;
      /** What of the cryptography a library computes here, for want of it in this browser. */
      readonly byLibrary: readonly PrimitiveName[];
      readonly link: LinkView;
      readonly search: { readonly query: string; readonly people: Asked<readonly Person[]> };
      /** Whom one talked to of late from this browser, the newest first. */
      readonly recent: readonly Person[];
      /** Who is not heard. */
      readonly blocked: readonly Person[];
      /** The ids of those whose key was compared in this account. */
      readonly verified: readonly string[];
      /** By id; nothing of people that nothing is known of. */
      readonly presence: Readonly<Record<string, Presence>>;
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

/** What a person may ask for. Nothing throws: what comes of it is seen in the view, but for bytes. */
export type AppModel = {
  subscribe(listener: () => void): () => void;
  snapshot(): AppView;
  /** Looks again whether somebody is signed in, after `unreachable`. */
  restart(): void;
  register(name: string, password: string): void;
  signIn(name: string, password: string): void;
  /** Forgets whom one talked to; the own key, the pins and who is blocked stay. */
  signOut(): void;
  /** Signs out, and nothing of this account stays in this browser: the own key neither. */
  forgetDevice(): void;
  /** Asks who is signed in to this account. */
  lookAtDevices(): void;
  /** Signs another device out. */
  endDevice(deviceId: string): void;
  /** Changes the password, which signs every other device out. */
  changePassword(old: string, password: string): void;
  /** Removes the account, on the server and in this browser. */
  deleteAccount(password: string): void;
  /** Puts what came of such work out of sight, and the devices with it. */
  putAccountAway(): void;
  /** Searches for people; the newest search wins, too short ones are idle. */
  find(query: string): void;
  clearRecent(): void;
  /** Drops whatever this person says, without a word; leaves a conversation with them. */
  block(person: Person): void;
  unblock(personId: string): void;
  /** Makes a key here if need be, under the account's password, and publishes it. */
  publishKey(password: string): void;
  /** Opens a key that is `locked`. */
  unlock(password: string): void;
  /** Makes a file of the own key, for whoever knows the account's password. */
  exportIdentity(password: string): void;
  /** Takes the own key out of such a file, if it is the one that the server has. */
  importIdentity(file: Uint8Array<ArrayBuffer>, password: string): void;
  /** Makes a file of the verified peers, under any password. */
  exportPeers(password: string): void;
  importPeers(file: Uint8Array<ArrayBuffer>, password: string): void;
  /** Puts what came of the last work on keys out of sight. */
  putAway(): void;
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
  /**
   * The person has compared this fingerprint, or the short code, with the peer. Ignored while a
   * scanned code says otherwise.
   */
  confirmPeer(fingerprint: Fingerprint): void;
  /** The text of a code on the peer's screen; one that agrees confirms the peer. */
  scanned(text: string): void;
  /** Says something, perhaps in answer to a line; ignored unless secure. Text of 1 to 4,000 characters. */
  say(text: string, replyTo?: string): void;
  /** Changes an own line, within 15 min. */
  edit(lineId: string, text: string): void;
  /** Takes an own line back. */
  deleteLine(lineId: string): void;
  /** Puts a line out of sight here; the peer keeps it, and hears nothing. */
  hideLine(lineId: string): void;
  /** Reacts to a line, in place of the reaction before; `null` takes it back. */
  react(lineId: string, emoji: string | null): void;
  /** Whether somebody is writing here: said with every key, and once when it stops. */
  typing(on: boolean): void;
  /** Whether somebody is recording here: said now and then while they do, and `null` once. */
  recording(what: RecordedKind | null): void;
  /** Sends a file, after those that wait; ignored unless secure. */
  sendFile(file: Blob, name: string, as: SendAs): void;
  /** Takes a file that is offered. */
  acceptFile(id: number): void;
  pauseFile(id: number): void;
  resumeFile(id: number): void;
  /** Stops a file, or declines it. */
  cancelFile(id: number): void;
  /** A file that came has been looked at, heard, or saved: its sender hears it, once. */
  fileSeen(id: number): void;
  /** Sends an own file that did not arrive once more. */
  sendFileAgain(id: number): void;
  /**
   * Bytes `from` up to, but not including, `to` of a file that came whole, or of an own one, which
   * its sender may always look at; `null` if it is not there, or ends before.
   */
  readFile(id: number, from: number, to: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Everything of the peer up to this line was in sight. */
  seen(lineId: string): void;
  /** Connects again after `superseded`, in place of the other page. */
  useHere(): void;
};
