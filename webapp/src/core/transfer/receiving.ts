/**
 * A file on its way in, as a pure machine: events in, effects out.
 *
 *     offered ─accept─▶ preparing ─▶ moving ─all written, hash known─▶ finishing ─▶ delivered
 *        └──────────────────┴────────────┴── cancelled, idle, failed, damaged ─┴─▶ ended
 *
 * What was delivered is _read_ once its person has looked at it; that is said once.
 *
 * Chunks are opened and written one after another; those that came too early are held as sealed.
 * All that is held lies between what was written and what was granted, so it has a bound.
 */
import type { Bytes } from '../bytes.ts';
import { chunkCount, endOf } from './header.ts';
import {
  CREDIT_AGAIN_MS,
  CREDIT_CHUNKS,
  CREDIT_EVERY_MS,
  CREDIT_WITHIN_MS,
  IDLE_MS,
  IN_FLIGHT_BYTES_MAX,
} from './limits.ts';
import { marked, type Speed } from './pace.ts';
import type { Reason, TransferRecord } from './records.ts';
import { type FileShape, type Moment, NOT_PAUSED, type Paused } from './sending.ts';

/** Also when the next word to the sender may be said: now, or later. */
export type ReceivingMoment = Moment & { readonly wordAt: number };

type Live = { readonly paused: Paused; readonly idleAt: number };

/** A chunk that was opened: as it is, and as it came. */
export type OpenedChunk = { readonly plain: Bytes; readonly sealed: Bytes };

/** What the sender was last told. */
type Told = {
  readonly next: number;
  readonly written: number;
  readonly grantedBytes: number;
  /** `null` before the first word. */
  readonly at: number | null;
};

export type MovingIn = Live & {
  readonly at: 'moving';
  /** The next chunk to be opened. */
  readonly next: number;
  /** Chunks that were written: all before this one. */
  readonly written: number;
  readonly held: ReadonlyMap<number, Bytes>;
  readonly opening: Bytes | null;
  /** Opened and not yet written; the first is being written if `writing`. */
  readonly unwritten: readonly OpenedChunk[];
  readonly writing: boolean;
  readonly hash: Bytes | null;
  readonly told: Told;
  readonly tellAt: number | null;
  readonly speed: Speed;
};

export type Receiving =
  | (Live & { readonly at: 'offered' })
  | (Live & { readonly at: 'preparing' })
  | MovingIn
  | (Live & { readonly at: 'finishing' })
  | { readonly at: 'delivered'; readonly isRead: boolean }
  | { readonly at: 'ended'; readonly why: Reason; readonly by: 'me' | 'peer' };

export type ReceivingEvent =
  | { readonly type: 'accept' }
  | { readonly type: 'prepared' }
  | { readonly type: 'chunk'; readonly chunk: number; readonly sealed: Bytes }
  /** `null` for what does not open. */
  | { readonly type: 'opened'; readonly plain: Bytes | null }
  | { readonly type: 'written' }
  | { readonly type: 'end'; readonly hash: Bytes }
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly why: 'failed' | 'damaged' }
  /** The person here has looked at it. */
  | { readonly type: 'read' }
  | { readonly type: 'pause'; readonly by: 'me' | 'peer'; readonly on: boolean }
  | { readonly type: 'cancel'; readonly by: 'me' | 'peer'; readonly why: Reason }
  | { readonly type: 'resumed' }
  | { readonly type: 'tick' };

export type ReceivingEffect =
  | { readonly do: 'prepare' }
  | { readonly do: 'open'; readonly chunk: number; readonly sealed: Bytes }
  | { readonly do: 'write'; readonly chunk: OpenedChunk }
  /** Compare the hash, then close the sink. */
  | { readonly do: 'finish'; readonly hash: Bytes }
  | { readonly do: 'say'; readonly record: TransferRecord }
  /** Erase the key and whatever was written. */
  | { readonly do: 'discard' };

type Next = readonly [Receiving, readonly ReceivingEffect[]];

export function offeredAt(now: number): Receiving {
  return { at: 'offered', paused: NOT_PAUSED, idleAt: now + IDLE_MS };
}

