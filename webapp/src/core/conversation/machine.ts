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
 * `talking.ts`. Awaited results come back as events and are judged by the state they meet.
 */
import type { Bytes } from '../bytes.ts';
import type { Channel, Opened } from '../crypto/channel.ts';
import type { Answer, Confirmation, Offer } from '../crypto/handshake.ts';
import type { PeerFrame } from '../wire/frames.ts';
import type { FrameId } from '../wire/ids.ts';
import { establish, isOffer, seek } from './establishing.ts';
import type { Line } from './lines.ts';
import type { Record } from './records.ts';
import type { Sending } from './sending.ts';
import { talk } from './talking.ts';

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

/** A line that the peer has not yet acknowledged. */
type Unacknowledged = {
  readonly id: FrameId;
  /** Known once it is sealed. */
  readonly counter: number | null;
  readonly ackBy: number;
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
  readonly channel: Channel;
  readonly peerFingerprint: string;
  readonly pin: PeerKey['pin'];
  readonly lines: readonly Line[];
  readonly unacknowledged: readonly Unacknowledged[];
  /** The peer's line up to which we said that we read. */
  readonly readUpTo: FrameId | null;
  /** What to say to a repeat of M3: the same M4. Until a record shows that the peer has it. */
  readonly answered: { readonly m3: Bytes; readonly m4: PeerFrame } | null;
  /** The offer that we answered; `null` if ours was. */
  readonly m1: PeerFrame | null;
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
  /** The goodbye is being sealed. */
  | { readonly at: 'leaving'; readonly channel: Channel }
  | { readonly at: 'offline'; readonly againAt: number }
  | {
      readonly at: 'blocked';
      readonly call: Call;
      readonly pinned: string;
      readonly offered: string;
    }
  | { readonly at: 'ended'; readonly why: Ending };

export type Event =
  // What the person asks for.
  | { readonly type: 'say'; readonly id: FrameId; readonly text: string; readonly wall: number }
  | { readonly type: 'seen'; readonly lineId: FrameId }
  | { readonly type: 'leave' }
  | { readonly type: 'acceptKey' }
  /** The person has compared this key with its holder. */
  | { readonly type: 'confirmPeer'; readonly fingerprint: string }
  // What the network says.
  | { readonly type: 'frame'; readonly frame: PeerFrame }
  | { readonly type: 'refused'; readonly code: string }
  | { readonly type: 'peerGone' }
  | { readonly type: 'peerOnline' }
  | { readonly type: 'linkOnline' }
  | { readonly type: 'linkLost' }
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
  | { readonly type: 'checked'; readonly channel: Channel; readonly frame: PeerFrame }
  | { readonly type: 'finished'; readonly channel: Channel }
  | {
      readonly type: 'sealed';
      readonly channel: Channel;
      readonly is: Record['is'];
      readonly counter: number;
      readonly frame: PeerFrame;
    }
  | {
      readonly type: 'opened';
      readonly channel: Channel;
      readonly frame: PeerFrame;
      readonly opened: Opened;
      /** Unless it did not open, or is nothing that this client can read. */
      readonly record: Record | null;
      readonly wall: number;
    }
  | { readonly type: 'failed' };

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
      readonly channel: Channel;
      readonly record: Record;
      /** For lines, whose id is the frame's. */
      readonly id?: FrameId;
    }
  | { readonly do: 'open'; readonly channel: Channel; readonly frame: PeerFrame }
  | { readonly do: 'send'; readonly frame: PeerFrame }
  /** Says something about an offer, in the clear. */
  | { readonly do: 'tell'; readonly label: 'ack' | 'declined'; readonly offer: FrameId }
  /** An offer that this conversation does not take: the person decides. */
  | { readonly do: 'ring'; readonly m1: PeerFrame };

export type Next = readonly [State, readonly Effect[]];

/** How long the peer's user may take to answer. */
export const RING_WAIT_MS = 60_000;
/** How long a handshake may take once it was answered. */
export const HANDSHAKE_WAIT_MS = 15_000;
/** How long a line may stay unacknowledged before the connection counts as cut. */
export const ACK_WAIT_MS = 10_000;
/** How often an absent peer is rung: within the time that the server remembers our interest. */
export const RING_AGAIN_MS = 5 * 60_000;
/** Records that wait for M4. */
export const HELD_MAX = 64;
/** Lines on their way at once. */
export const UNACKNOWLEDGED_MAX = 512;

export function begin(call: Call): Next {
  return seek(call);
}

export function transition(state: State, event: Event, now: number): Next {
  switch (state.at) {
    case 'secure':
      return talk(state, event, now);
    case 'leaving':
      return whileLeaving(state, event);
    case 'offline':
      return whileOffline(state, event, now);
    case 'blocked':
      return whileBlocked(state, event);
    case 'ended':
      return [state, elsewhere(event)];
    default:
      return establish(state, event, now);
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
      return state.unacknowledged[0]?.ackBy ?? null;
    case 'seeking':
    case 'offering':
    case 'leaving':
    case 'blocked':
    case 'ended':
      return null;
  }
}

function whileLeaving(state: State & { at: 'leaving' }, event: Event): Next {
  switch (event.type) {
    case 'sealed': {
      if (event.channel !== state.channel) return [state, []];
      // Lines said before go first; the goodbye is the last.
      const send: Effect[] = [{ do: 'send', frame: event.frame }];
      return event.is === 'bye' ? [{ at: 'ended', why: null }, send] : [state, send];
    }
    case 'linkLost':
    case 'failed':
      return [{ at: 'ended', why: null }, []];
    default:
      return [state, []];
  }
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
      return [{ at: 'ended', why: null }, []];
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
        { at: 'ended', why: null },
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
