/**
 * One conversation with one peer, from looking the key up to the end.
 *
 *     seeking ─▶ offering ─▶ ringing ─M2─▶ confirming ─▶ confirmed ─M4─▶ finishing ─┐
 *        │  ▲                   │ M1 of lower order                                 ▼
 *        │  │                   ▼                                                 secure
 *        │  │   accept ──▶ answering ─▶ answered ─M3─▶ checking ─────────────────▶  │
 *        │  │                                                                       │
 *        │  └─ peer online ── offline ◀── peer gone, from everything before secure  │
 *        └─▶ blocked                      ended ◀── bye, cut off, declined … ───────┘
 *
 * Each arm holds only its own fields: there are lines only while it is secure, so that wiping the
 * history at the end is nothing to remember. Handshakes are in `establishing.ts`, talk in
 * `talking.ts`, and how records cross a network that loses them, and a lost link, in `delivery.ts`.
 * Awaited results come back as events and are judged by the state they meet.
 */
import type { Bytes } from '../bytes.ts';
import type { Answer, Confirmation, Offer } from '../crypto/handshake.ts';
import type { RecordedKind } from '../recording/kind.ts';
import type { TransferRecord } from '../transfer/records.ts';
import type { TalkLabel } from '../wire/codes.ts';
import type { PeerFrame } from '../wire/frames.ts';
import type { FrameId } from '../wire/ids.ts';
import type { Delivery } from './delivery.ts';
import { establish, isOffer, seek } from './establishing.ts';
import type { Line } from './lines.ts';
import type { OpenChannel, Opened } from './open-channel.ts';
import type { Record } from './records.ts';
import type { Sending } from './sending.ts';
import { talk, talkDeadline, whileLeaving } from './talking.ts';
import type { Typing } from './typing.ts';

/** Why it ended; `null` when the person here left. */
export type Ending =
  | 'left'
  | 'cutOff'
  | 'declined'
  | 'timeout'
  | 'failed'
  | 'differs'
  | 'keyMissing'
  | null;

/** Who begins: we ring, or we answer this offer. */
export type Call = { readonly is: 'ring' } | { readonly is: 'answer'; readonly m1: PeerFrame };

/** The key that the peer must prove to hold, already judged by its pin. */
export type PeerKey = {
  readonly publicKey: Bytes;
  readonly fingerprint: string;
  readonly pin: 'firstUse' | 'known' | 'verified';
};

type Keyed = { readonly key: PeerKey };
type Until = { readonly until: number };
type Answering = Keyed & Until & { readonly m1: PeerFrame };
/** Our offer was answered; `offerId` is what the peer knows it by. */
type Offered = Keyed & Until & { readonly offerId: FrameId };
type Confirmed = Offered & {
  readonly confirmation: Confirmation;
  /** Records that came before M4. */
  readonly held: readonly PeerFrame[];
};

type Seeking = { readonly at: 'seeking'; readonly call: Call };
export type Ringing = Keyed &
  Until & {
    readonly at: 'ringing';
    readonly offer: Offer;
    readonly out: Sending;
    /** The peer's browser rang. */
    readonly rang: boolean;
  };
export type Secure = {
  readonly at: 'secure';
  readonly channel: OpenChannel;
  readonly peerFingerprint: string;
  readonly pin: PeerKey['pin'];
  readonly lines: readonly Line[];
  readonly typing: Typing;
  readonly delivery: Delivery;
  /** The peer's line up to which the person here has read, and up to which we said so. */
  readonly seenUpTo: FrameId | null;
  readonly readUpTo: FrameId | null;
  /** What to say to a repeat of M3: the same M4, for a while. */
  readonly answered: { readonly m3: Bytes; readonly m4: PeerFrame; readonly until: number } | null;
  /** The offer that we answered; `null` if ours was. */
  readonly m1: PeerFrame | null;
  /** Something of the peer opened: it has the channel too. */
  readonly isConfirmed: boolean;
  /** Records that did not open. */
  readonly unopened: number;
  /** Words about files that wait for room; the first one first. */
  readonly backlog: readonly TransferRecord[];
};

export type Establishing =
  | Seeking
  | (Keyed & { readonly at: 'offering' })
  | Ringing
  | (Answering & { readonly at: 'answering' })
  | (Answering & { readonly at: 'answered'; readonly answer: Answer; readonly out: Sending })
  | (Answering & { readonly at: 'checking'; readonly m3: Bytes })
  | (Offered & { readonly at: 'confirming' })
  | (Confirmed & { readonly at: 'confirmed'; readonly out: Sending })
  | (Confirmed & { readonly at: 'finishing' });

