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
import { BUFFERED_BYTES_MAX, BUFFERED_LOOK_MS, FRAME_EXTRA_BYTES, IDLE_MS } from './limits.ts';
import { backedOff, marked, measured, moved, type Pace, type Speed, UNMEASURED } from './pace.ts';
import type { Reason, TransferRecord } from './records.ts';
import { narrowed, type Passage, UNKNOWN_PATH, type Window, widened } from './window.ts';

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
  /** On its way for all that is known: neither refused nor sent on a way that is no more. */
  readonly isOut: boolean;
  /** What had been acknowledged when it was first sent, and since when. */
  readonly after: { readonly acknowledged: number; readonly since: number };
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
  /** The connection is new: all that was in flight goes again once the peer says where it is. */
  readonly resuming: boolean;
  /** A chunk was refused: nothing goes before something is acknowledged, or its time has come. */
  readonly refused: boolean;
  readonly pace: Pace;
  readonly sendWindow: Window;
  /** When something was acknowledged last. */
  readonly movedAt: number;
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
    refused: false,
    pace: UNMEASURED,
    sendWindow: UNKNOWN_PATH,
    movedAt: now,
    resendAt: null,
    lookAt: null,
    speed: marked([], 0, now),
  };
}

function whileMoving(state: MovingOut, event: SendingEvent, file: FileShape, moment: Moment): Next {
  switch (event.type) {
    case 'credit':
      return credited(state, event, file, moment);
    case 'sealed':
      return sealed(state, event, file, moment);
    case 'refused':
      return [refused(state, event.id, file, moment), []];
    case 'resumed': {
      const flights = state.flights.map((flight) => ({ ...flight, isOut: false }));
      const anew = { ...state, flights, resuming: true, refused: false, sendWindow: UNKNOWN_PATH };
      return pumped(wound(anew, moment), file, moment);
    }
    case 'tick':
      return ticked(state, file, moment);
    default:
      return [state, []];
  }
}

function sealed(
  state: MovingOut,
  { chunk, id, body }: SendingEvent & { type: 'sealed' },
  file: FileShape,
  moment: Moment,
): Next {
  if (!state.reading || chunk !== state.next) return [state, []];
  const { now, up } = moment;
  const since = state.flights.some(({ isOut }) => isOut) ? state.movedAt : now;
  const after = { acknowledged: state.acknowledged, since };
  const flight = { chunk, id, body, attempt: 0, sentAt: up ? now : null, isOut: up, after };
  const flights = [...state.flights, flight];
  const kept = wound({ ...state, reading: false, next: chunk + 1, flights }, moment);
  return pumped(kept, file, moment, up ? [flight] : []);
}

/** Sent again when its time comes, or something was acknowledged: at once it would be refused again. */
function refused(state: MovingOut, id: FrameId, file: FileShape, { now }: Moment): MovingOut {
  const flight = state.flights.find((each) => each.id === id);
  if (flight === undefined) return state;
  const flights = state.flights.map((each) => (each === flight ? { ...each, isOut: false } : each));
  const sendWindow = narrowed(state.sendWindow, flight.sentAt ?? now, outBytes(flights, file), now);
  return { ...state, flights, sendWindow, refused: true, resendAt: now + state.pace.waitMs };
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
  let after: MovingOut = { ...state, grantedBytes: granted, resuming: false };
  if (nextChunk > state.acknowledged) after = acknowledged(after, nextChunk, file, moment);
  if (after.acknowledged === chunkCount(file)) {
    const { paused, idleAt } = after;
    return [{ at: 'completing', paused, idleAt }, [{ do: 'end' }]];
  }
  const patienceMs = after.pace.roundTripMs ?? after.pace.waitMs;
  const [oldest] = after.flights;
  const isLost = gap && oldest?.chunk === nextChunk && oldest.isOut;
  const overdue = isLost && now - (oldest.sentAt ?? 0) >= patienceMs;
  // Something has arrived, so that one that was refused will find its place.
  const spare = gap || nextChunk > state.acknowledged;
  return pumped(after, file, moment, moment.up && overdue ? [again(oldest, now)] : [], spare);
}

function acknowledged(
  state: MovingOut,
  nextChunk: number,
  file: FileShape,
  { now }: Moment,
): MovingOut {
  const arrived = state.flights.findLast(({ chunk }) => chunk < nextChunk);
  const passage = arrived === undefined ? null : passageOf(arrived, nextChunk, file);
  const pace = passage === null ? moved(state.pace) : measured(state.pace, now - passage.sentAt);
  const flights = state.flights.filter(({ chunk }) => chunk >= nextChunk);
  const bytes = bytesBefore(file, nextChunk);
  const load = {
    out: outBytes(flights, file),
    acknowledged: bytes - bytesBefore(file, state.acknowledged),
  };
  return {
    ...state,
    acknowledged: nextChunk,
    flights,
    refused: false,
    pace,
    sendWindow: widened(state.sendWindow, passage, load, now),
    movedAt: now,
    resendAt: flights.length === 0 ? null : now + pace.waitMs,
    idleAt: now + IDLE_MS,
    speed: marked(state.speed, bytes, now),
  };
}

