/**
 * A file on its way out, as a pure machine: events in, effects out.
 *
 *     queued ─▶ announcing ─▶ offered ─credit─▶ moving ─all acknowledged─▶ completing ─▶ delivered
 *        └──────────┴────────────┴───────────────┴── cancelled, idle, failed ──┴─▶ ended
 *
 * What is sent is kept as sealed until the peer's browser acknowledges it: sealing again could
 * give two texts under one nonce. Acknowledged is what was opened there, granted what was written.
 */
import type { Bytes } from '../bytes.ts';
import type { FrameId } from '../wire/ids.ts';
import { chunkCount, endOf, lengthOf } from './header.ts';
import {
  BUFFERED_BYTES_MAX,
  BUFFERED_LOOK_MS,
  FRAME_EXTRA_BYTES,
  IDLE_MS,
  IN_FLIGHT_BYTES_MAX,
} from './limits.ts';
import { backedOff, marked, measured, moved, type Pace, type Speed, UNMEASURED } from './pace.ts';
import type { Reason, TransferRecord } from './records.ts';

/** What never changes of a file on its way. */
export type FileShape = {
  readonly lane: number;
  readonly size: number;
  readonly chunkBytes: number;
};

/** What it is like outside while something happens. */
export type Moment = {
  readonly now: number;
  /** Whether anything can be sent. */
  readonly up: boolean;
  /** Bytes handed to the socket that have not left. */
  readonly buffered: number;
};

/** A chunk that was sealed and not acknowledged. */
export type Flight = {
  readonly chunk: number;
  readonly id: FrameId;
  readonly body: Bytes;
  readonly attempt: number;
  /** `null` while it could not be sent. */
  readonly sentAt: number | null;
};

export type Paused = { readonly me: boolean; readonly peer: boolean };
type Live = { readonly paused: Paused; readonly idleAt: number };

export type MovingOut = Live & {
  readonly at: 'moving';
  /** The next chunk to be read. */
  readonly next: number;
  /** Chunks that the peer has opened: all before this one. */
  readonly acknowledged: number;
  readonly grantedBytes: number;
  readonly flights: readonly Flight[];
  readonly reading: boolean;
  /** The connection is new: all that is in flight goes again once the peer says where it is. */
  readonly resuming: boolean;
  readonly pace: Pace;
  readonly resendAt: number | null;
  /** When the full socket is looked at again. */
  readonly lookAt: number | null;
  readonly speed: Speed;
};

export type Sending =
  | { readonly at: 'queued' }
  | { readonly at: 'announcing' }
  | (Live & { readonly at: 'offered' })
  | MovingOut
  | (Live & { readonly at: 'completing' })
  | { readonly at: 'delivered'; readonly isRead: boolean }
  | { readonly at: 'ended'; readonly why: Reason; readonly by: 'me' | 'peer' };

export type SendingEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'announced' }
  | { readonly type: 'sealed'; readonly chunk: number; readonly id: FrameId; readonly body: Bytes }
  | { readonly type: 'failed' }
  | {
      readonly type: 'credit';
      readonly nextChunk: number;
      readonly grantedBytes: number;
      readonly gap: boolean;
    }
  | { readonly type: 'delivered' }
  /** The person there has looked at it. */
  | { readonly type: 'read' }
  | { readonly type: 'pause'; readonly by: 'me' | 'peer'; readonly on: boolean }
  | { readonly type: 'cancel'; readonly by: 'me' | 'peer'; readonly why: Reason }
  /** The server did not pass a chunk on. */
  | { readonly type: 'refused'; readonly id: FrameId }
  /** There is a way again, ours or the peer's being new. */
  | { readonly type: 'resumed' }
  | { readonly type: 'tick' };

export type SendingEffect =
  /** Draw a key, say what comes. */
  | { readonly do: 'announce' }
  | { readonly do: 'read'; readonly chunk: number }
  | { readonly do: 'send'; readonly flight: Flight }
  | { readonly do: 'say'; readonly record: TransferRecord }
  /** Say the hash of the whole. */
  | { readonly do: 'end' }
  /** Erase the key. */
  | { readonly do: 'release' };

type Next = readonly [Sending, readonly SendingEffect[]];