export type State =
  | Establishing
  | Secure
  /** What was said before is being sealed; the goodbye is the last. */
  | { readonly at: 'leaving'; readonly secure: Secure }
  | { readonly at: 'offline'; readonly againAt: number }
  | {
      readonly at: 'blocked';
      readonly call: Call;
      readonly pinned: string;
      readonly offered: string;
    }
  | {
      readonly at: 'ended';
      readonly why: Ending;
      /** Own lines that the peer never acknowledged. */
      readonly unconfirmed: number;
    };

export type Event =
  // What the person asks for.
  | {
      readonly type: 'say';
      readonly id: FrameId;
      readonly text: string;
      readonly replyTo: FrameId | null;
      readonly wall: number;
    }
  | { readonly type: 'edit'; readonly lineId: FrameId; readonly text: string }
  | { readonly type: 'delete'; readonly lineId: FrameId }
  | { readonly type: 'hide'; readonly lineId: FrameId }
  | { readonly type: 'react'; readonly lineId: FrameId; readonly emoji: string | null }
  | { readonly type: 'typing'; readonly on: boolean }
  | { readonly type: 'recording'; readonly what: RecordedKind | null }
  | { readonly type: 'seen'; readonly lineId: FrameId }
  | { readonly type: 'leave' }
  /** Another conversation with the same peer has taken its place. */
  | { readonly type: 'replaced' }
  | { readonly type: 'acceptKey' }
  /** The person has compared this key with its holder. */
  | { readonly type: 'confirmPeer'; readonly fingerprint: string }
  /** The transfers of this conversation have something to say. */
  | {
      readonly type: 'carry';
      readonly channel: OpenChannel;
      readonly lane: 0 | 1;
      readonly record: TransferRecord;
    }
  // What the network says.
  | { readonly type: 'frame'; readonly frame: PeerFrame }
  | { readonly type: 'refused'; readonly code: string }
  | { readonly type: 'peerGone' }
  | { readonly type: 'peerOnline' }
  /** The link is back, or is another one. */
  | { readonly type: 'linkOnline' }
  | { readonly type: 'linkLost' }
  /** The chat was opened elsewhere. */
  | { readonly type: 'superseded' }
  | { readonly type: 'tick' }
  // What came of an effect.
  | { readonly type: 'keyFound'; readonly key: PeerKey }
  | { readonly type: 'keyChanged'; readonly pinned: string; readonly offered: string }
  | { readonly type: 'keyMissing' }
  | { readonly type: 'trusted' }
  | { readonly type: 'peerConfirmed'; readonly fingerprint: string }
  | { readonly type: 'offered'; readonly offer: Offer; readonly frame: PeerFrame }
  | { readonly type: 'weighed'; readonly m1: PeerFrame; readonly lower: 'ours' | 'theirs' | 'same' }
  | { readonly type: 'answered'; readonly answer: Answer; readonly frame: PeerFrame }
  | { readonly type: 'confirmed'; readonly confirmation: Confirmation; readonly frame: PeerFrame }
  | { readonly type: 'checked'; readonly channel: OpenChannel; readonly frame: PeerFrame }
  | { readonly type: 'finished'; readonly channel: OpenChannel }
  | ({ readonly type: 'sealed'; readonly lane: 0 | 1 } & Sealed)
  | ({ readonly type: 'turnSealed' } & Sealed)
  | {
      readonly type: 'opened';
      readonly channel: OpenChannel;
      readonly frame: PeerFrame;
      readonly opened: Opened;
      /** Unless it did not open, or is nothing that this client can read. */
      readonly record: Record | null;
      /** If it is one of a transfer. */
      readonly transfer: TransferRecord | null;
      readonly wall: number;
    }
  | { readonly type: 'failed' };

type Sealed = {
  readonly channel: OpenChannel;
  readonly counter: number;
  readonly frame: PeerFrame;
};

