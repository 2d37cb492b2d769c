/**
 * Gets records across whatever lies between: keeps and re-sends what was sealed, puts what arrives
 * in order, waits for a peer that is away, and says when the keys turn.
 *
 * It decides about places, times and bytes and never about meaning; that is `talking.ts`. Each
 * function takes what is and what happened, and gives what is then and what is to be done.
 */
import type { PeerFrame } from '../wire/frames.ts';
import {
  type Acknowledgements,
  isDue,
  NOTHING_TOLD,
  noteArrival,
  noteGap,
  told,
} from './acknowledgements.ts';
import { asked, type Connection, isLinked, UP, unlinked, unreachable } from './connection.ts';
import { advance, aheadOf, EMPTY_INBOX, hold, type Inbox, patient, released } from './inbox.ts';
import {
  acknowledge,
  EMPTY_OUTBOX,
  hasRoom,
  type Kept,
  keep,
  type Outbox,
  pathLost,
  reserve,
  send,
} from './outbox.ts';
import type { Arrived, ControlRecord } from './records.ts';
import { measured, type RoundTrip, resendWaitMs, UNMEASURED } from './round-trip.ts';
import {
  aged,
  firstEpoch,
  mayTurn,
  spoken,
  type Turns,
  turnDeadline,
  turned,
  turnStep,
  wished,
} from './turns.ts';

/** What a turn takes of the outbox: two keys' worth, padded. */
const TURN_BYTES = 4_200;
/** How long anything may be missing where no connection is waited for. */
const STRICT_STALL_MS = 10_000;

export type Delivery = {
  /** How long a peer that is away is waited for; 0: not at all. */
  readonly windowMs: number;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly roundTrip: RoundTrip;
  /** Re-sends since something was acknowledged. */
  readonly tries: number;
  /** When the oldest is sent again. */
  readonly resendAt: number | null;
  /** When something was last acknowledged, or could first have been. */
  readonly progressAt: number;
  readonly acks: Acknowledgements;
  readonly connection: Connection;
  readonly turns: Turns;
};

/** What is to be done, in this order. */
export type Act =
  | { readonly do: 'say'; readonly record: ControlRecord }
  | { readonly do: 'turn' }
  | { readonly do: 'open'; readonly frame: PeerFrame }
  | { readonly do: 'send'; readonly frame: PeerFrame };

export type Delivered = readonly [Delivery, readonly Act[]];

export function begun(role: 'A' | 'B', windowMs: number, now: number): Delivery {
  return {
    windowMs,
    outbox: EMPTY_OUTBOX,
    inbox: EMPTY_INBOX,
    roundTrip: UNMEASURED,
    tries: 0,
    resendAt: null,
    progressAt: now,
    acks: NOTHING_TOLD,
    connection: UP,
    turns: firstEpoch(role, now),
  };
}

/** Whether anything may be said at all. */
export function canSend({ connection }: Delivery): boolean {
  return isLinked(connection);
}

/** Whether a record of so many sealed bytes can be taken. */
export function takes({ outbox }: Delivery, bytes: number): boolean {
  return hasRoom(outbox, bytes);
}

/** A place for a record of the talk, which is sealed after these acts. */
export function wanted(delivery: Delivery, bytes: number, now: number): Delivered {
  const turns = spoken(delivery.turns, 'me', now);
  const spoke = { ...delivery, turns };
  const [next, acts] = hasRoom(reserve(spoke.outbox, bytes), TURN_BYTES)
    ? withTurn(spoke, now)
    : ([spoke, []] as const);
  return [{ ...next, outbox: reserve(next.outbox, bytes) }, acts];
}

/** A record of the talk, or our turn, was sealed. */
export function sealed(
  delivery: Delivery,
  { counter, frame }: { readonly counter: number; readonly frame: PeerFrame },
  now: number,
): Delivered {
  const outbox = keep(delivery.outbox, counter, frame);
  const isFirst = delivery.outbox.kept.length === 0;
  const kept = { ...delivery, outbox, progressAt: isFirst ? now : delivery.progressAt };
  return delivery.connection.is === 'up'
    ? sent(kept, (each) => each.counter === counter, now)
    : [kept, []];
}