export function sendingTransition(
  state: Sending,
  event: SendingEvent,
  file: FileShape,
  moment: Moment,
): Next {
  if (state.at === 'ended') return [state, []];
  if (state.at === 'delivered') return [event.type === 'read' ? readOf(state) : state, []];
  if (event.type === 'cancel') return ended(event.why, event.by, state, file);
  if (event.type === 'failed') return ended('failed', 'me', state, file);
  switch (state.at) {
    case 'queued':
      return event.type === 'begin' ? [{ at: 'announcing' }, [{ do: 'announce' }]] : [state, []];
    case 'announcing':
      return event.type === 'announced'
        ? [{ at: 'offered', paused: NOT_PAUSED, idleAt: moment.now + IDLE_MS }, []]
        : [state, []];
    case 'offered':
    case 'moving':
    case 'completing':
      return whileLive(state, event, file, moment);
  }
}

/** When `tick` is due. Without a way nothing is sent, so nothing but idleness is waited for. */
export function sendingDeadline(state: Sending, up: boolean): number | null {
  switch (state.at) {
    case 'moving':
      return up
        ? Math.min(state.idleAt, state.resendAt ?? Infinity, state.lookAt ?? Infinity)
        : state.idleAt;
    case 'offered':
    case 'completing':
      return state.idleAt;
    default:
      return null;
  }
}

/** What a chunk counts while it is on its way. */
export function flightBytes(file: FileShape, chunk: number): number {
  return lengthOf(file, chunk) + FRAME_EXTRA_BYTES;
}

export const NOT_PAUSED: Paused = { me: false, peer: false };

function ended(why: Reason, by: 'me' | 'peer', before: Sending, { lane }: FileShape): Next {
  const silent = by === 'peer' || before.at === 'queued' || before.at === 'announcing';
  const say: SendingEffect[] = silent
    ? []
    : [{ do: 'say', record: { is: 'fileCancel', lane, why } }];
  return [{ at: 'ended', why, by }, [...say, { do: 'release' }]];
}

/** The same state when it is known already: nothing has changed then. */
function readOf(state: Sending & { at: 'delivered' }): Sending {
  return state.isRead ? state : { ...state, isRead: true };
}

type LiveState = Sending & { at: 'offered' | 'moving' | 'completing' };

function whileLive(state: LiveState, event: SendingEvent, file: FileShape, moment: Moment): Next {
  if (event.type === 'tick' && moment.now >= state.idleAt) return ended('idle', 'me', state, file);
  if (event.type === 'pause') return paused(state, event, file, moment);
  switch (state.at) {
    case 'offered':
      return event.type === 'credit' && event.nextChunk === 0
        ? credited(accepted(state, moment), event, file, moment)
        : [state, []];
    case 'moving':
      return whileMoving(state, event, file, moment);
    case 'completing':
      return event.type === 'delivered'
        ? [{ at: 'delivered', isRead: false }, [{ do: 'release' }]]
        : [state, []];
  }
}

function paused(
  state: LiveState,
  { by, on }: SendingEvent & { type: 'pause' },
  file: FileShape,
  moment: Moment,
): Next {
  if (state.paused[by] === on) return [state, []];
  const idleAt = moment.now + IDLE_MS;
  const after = { ...state, paused: { ...state.paused, [by]: on }, idleAt };
  const record = { is: 'filePause', lane: file.lane, on } as const;
  const say: SendingEffect[] = by === 'me' ? [{ do: 'say', record }] : [];
  if (after.at !== 'moving') return [after, say];
  const [next, effects] = pumped(after, file, moment);
  return [next, [...say, ...effects]];
}

function accepted({ paused, idleAt }: Live, { now }: Moment): MovingOut {
  return {
    at: 'moving',
    paused,
    idleAt,
    next: 0,
    acknowledged: 0,
    grantedBytes: 0,
    flights: [],
    reading: false,
    resuming: false,
    pace: UNMEASURED,
    resendAt: null,
    lookAt: null,
    speed: marked([], 0, now),
  };
}

function whileMoving(state: MovingOut, event: SendingEvent, file: FileShape, moment: Moment): Next {
  switch (event.type) {
    case 'credit':
      return credited(state, event, file, moment);
    case 'sealed': {
      if (!state.reading || event.chunk !== state.next) return [state, []];
      const { chunk, id, body } = event;
      const flight = { chunk, id, body, attempt: 0, sentAt: moment.up ? moment.now : null };
      const flights = [...state.flights, flight];
      const sent = { ...state, reading: false, next: chunk + 1, flights };
      return pumped(wound(sent, moment), file, moment, moment.up ? [flight] : []);
    }
    case 'refused': {
      // Sent again when its time comes: at once it would be refused again.
      const known = state.flights.some(({ id }) => id === event.id);
      const resendAt = moment.now + state.pace.waitMs;
      return known ? [{ ...state, resendAt }, []] : [state, []];
    }
    case 'resumed':
      return pumped({ ...wound(state, moment), resuming: true }, file, moment);
    case 'tick':
      return ticked(state, file, moment);
    default:
      return [state, []];
  }
}