export function receivingTransition(
  state: Receiving,
  event: ReceivingEvent,
  file: FileShape,
  moment: ReceivingMoment,
): Next {
  const { now } = moment;
  if (state.at === 'ended') return [state, []];
  if (state.at === 'delivered') return event.type === 'read' ? read(state, file) : [state, []];
  if (event.type === 'cancel') return ended(event.why, event.by, file);
  if (event.type === 'failed') return ended(event.why, 'me', file);
  if (event.type === 'tick' && now >= state.idleAt) return ended('idle', 'me', file);
  if (event.type === 'pause') return paused(state, event, file, moment);
  switch (state.at) {
    case 'offered':
      return event.type === 'accept'
        ? [{ ...state, at: 'preparing', idleAt: now + IDLE_MS }, [{ do: 'prepare' }]]
        : [state, []];
    case 'preparing':
      return event.type === 'prepared' ? told(begun(state, now), file, moment, 'now') : [state, []];
    case 'moving':
      return whileMoving(state, event, file, moment);
    case 'finishing': {
      const record = { is: 'fileDelivered', lane: file.lane } as const;
      return event.type === 'finished'
        ? [{ at: 'delivered', isRead: false }, [{ do: 'say', record }]]
        : [state, []];
    }
  }
}

/** When `tick` is due. Without a way nothing is told, so nothing but idleness is waited for. */
export function receivingDeadline(state: Receiving, up: boolean): number | null {
  switch (state.at) {
    case 'moving':
      return up ? Math.min(state.idleAt, state.tellAt ?? Infinity) : state.idleAt;
    case 'offered':
    case 'preparing':
    case 'finishing':
      return state.idleAt;
    default:
      return null;
  }
}

function read(state: Receiving & { at: 'delivered' }, { lane }: FileShape): Next {
  if (state.isRead) return [state, []];
  return [{ ...state, isRead: true }, [{ do: 'say', record: { is: 'fileRead', lane } }]];
}

function ended(why: Reason, by: 'me' | 'peer', { lane }: FileShape): Next {
  const say: ReceivingEffect[] =
    by === 'me' ? [{ do: 'say', record: { is: 'fileCancel', lane, why } }] : [];
  return [{ at: 'ended', why, by }, [...say, { do: 'discard' }]];
}

function paused(
  state: Receiving & Live,
  { by, on }: ReceivingEvent & { type: 'pause' },
  file: FileShape,
  moment: ReceivingMoment,
): Next {
  if (state.paused[by] === on) return [state, []];
  const idleAt = moment.now + IDLE_MS;
  const after = { ...state, paused: { ...state.paused, [by]: on }, idleAt };
  const record = { is: 'filePause', lane: file.lane, on } as const;
  const say: ReceivingEffect[] = by === 'me' ? [{ do: 'say', record }] : [];
  if (after.at !== 'moving') return [after, say];
  const [next, effects] = told(after, file, moment, 'now');
  return [next, [...say, ...effects]];
}

function begun({ paused, idleAt }: Live, now: number): MovingIn {
  return {
    at: 'moving',
    paused,
    idleAt,
    next: 0,
    written: 0,
    held: new Map(),
    opening: null,
    unwritten: [],
    writing: false,
    hash: null,
    told: { next: 0, written: 0, grantedBytes: 0, at: null },
    tellAt: null,
    speed: marked([], 0, now),
  };
}

function whileMoving(
  state: MovingIn,
  event: ReceivingEvent,
  file: FileShape,
  moment: ReceivingMoment,
): Next {
  switch (event.type) {
    case 'chunk':
      return arrived(state, event, file, moment);
    case 'opened':
      return opened(state, event.plain, file, moment);
    case 'written': {
      if (!state.writing) return [state, []];
      const unwritten = state.unwritten.slice(1);
      const written = state.written + 1;
      return worked({ ...state, unwritten, written, writing: false }, file, moment, 'soon');
    }
    case 'end':
      return worked({ ...state, hash: state.hash ?? event.hash }, file, moment, 'later');
    case 'resumed':
      return told(state, file, moment, 'now');
    case 'tick':
      return told(state, file, moment, 'later');
    default:
      return [state, []];
  }
}

