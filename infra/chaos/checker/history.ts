/**
 * What a run writes down: the words for it, shared by whoever writes and whoever judges.
 *
 * Times are milliseconds of the machine's one monotonic clock, so that what two processes wrote
 * can be compared.
 */

/** What one client saw or did. `who` and `peer` are names, a word is said once in a whole run. */
export type ClientEvent = { readonly at: number; readonly who: string } & (
  | { readonly did: 'opened'; readonly channel: string; readonly peer: string }
  | {
      readonly did: 'said';
      readonly word: string;
      readonly channel: string;
      readonly peer: string;
    }
  /** The word stands on the own screen; it travels in the frame of this id. */
  | { readonly did: 'showed'; readonly word: string; readonly frame: string }
  /** A word of the peer stands on the screen. */
  | {
      readonly did: 'displayed';
      readonly word: string;
      readonly channel: string;
      readonly peer: string;
    }
  | { readonly did: 'delivered' | 'read'; readonly word: string; readonly channel: string }
  /** A frame that had been handed to a socket was handed to one again. */
  | { readonly did: 'resent'; readonly frame: string }
  | {
      readonly did: 'connection';
      readonly is: 'up' | 'reconnecting';
      readonly channel: string;
    }
  /** `channel` is empty if there never was one: an attempt that came to nothing. */
  | {
      readonly did: 'ended';
      readonly channel: string;
      readonly why: string;
      readonly unconfirmed: number;
    }
  | { readonly did: 'link'; readonly is: string }
  | { readonly did: 'rang'; readonly by: string }
  /** The login was lost, although nobody ended it. */
  | { readonly did: 'signedOut' }
  /** A file, by the hash of its bytes: as it was offered, and as it came whole. */
  | { readonly did: 'sentFile' | 'tookFile'; readonly hash: string; readonly bytes: number }
  /** It is shown as delivered; `bytes` of its frames were handed to sockets until then. */
  | { readonly did: 'fileDelivered'; readonly hash: string; readonly bytes: number }
);

/** What a client did: the arms of `ClientEvent` without when and who. */
export type Deed = ClientEvent extends infer E
  ? E extends ClientEvent
    ? Omit<E, 'at' | 'who'>
    : never
  : never;

export const FAULT_KINDS = [
  'edge-kill',
  'edge-freeze',
  'edge-restart',
  'broker-kill',
  'broker-freeze',
  'actors-kill',
  'actors-freeze',
  'postgres-kill',
  'postgres-freeze',
  'bus-cut',
  'client-cut',
  'client-reset',
  'client-stall',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Something that was done to the deployment, and to whom it happened. */
export type Fault = {
  readonly kind: FaultKind;
  /** A process or a line, by name. */
  readonly target: string;
  readonly begin: number;
  /** When the process was ready again, or the line whole. */
  readonly end: number;
  /** Clients whose connection stood on the target when it began. */
  readonly touched: readonly string[];
};

/** What one run of an edge had counted at a moment. */
export type Count = {
  readonly at: number;
  readonly edge: string;
  /** Which start of this edge, from 1. */
  readonly start: number;
  /** Looks in quick succession share a number: counters are read one after the other. */
  readonly look: number;
  /** Frames for other people that clients sent. */
  readonly received: number;
  /** What became of them. */
  readonly published: number;
  readonly refused: number;
  readonly repeated: number;
  /** Read from a socket that was being closed with a code. */
  readonly late: number;
};

export type History = {
  /** In the order in which each client wrote it. */
  readonly events: readonly ClientEvent[];
  readonly faults: readonly Fault[];
  readonly counts: readonly Count[];
  /** How long a conversation waits for a peer that is away. */
  readonly resumeWindowMs: number;
};