export function turnSealed(
  delivery: Delivery,
  record: { readonly counter: number; readonly frame: PeerFrame },
  now: number,
): Delivered {
  return sealed({ ...delivery, turns: turned(delivery.turns, now) }, record, now);
}

/** A record of the talk opened: the awaited one. */
export function received(
  delivery: Delivery,
  { counter, isTurn }: { readonly counter: number; readonly isTurn: boolean },
  now: number,
): Delivered {
  const { inbox, ready } = advance(delivery.inbox, counter, now);
  const freed = isTurn ? released(inbox) : { inbox, ready: [] };
  const turns = isTurn ? turned(delivery.turns, now) : spoken(delivery.turns, 'peer', now);
  const acks = noteArrival(delivery.acks, now);
  const next = { ...delivery, inbox: freed.inbox, turns, acks };
  const opens = [...freed.ready, ...ready].map((frame) => ({ do: 'open', frame }) as const);
  return chain(next, [
    (each) => reached(each, now),
    (each) => withAck(each, now),
    (each) => withTurn(each, now),
    (each) => [each, opens],
  ]);
}

/** A record of the talk that came before: its acknowledgement may be lost. */
export function repeated(delivery: Delivery, now: number): Delivered {
  return withAck({ ...delivery, acks: noteArrival(delivery.acks, now) }, now);
}

/** A record whose turn has not come. */
export function early(
  delivery: Delivery,
  held: { readonly lane: 0 | 1; readonly counter: number; readonly frame: PeerFrame },
  now: number,
): Delivered {
  const inbox = hold(delivery.inbox, held, now);
  if (held.lane === 0) return [{ ...delivery, inbox }, []];
  const acks = noteGap(delivery.acks, inbox.next, now);
  return withAck({ ...delivery, inbox, acks }, now);
}

/** Something opened on the control lane: the peer is there. */
export function heardControl(delivery: Delivery, record: ControlRecord | null, now: number): Heard {
  switch (record?.is) {
    case 'ack':
      return acknowledged(delivery, record, now);
    case 'resume':
      return resumed(delivery, record, now);
    case 'turnPlease': {
      const turns = wished(delivery.turns, now);
      return heard(
        chain({ ...delivery, turns }, [
          (each) => reached(each, now),
          (each) => withTurn(each, now),
        ]),
      );
    }
    default:
      return heard(reached(delivery, now));
  }
}

export function linkLost(delivery: Delivery, now: number): Delivered {
  const { windowMs } = delivery;
  return away({ ...delivery, connection: unlinked(delivery.connection, windowMs, now) });
}

/** The server could not reach the peer, or refused a frame. */
export function peerGone(delivery: Delivery, now: number): Delivered {
  const { windowMs, connection } = delivery;
  if (connection.is === 'reconnecting') return [delivery, []];
  return away({ ...delivery, connection: unreachable(connection, windowMs, now) });
}

/** Our link is back, or is another one: both sides say anew what they have. */
export function linkOnline(delivery: Delivery, now: number): Delivered {
  const outbox = pathLost(delivery.outbox);
  return asking({ ...delivery, outbox, connection: asked(delivery.connection, now) }, now);
}

export function peerOnline(delivery: Delivery, now: number): Delivered {
  const { connection } = delivery;
  const waits = connection.is === 'reconnecting' && connection.askAt !== null;
  return waits ? asking({ ...delivery, connection: asked(connection, now) }, now) : [delivery, []];
}

/** Whether it has been waited for long enough. */
export function isOver(delivery: Delivery, now: number): boolean {
  const due = endsAt(delivery);
  return due !== null && now >= due;
}

export function ticked(delivery: Delivery, now: number): Delivered {
  const { connection, resendAt } = delivery;
  if (connection.is === 'reconnecting') {
    const asks = connection.askAt !== null && now >= connection.askAt;
    return asks ? asking({ ...delivery, connection: asked(connection, now) }, now) : [delivery, []];
  }
  return chain({ ...delivery, turns: aged(delivery.turns, now) }, [
    (each) => (resendAt !== null && now >= resendAt ? sentAgain(each, now) : [each, []]),
    (each) => withAck(each, now),
    (each) => withTurn(each, now),
  ]);
}