function credited(
  state: MovingOut,
  { nextChunk, grantedBytes, gap }: SendingEvent & { type: 'credit' },
  file: FileShape,
  moment: Moment,
): Next {
  const { now } = moment;
  // Nobody can have opened what was not sent.
  if (nextChunk > state.next) return [state, []];
  const granted = Math.max(state.grantedBytes, Math.min(file.size, grantedBytes));
  let after: MovingOut = { ...state, grantedBytes: granted };
  if (nextChunk > state.acknowledged) after = acknowledged(after, nextChunk, file, moment);
  if (after.acknowledged === chunkCount(file)) {
    const { paused, idleAt } = after;
    return [{ at: 'completing', paused, idleAt }, [{ do: 'end' }]];
  }
  const patienceMs = after.pace.roundTripMs ?? after.pace.waitMs;
  const [oldest] = after.flights;
  const overdue = oldest?.chunk === nextChunk && now - (oldest.sentAt ?? 0) >= patienceMs;
  const again = after.resuming ? after.flights : gap && overdue ? [oldest] : [];
  return pumped({ ...after, resuming: false }, file, moment, [], moment.up ? again : []);
}

function acknowledged(
  state: MovingOut,
  nextChunk: number,
  file: FileShape,
  { now }: Moment,
): MovingOut {
  const arrived = state.flights.findLast(({ chunk }) => chunk < nextChunk);
  const took = arrived?.attempt === 0 && arrived.sentAt !== null ? now - arrived.sentAt : null;
  const pace = took === null ? moved(state.pace) : measured(state.pace, took);
  const flights = state.flights.filter(({ chunk }) => chunk >= nextChunk);
  return {
    ...state,
    acknowledged: nextChunk,
    flights,
    pace,
    resendAt: flights.length === 0 ? null : now + pace.waitMs,
    idleAt: now + IDLE_MS,
    speed: marked(state.speed, endOf(file, nextChunk - 1), now),
  };
}

function ticked(state: MovingOut, file: FileShape, moment: Moment): Next {
  const { now, up, buffered } = moment;
  const [oldest] = state.flights;
  if (state.resendAt === null || now < state.resendAt || oldest === undefined || !up) {
    return pumped(state, file, moment);
  }
  // What has not left this browser cannot have been lost.
  if (buffered > BUFFERED_BYTES_MAX) {
    return pumped({ ...state, resendAt: now + BUFFERED_LOOK_MS }, file, moment);
  }
  const pace = backedOff(state.pace);
  return pumped({ ...state, pace, resendAt: now + pace.waitMs }, file, moment, [], [oldest]);
}

/** A chunk is on its way or wants to be: from here on its acknowledgement is awaited. */
function wound(state: MovingOut, { now }: Moment): MovingOut {
  const waits = state.flights.length > 0 && state.resendAt === null;
  return waits ? { ...state, resendAt: now + state.pace.waitMs } : state;
}

/** Sends these for the first time and those again, and reads on if there is room for more. */
function pumped(
  state: MovingOut,
  file: FileShape,
  moment: Moment,
  first: readonly Flight[] = [],
  again: readonly Flight[] = [],
): Next {
  const { now } = moment;
  const raised = new Map(
    again.map((flight) => {
      const { sentAt, attempt } = flight;
      return [
        flight.chunk,
        { ...flight, sentAt: now, attempt: attempt + (sentAt === null ? 0 : 1) },
      ];
    }),
  );
  const flights = state.flights.map((flight) => raised.get(flight.chunk) ?? flight);
  const sends = [...first, ...raised.values()].map((flight) => ({ do: 'send', flight }) as const);
  const want = wish(state, file, moment);
  const after = {
    ...state,
    flights,
    reading: state.reading || want === 'read',
    lookAt: want === 'look' ? now + BUFFERED_LOOK_MS : null,
  };
  return [after, want === 'read' ? [...sends, { do: 'read', chunk: state.next }] : sends];
}

function wish(state: MovingOut, file: FileShape, moment: Moment): 'read' | 'look' | 'nothing' {
  const { next, flights, reading, paused, grantedBytes } = state;
  if (reading || !moment.up || paused.me || paused.peer || next >= chunkCount(file))
    return 'nothing';
  const inFlight = flights.reduce((sum, { chunk }) => sum + flightBytes(file, chunk), 0);
  const fits = inFlight + flightBytes(file, next) <= IN_FLIGHT_BYTES_MAX;
  if (!fits || endOf(file, next) > grantedBytes) return 'nothing';
  return moment.buffered > BUFFERED_BYTES_MAX ? 'look' : 'read';
}
