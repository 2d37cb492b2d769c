/**
 * One recording of a voice or a video, as a pure machine: events in, effects out.
 *
 *     idle ─start─▶ asking ─▶ aiming ─record─▶ starting ─▶ recording ─▶ stopping ─▶ ready ─taken─▶ idle
 *                     │         └ video only      │          └ stop, limit, device lost, hidden
 *                     └──── refused ◀─────────────┴────────────────────────┘
 *
 * From everywhere `cancel` leads to idle, with the device off and nothing kept. A page that nobody
 * sees does not listen: what was recorded until then waits for the person to decide.
 *
 * Opening a device takes as long as a person takes to answer. Each try has a number, so that a
 * device which opens after nobody wants it any more is closed at once.
 */
import { FILE_BYTES_MAX, VOICE_BYTES_MAX, VOICE_MS_MAX } from '../transfer/limits.ts';
import type { Camera, Refusal, Wish } from './devices.ts';
import type { RecordedKind } from './kind.ts';

/** A recorder that has not begun, or not ended, by then never will. */
export const RECORDER_ANSWERS_WITHIN_MS = 5_000;

/**
 * What a recorder may still hand out after it was told to stop: a second of a video that moves
 * much, and what closes the file.
 */
export const LAST_PIECE_BYTES: { readonly [Kind in RecordedKind]: number } = {
  voice: 64 * 1024,
  video: 1024 * 1024,
};

/** How much is sent at most; an operator may allow less. A video ends by its size alone. */
export const RECORDED_MAX: {
  readonly [Kind in RecordedKind]: { readonly bytes: number; readonly ms: number };
} = {
  voice: { bytes: VOICE_BYTES_MAX, ms: VOICE_MS_MAX },
  video: { bytes: FILE_BYTES_MAX, ms: Number.POSITIVE_INFINITY },
};

/** Why nothing came of it. */
export type Failure = Refusal | 'deviceLost' | 'tooLarge';

/** Why it ended: only `asked` was the person's wish. */
export type Stopped = 'asked' | 'tooLong' | 'tooLarge' | 'deviceLost' | 'hidden';

/** What is ready to be sent. */
export type Recorded = {
  readonly kind: RecordedKind;
  readonly blob: Blob;
  readonly durationMs: number;
};

/** What is to be recorded, and with which try. */
type Take = { readonly take: number; readonly kind: RecordedKind; readonly bytesMax: number };

/** Its device is on. */
type Open = Take & { readonly camera: Camera | null; readonly canSwitch: boolean };

export type State =
  | { readonly at: 'idle' }
  /** The browser asks the person, or opens the device. */
  | (Take & { readonly at: 'asking' })
  | { readonly at: 'refused'; readonly kind: RecordedKind; readonly why: Failure }
  /** The camera is on, and nothing is recorded. */
  | (Open & { readonly at: 'aiming' })
  | (Open & { readonly at: 'starting'; readonly until: number })
  | (Open & { readonly at: 'recording'; readonly since: number; readonly bytes: number })
  | (Take & {
      readonly at: 'stopping';
      readonly why: Stopped;
      readonly durationMs: number;
      readonly until: number;
    })
  | { readonly at: 'ready'; readonly why: Stopped; readonly recorded: Recorded };

export type Event =
  // What the person asks for. The number of a take is the driver's to give, and never the same.
  | (Take & { readonly type: 'start' })
  | { readonly type: 'switchCamera'; readonly take: number }
  | { readonly type: 'record' }
  | { readonly type: 'stop' }
  | { readonly type: 'cancel' }
  /** What was ready has been handed on. */
  | { readonly type: 'taken' }
  // What the world says.
  | {
      readonly type: 'opened';
      readonly take: number;
      readonly camera: Camera | null;
      readonly canSwitch: boolean;
    }
  | { readonly type: 'refused'; readonly take: number; readonly why: Refusal }
  | { readonly type: 'begun'; readonly take: number }
  | { readonly type: 'piece'; readonly take: number; readonly bytes: number }
  | { readonly type: 'lost'; readonly take: number }
  /** `null` if nothing came of it. */
  | { readonly type: 'finished'; readonly take: number; readonly blob: Blob | null }
  /** Nobody sees the page any more. */
  | { readonly type: 'hidden' }
  | { readonly type: 'tick' };

export type Effect =
  | { readonly do: 'open'; readonly take: number; readonly wish: Wish }
  | { readonly do: 'begin'; readonly take: number }
  | { readonly do: 'finish'; readonly take: number }
  /** Switches the device off, now or as soon as it opens. */
  | { readonly do: 'close'; readonly take: number };

export type Next = readonly [State, readonly Effect[]];

export const IDLE: State = { at: 'idle' };

export function transition(state: State, event: Event, now: number): Next {
  if (isLate(state, event)) return [state, late(event)];
  switch (state.at) {
    case 'idle':
    case 'refused':
      return atRest(state, event);
    case 'asking':
      return whileAsking(state, event, now);
    case 'aiming':
      return whileAiming(state, event, now);
    case 'starting':
      return whileStarting(state, event, now);
    case 'recording':
      return whileRecording(state, event, now);
    case 'stopping':
      return whileStopping(state, event, now);
    case 'ready':
      return event.type === 'taken' || event.type === 'cancel' ? [IDLE, []] : [state, []];
  }
}

/** When `tick` is due; `null` for never. */
export function deadline(state: State): number | null {
  switch (state.at) {
    case 'starting':
    case 'stopping':
      return state.until;
    case 'recording': {
      const { ms } = RECORDED_MAX[state.kind];
      return Number.isFinite(ms) ? state.since + ms : null;
    }
    default:
      return null;
  }
}