export function deadline(delivery: Delivery): number | null {
  const { connection, resendAt, acks, turns } = delivery;
  const times =
    connection.is === 'up'
      ? [resendAt, acks.dueAt, turnDeadline(turns), endsAt(delivery)]
      : [connection.askAt, endsAt(delivery)];
  const due = times.filter((time) => time !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** When it ends if nothing comes: the window, or the time that something may be missing. */
function endsAt({ connection, windowMs, outbox, inbox, progressAt }: Delivery): number | null {
  if (connection.is === 'reconnecting') return connection.until;
  const stallMs = windowMs === 0 ? STRICT_STALL_MS : windowMs;
  const since = [outbox.kept.length > 0 ? progressAt : null, inbox.gapSince];
  const due = since.filter((time) => time !== null);
  return due.length === 0 ? null : Math.min(...due) + stallMs;
}

type Heard = {
  readonly delivery: Delivery;
  readonly acts: readonly Act[];
  /** What was acknowledged. */
  readonly arrived: readonly Kept[];
};

function heard([delivery, acts]: Delivered, arrived: Heard['arrived'] = []): Heard {
  return { delivery, acts, arrived };
}

function acknowledged(delivery: Delivery, { next, ahead }: Arrived, now: number): Heard {
  const { delivery: freed, arrived } = letGo(delivery, next, now);
  const waitMs = resendWaitMs(freed.roundTrip, 0);
  const isMissing = ({ counter, sends, sentAt }: Kept) =>
    ahead !== null && counter < ahead && (sends < 2 || now >= (sentAt ?? 0) + waitMs);
  const lost = lostWith(arrived, freed.outbox);
  const after = chain(freed, [
    (each) => reached(each, now),
    (each) => sent(each, (kept) => isMissing(kept) || lost.has(kept.counter), now),
    (each) => withTurn(each, now),
  ]);
  return heard(after, arrived);
}

/**
 * A record got through only when it was sent again: those that were sent before that are lost as
 * well. Twice as many as arrived are sent again with each answer, so that a path that was down is
 * not flooded (the slow start of RFC 5681, section 3.1).
 */
function lostWith(arrived: readonly Kept[], { kept }: Outbox): ReadonlySet<number> {
  const newest = arrived.at(-1);
  if (newest === undefined || newest.sends < 2) return new Set();
  const again = newest.sentAt ?? 0;
  const before = kept.filter(({ sentAt }) => sentAt === null || sentAt < again);
  return new Set(before.slice(0, 2 * arrived.length).map(({ counter }) => counter));
}

function resumed(
  delivery: Delivery,
  { next, asks }: Arrived & { readonly asks: boolean },
  now: number,
): Heard {
  const { delivery: freed, arrived } = letGo(delivery, next, now);
  const waitMs = resendWaitMs(freed.roundTrip, 0);
  const mayBeLost = ({ sentAt }: Kept) => sentAt === null || now >= sentAt + waitMs;
  const inbox = patient(freed.inbox, now);
  const up = { ...freed, inbox, connection: UP, tries: 0, progressAt: now };
  const after = chain(up, [
    (each) => (asks ? stating(each, { asks: false }, now) : [each, []]),
    (each) => sent(each, mayBeLost, now),
    (each) => withTurn(each, now),
  ]);
  return heard(after, arrived);
}

/** Lets go of what the peer has, and measures how long the newest of it took. */
function letGo(delivery: Delivery, next: number, now: number) {
  const { outbox, arrived } = acknowledge(delivery.outbox, next);
  const newest = arrived.at(-1);
  if (newest === undefined) return { delivery, arrived };
  const once = newest.sends === 1 && newest.sentAt !== null;
  const roundTrip = once ? measured(delivery.roundTrip, now - newest.sentAt) : delivery.roundTrip;
  const resendAt = outbox.kept.length === 0 ? null : now + resendWaitMs(roundTrip, 0);
  const freed = { ...delivery, outbox, roundTrip, resendAt, tries: 0, progressAt: now };
  return { delivery: freed, arrived };
}

/** The peer is there. What it has of ours is not known unless it said so. */
function reached(delivery: Delivery, now: number): Delivered {
  if (delivery.connection.is === 'up') return [delivery, []];
  const inbox = patient(delivery.inbox, now);
  const up = { ...delivery, inbox, connection: UP, progressAt: now, tries: 0 };
  const resendAt = up.outbox.kept.length === 0 ? null : now + resendWaitMs(up.roundTrip, 0);
  return asking({ ...up, resendAt }, now);
}

function away(delivery: Delivery): Delivered {
  return [{ ...delivery, outbox: pathLost(delivery.outbox), resendAt: null }, []];
}

/**
 * Asks, and says the oldest record again: after our own turn of the keys the question is in an
 * epoch that the peer does not know before it has that turn.
 */
function asking(delivery: Delivery, now: number): Delivered {
  const oldest = delivery.outbox.kept[0]?.counter;
  return chain(delivery, [
    (each) => stating(each, { asks: true }, now),
    (each) => sent(each, ({ counter }) => counter === oldest, now),
  ]);
}

function stating(delivery: Delivery, { asks }: { readonly asks: boolean }, now: number): Delivered {
  const { inbox, acks } = delivery;
  const record = { is: 'resume', asks, next: inbox.next, ahead: aheadOf(inbox) } as const;
  return [{ ...delivery, acks: told(acks, now) }, [{ do: 'say', record }]];
}

function withAck(delivery: Delivery, now: number): Delivered {
  const { acks, inbox, connection } = delivery;
  if (!isDue(acks, now) || !isLinked(connection)) return [delivery, []];
  const record = { is: 'ack', next: inbox.next, ahead: aheadOf(inbox) } as const;
  return [{ ...delivery, acks: told(acks, now) }, [{ do: 'say', record }]];
}

function withTurn(delivery: Delivery, now: number): Delivered {
  const { turns, connection, outbox } = delivery;
  const step = connection.is === 'up' ? turnStep(turns, now) : 'nothing';
  if (step === 'ask') {
    const record = { is: 'turnPlease' } as const;
    return [{ ...delivery, turns: { ...turns, askedAt: now } }, [{ do: 'say', record }]];
  }
  if (step === 'nothing' || !mayTurn(turns) || !hasRoom(outbox, TURN_BYTES)) return [delivery, []];
  const turning = { ...turns, isTurning: true };
  return [{ ...delivery, turns: turning, outbox: reserve(outbox, TURN_BYTES) }, [{ do: 'turn' }]];
}

/** The oldest once more, and what was never sent over this path. */
function sentAgain(delivery: Delivery, now: number): Delivered {
  const oldest = delivery.outbox.kept[0]?.counter;
  const tries = delivery.tries + 1;
  const chosen = ({ counter, sentAt }: Kept) => counter === oldest || sentAt === null;
  const [next, acts] = sent({ ...delivery, tries }, chosen, now);
  return [{ ...next, resendAt: now + resendWaitMs(next.roundTrip, tries) }, acts];
}

function sent(delivery: Delivery, chosen: (kept: Kept) => boolean, now: number): Delivered {
  const { outbox, frames } = send(delivery.outbox, chosen, now);
  if (frames.length === 0) return [delivery, []];
  const resendAt = delivery.resendAt ?? now + resendWaitMs(delivery.roundTrip, delivery.tries);
  return [
    { ...delivery, outbox, resendAt },
    frames.map((frame) => ({ do: 'send', frame }) as const),
  ];
}

function chain(
  delivery: Delivery,
  steps: readonly ((delivery: Delivery) => Delivered)[],
): Delivered {
  return steps.reduce<Delivered>(
    ([each, acts], step) => {
      const [next, more] = step(each);
      return [next, [...acts, ...more]];
    },
    [delivery, []],
  );
}