/** `null` of a chunk that was sent twice, or on another way: what came of it nobody can say. */
function passageOf(
  { attempt, sentAt, isOut, after }: Flight,
  nextChunk: number,
  file: FileShape,
): Passage | null {
  if (attempt > 0 || sentAt === null || !isOut) return null;
  const bytes = bytesBefore(file, nextChunk) - bytesBefore(file, after.acknowledged);
  return { sentAt, since: after.since, bytes };
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
  const out = outBytes(state.flights, file);
  const sendWindow = narrowed(state.sendWindow, oldest.sentAt ?? now, out, now);
  const after = { ...state, pace, sendWindow, resendAt: now + pace.waitMs };
  return pumped(after, file, moment, [again(oldest, now)]);
}

/** A chunk is on its way or wants to be: from here on its acknowledgement is awaited. */
function wound(state: MovingOut, { now }: Moment): MovingOut {
  const waits = state.flights.length > 0 && state.resendAt === null;
  return waits ? { ...state, resendAt: now + state.pace.waitMs } : state;
}

/** Sends these, then what has to go again, and reads on if there is room for more. */
function pumped(
  state: MovingOut,
  file: FileShape,
  moment: Moment,
  first: readonly Flight[] = [],
  spare = false,
): Next {
  const after = { ...state, flights: replaced(state.flights, first) };
  const { repeats, isFull } = repeated(after, file, moment, outBytes(first, file), spare);
  const flights = replaced(after.flights, repeats);
  const sends = [...first, ...repeats].map((flight) => ({ do: 'send', flight }) as const);
  const want = isFull ? 'look' : wish({ ...after, flights }, file, moment);
  const last = {
    ...after,
    flights,
    reading: state.reading || want === 'read',
    lookAt: want === 'look' ? moment.now + BUFFERED_LOOK_MS : null,
  };
  return [last, want === 'read' ? [...sends, { do: 'read', chunk: state.next }] : sends];
}

/**
 * What is not on its way any more goes again as it finds room, after `handed` bytes in the socket as
 * well. One goes if there is room to spare, whatever the window is.
 */
function repeated(
  state: MovingOut,
  file: FileShape,
  moment: Moment,
  handed: number,
  spare: boolean,
): { readonly repeats: readonly Flight[]; readonly isFull: boolean } {
  const waiting = state.flights.filter(({ isOut }) => !isOut);
  const repeats: Flight[] = [];
  if (waiting.length === 0 || !moment.up || state.resuming) return { repeats, isFull: false };
  let out = outBytes(state.flights, file);
  let inSocket = moment.buffered + handed;
  for (const flight of waiting) {
    const bytes = flightBytes(file, flight.chunk);
    const fits = !state.refused && out + bytes <= state.sendWindow.bytes;
    if (!fits && !(spare && repeats.length === 0)) break;
    if (inSocket > BUFFERED_BYTES_MAX) return { repeats, isFull: true };
    repeats.push(again(flight, moment.now));
    out += bytes;
    inSocket += bytes;
  }
  return { repeats, isFull: false };
}

/** The same chunk on its way once more, or at last. */
function again(flight: Flight, now: number): Flight {
  const { sentAt, attempt } = flight;
  return { ...flight, isOut: true, sentAt: now, attempt: attempt + (sentAt === null ? 0 : 1) };
}

function replaced(flights: readonly Flight[], by: readonly Flight[]): readonly Flight[] {
  if (by.length === 0) return flights;
  const newer = new Map(by.map((flight) => [flight.chunk, flight]));
  return flights.map((flight) => newer.get(flight.chunk) ?? flight);
}

function wish(state: MovingOut, file: FileShape, moment: Moment): 'read' | 'look' | 'nothing' {
  const { next, flights, reading, refused, paused, grantedBytes, sendWindow } = state;
  if (reading || refused || !moment.up || paused.me || paused.peer || next >= chunkCount(file))
    return 'nothing';
  // What is not on its way goes first, so that what is kept is never more than the window was.
  if (flights.some(({ isOut }) => !isOut)) return 'nothing';
  const fits = outBytes(flights, file) + flightBytes(file, next) <= sendWindow.bytes;
  if (!fits || endOf(file, next) > grantedBytes) return 'nothing';
  return moment.buffered > BUFFERED_BYTES_MAX ? 'look' : 'read';
}

function outBytes(flights: readonly Flight[], file: FileShape): number {
  return flights.reduce((sum, { chunk, isOut }) => sum + (isOut ? flightBytes(file, chunk) : 0), 0);
}

/** Of a file, before this chunk. */
function bytesBefore(file: FileShape, chunk: number): number {
  return endOf(file, chunk - 1);
}