/** How long it has been recorded; 0 where nothing is. */
export function elapsedMs(state: State, now: number): number {
  switch (state.at) {
    case 'recording':
      return Math.max(0, now - state.since);
    case 'stopping':
      return state.durationMs;
    case 'ready':
      return state.recorded.durationMs;
    default:
      return 0;
  }
}

/** News of a take that is over. */
function isLate(state: State, event: Event): boolean {
  if (!('take' in event) || event.type === 'start' || event.type === 'switchCamera') return false;
  return !('take' in state) || state.take !== event.take;
}

function late(event: Event): readonly Effect[] {
  return event.type === 'opened' ? [{ do: 'close', take: event.take }] : [];
}

function atRest(state: State, event: Event): Next {
  switch (event.type) {
    case 'start':
      return asked(limited(event), null);
    case 'cancel':
      return [IDLE, []];
    default:
      return [state, []];
  }
}

function limited({ take, kind, bytesMax }: Take): Take {
  return { take, kind, bytesMax: Math.min(bytesMax, RECORDED_MAX[kind].bytes) };
}

function asked(wanted: Take, insteadOf: Camera | null): Next {
  const { take, kind } = wanted;
  return [{ at: 'asking', ...wanted }, [{ do: 'open', take, wish: { kind, insteadOf } }]];
}

type At<Where extends State['at']> = Extract<State, { at: Where }>;

function whileAsking(state: At<'asking'>, event: Event, now: number): Next {
  const { at: _, ...wanted } = state;
  switch (event.type) {
    case 'opened': {
      const open = { ...wanted, camera: event.camera, canSwitch: event.canSwitch };
      return open.kind === 'video' ? [{ at: 'aiming', ...open }, []] : begun(open, now);
    }
    case 'refused':
      return [{ at: 'refused', kind: wanted.kind, why: event.why }, []];
    case 'cancel':
    case 'hidden':
      return given(state);
    default:
      return [state, []];
  }
}

function begun(open: Open, now: number): Next {
  const until = now + RECORDER_ANSWERS_WITHIN_MS;
  return [{ ...open, at: 'starting', until }, [{ do: 'begin', take: open.take }]];
}

/** Given up: the device is off. */
function given({ take }: Take): Next {
  return [IDLE, [{ do: 'close', take }]];
}

function failed({ take, kind }: Take, why: Failure): Next {
  return [{ at: 'refused', kind, why }, [{ do: 'close', take }]];
}

function whileAiming(state: At<'aiming'>, event: Event, now: number): Next {
  const { take, kind, bytesMax, camera } = state;
  switch (event.type) {
    case 'record':
      return begun(state, now);
    case 'switchCamera': {
      const [next, effects] = asked({ take: event.take, kind, bytesMax }, camera);
      return [next, [{ do: 'close', take }, ...effects]];
    }
    case 'lost':
      return failed(state, 'deviceLost');
    case 'cancel':
    case 'hidden':
      return given(state);
    default:
      return [state, []];
  }
}

function whileStarting(state: At<'starting'>, event: Event, now: number): Next {
  const { until, ...open } = state;
  switch (event.type) {
    case 'begun':
      return [{ ...open, at: 'recording', since: now, bytes: 0 }, []];
    case 'tick':
      return now >= until ? failed(state, 'failed') : [state, []];
    case 'lost':
      return failed(state, 'deviceLost');
    case 'cancel':
    case 'hidden':
      return given(state);
    default:
      return [state, []];
  }
}

function whileRecording(state: At<'recording'>, event: Event, now: number): Next {
  const { kind, since, bytesMax } = state;
  const { ms } = RECORDED_MAX[kind];
  switch (event.type) {
    case 'piece': {
      const bytes = state.bytes + event.bytes;
      const isFull = bytes > bytesMax - LAST_PIECE_BYTES[kind];
      return isFull ? stopped(state, 'tooLarge', now) : [{ ...state, bytes }, []];
    }
    case 'tick':
      return now >= since + ms ? stopped(state, 'tooLong', now) : [state, []];
    case 'stop':
      return stopped(state, 'asked', now);
    case 'hidden':
      return stopped(state, 'hidden', now);
    case 'lost':
      return stopped(state, 'deviceLost', now);
    case 'cancel':
      return given(state);
    default:
      return [state, []];
  }
}

function stopped(state: At<'recording'>, why: Stopped, now: number): Next {
  const { take, kind, bytesMax, since } = state;
  const durationMs = Math.min(Math.max(0, now - since), RECORDED_MAX[kind].ms);
  const until = now + RECORDER_ANSWERS_WITHIN_MS;
  const stopping = { at: 'stopping', take, kind, bytesMax, why, durationMs, until } as const;
  return [stopping, [{ do: 'finish', take }]];
}

function whileStopping(state: At<'stopping'>, event: Event, now: number): Next {
  const { take, kind, bytesMax, why, durationMs } = state;
  switch (event.type) {
    case 'finished': {
      const { blob } = event;
      if (blob === null || blob.size === 0) return failed(state, 'failed');
      if (blob.size > bytesMax) return failed(state, 'tooLarge');
      const recorded = { kind, blob, durationMs: Math.round(durationMs) };
      return [{ at: 'ready', why, recorded }, [{ do: 'close', take }]];
    }
    case 'tick':
      return now >= state.until ? failed(state, 'failed') : [state, []];
    case 'cancel':
      return given(state);
    default:
      return [state, []];
  }
}