export type Effect =
  | { readonly do: 'lookUp' }
  /** The first key of a peer, which has proven it. */
  | { readonly do: 'pin'; readonly fingerprint: string }
  /** Another key than the pinned one, which the person takes. */
  | { readonly do: 'trust'; readonly fingerprint: string }
  | { readonly do: 'confirmPeer'; readonly fingerprint: string }
  | { readonly do: 'makeOffer'; readonly key: PeerKey }
  | { readonly do: 'weigh'; readonly offer: Offer; readonly m1: PeerFrame }
  | { readonly do: 'answer'; readonly key: PeerKey; readonly m1: PeerFrame }
  | { readonly do: 'accept'; readonly offer: Offer; readonly m2: Bytes }
  | { readonly do: 'check'; readonly answer: Answer; readonly m3: Bytes }
  | { readonly do: 'finish'; readonly confirmation: Confirmation; readonly m4: Bytes }
  | {
      readonly do: 'seal';
      readonly channel: OpenChannel;
      readonly lane: 0 | 1;
      readonly label: TalkLabel;
      readonly content: Bytes;
      /** For lines, whose id is the frame's. */
      readonly id?: FrameId;
    }
  /** Seals our turn of the keys, and takes it. */
  | { readonly do: 'turn'; readonly channel: OpenChannel }
  | { readonly do: 'open'; readonly channel: OpenChannel; readonly frame: PeerFrame }
  | { readonly do: 'send'; readonly frame: PeerFrame }
  /** A word of the peer about a file. */
  | { readonly do: 'deliver'; readonly record: TransferRecord }
  /** Says the proof that we ended, now and to whoever still asks for a while. */
  | { readonly do: 'part'; readonly farewell: Bytes }
  /** What the page says when it goes away and nothing else can be said any more. */
  | { readonly do: 'lastWords'; readonly farewell: Bytes | null }
  /** The keys are needed no more. */
  | { readonly do: 'erase'; readonly channel: OpenChannel }
  /** Says something about an offer, in the clear. */
  | { readonly do: 'tell'; readonly label: 'ack' | 'declined'; readonly offer: FrameId }
  /** Counts what the peer, or somebody in its name, said that has no place here. */
  | { readonly do: 'notice' }
  /** An offer that this conversation does not take: the person decides. */
  | { readonly do: 'ring'; readonly m1: PeerFrame };

/** What was said has no place here. */
export const NOTICED: readonly Effect[] = [{ do: 'notice' }];

export type Next = readonly [State, readonly Effect[]];

/** How long the peer's user may take to answer. */
export const RING_WAIT_MS = 60_000;
/** How long a handshake may take once it was answered. */
export const HANDSHAKE_WAIT_MS = 15_000;
/** How long M4 is kept for a caller that did not get it. */
export const ANSWER_KEPT_MS = 60_000;
/** How often an absent peer is rung: within the time that the server remembers our interest. */
export const RING_AGAIN_MS = 5 * 60_000;
/** Records that wait for M4. */
export const HELD_MAX = 64;

/** What a transition may know of the world. */
export type Surroundings = {
  readonly now: number;
  /** How long a peer that is away is waited for once a channel is open; 0: not at all. */
  readonly resumeWindowMs: number;
};

export function begin(call: Call): Next {
  return seek(call);
}

export function transition(state: State, event: Event, world: Surroundings): Next {
  switch (state.at) {
    case 'secure':
      return talk(state, event, world.now);
    case 'leaving':
      return whileLeaving(state, event, world.now);
    case 'offline':
      return whileOffline(state, event, world.now);
    case 'blocked':
      return whileBlocked(state, event);
    case 'ended':
      return [state, elsewhere(event)];
    default:
      return establish(state, event, world);
  }
}

/** When `tick` is due. */
export function deadline(state: State): number | null {
  switch (state.at) {
    case 'ringing':
    case 'answered':
    case 'confirmed':
      return Math.min(state.until, state.out.againAt);
    case 'answering':
    case 'checking':
    case 'confirming':
    case 'finishing':
      return state.until;
    case 'offline':
      return state.againAt;
    case 'secure':
      return talkDeadline(state);
    case 'seeking':
    case 'offering':
    case 'leaving':
    case 'blocked':
    case 'ended':
      return null;
  }
}

export function ended(why: Ending, unconfirmed = 0): State {
  return { at: 'ended', why, unconfirmed };
}

function whileOffline(state: State & { at: 'offline' }, event: Event, now: number): Next {
  switch (event.type) {
    case 'peerOnline':
    case 'linkOnline':
      return seek({ is: 'ring' });
    case 'tick':
      return now >= state.againAt ? seek({ is: 'ring' }) : [state, []];
    case 'frame':
      // An offer of somebody thought absent is itself proof of presence.
      return isOffer(event.frame) ? seek({ is: 'answer', m1: event.frame }) : [state, []];
    case 'leave':
      return [ended(null), []];
    case 'superseded':
      return [ended('cutOff'), []];
    default:
      return [state, []];
  }
}

function whileBlocked(state: State & { at: 'blocked' }, event: Event): Next {
  switch (event.type) {
    case 'acceptKey':
      return [state, [{ do: 'trust', fingerprint: state.offered }]];
    case 'trusted':
      return seek(state.call);
    case 'leave':
      return [
        ended(null),
        state.call.is === 'answer'
          ? [{ do: 'tell', label: 'declined', offer: state.call.m1.id }]
          : [],
      ];
    default:
      return [state, elsewhere(event)];
  }
}

/** What a conversation that takes no offers does with one. */
function elsewhere(event: Event): readonly Effect[] {
  return event.type === 'frame' && isOffer(event.frame) ? [{ do: 'ring', m1: event.frame }] : [];
}