function arrived(
  state: MovingIn,
  { chunk, sealed }: ReceivingEvent & { type: 'chunk' },
  file: FileShape,
  moment: ReceivingMoment,
): Next {
  const { next, held, opening, told: before } = state;
  // Beyond what was granted: the sender does not keep to its word, or somebody else sent it.
  if (chunk >= chunkCount(file) || endOf(file, chunk) > before.grantedBytes) return [state, []];
  const repeated = chunk < next || held.has(chunk) || (chunk === next && opening !== null);
  if (repeated) return told(state, file, moment, 'soon');
  const after = { ...state, held: new Map(held).set(chunk, sealed) };
  return worked(after, file, moment, 'later');
}

function opened(
  state: MovingIn,
  plain: Bytes | null,
  file: FileShape,
  moment: ReceivingMoment,
): Next {
  const { opening, next, unwritten } = state;
  if (opening === null) return [state, []];
  if (plain === null) return worked({ ...state, opening: null }, file, moment, 'now');
  const after = {
    ...state,
    opening: null,
    next: next + 1,
    unwritten: [...unwritten, { plain, sealed: opening }],
    idleAt: moment.now + IDLE_MS,
    speed: marked(state.speed, endOf(file, next), moment.now),
  };
  return worked(after, file, moment, 'soon');
}

/** Opens and writes what can be, and finishes when nothing is left to do. */
function worked(state: MovingIn, file: FileShape, moment: ReceivingMoment, when: When): Next {
  const { next, held, hash, written } = state;
  if (written === chunkCount(file) && hash !== null) {
    const { paused, idleAt } = state;
    return [{ at: 'finishing', paused, idleAt }, [{ do: 'finish', hash }]];
  }
  const sealed = state.opening === null ? held.get(next) : undefined;
  const chunk = state.writing ? undefined : state.unwritten[0];
  const effects: ReceivingEffect[] = [];
  let after = state;
  if (sealed !== undefined) {
    const rest = new Map(held);
    rest.delete(next);
    after = { ...after, held: rest, opening: sealed };
    effects.push({ do: 'open', chunk: next, sealed });
  }
  if (chunk !== undefined) {
    after = { ...after, writing: true };
    effects.push({ do: 'write', chunk });
  }
  const [last, words] = told(after, file, moment, hasGap(after) ? 'now' : when);
  return [last, [...effects, ...words]];
}

function hasGap({ held, opening }: MovingIn): boolean {
  return opening === null && held.size > 0;
}

/** How urgent a word to the sender is; `later` is when it would be said anyway. */
type When = 'now' | 'soon' | 'later';

/** Tells the sender where we are, if it is time, and winds the clock for the next time. */
function told(
  state: MovingIn,
  file: FileShape,
  { now, up, wordAt }: ReceivingMoment,
  when: When,
): Next {
  if (!up) return [{ ...state, tellAt: null }, []];
  const { next, written, told: before } = state;
  const much = Math.max(next - before.next, written - before.written) >= CREDIT_CHUNKS;
  const all = written === chunkCount(file) && before.written < written;
  const urgent = when === 'now' || much || all || before.at === null;
  const lastAt = before.at ?? -Infinity;
  const wished = urgent ? now : when === 'soon' ? now + CREDIT_WITHIN_MS : Infinity;
  const repeatAt = before.at === null ? now : lastAt + CREDIT_AGAIN_MS;
  // The same gap is seen with every chunk that comes.
  const mayAt = hasGap(state) ? Math.max(wordAt, lastAt + CREDIT_EVERY_MS) : wordAt;
  const tellAt = Math.max(mayAt, Math.min(wished, state.tellAt ?? repeatAt));
  if (now < tellAt) return [{ ...state, tellAt }, []];
  const writtenBytes = written === 0 ? 0 : endOf(file, written - 1);
  const roomy = Math.min(file.size, writtenBytes + IN_FLIGHT_BYTES_MAX);
  const { me, peer } = state.paused;
  const grantedBytes = me || peer ? before.grantedBytes : Math.max(before.grantedBytes, roomy);
  const gap = hasGap(state);
  const record = { is: 'credit', lane: file.lane, nextChunk: next, grantedBytes, gap } as const;
  const after = { next, written, grantedBytes, at: now };
  return [{ ...state, told: after, tellAt: now + CREDIT_AGAIN_MS }, [{ do: 'say', record }]];
}
