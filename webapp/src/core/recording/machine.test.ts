/** What a recording does with each thing that may happen to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedKind } from './kind.ts';
import {
  deadline,
  type Effect,
  type Event,
  elapsedMs,
  IDLE,
  LAST_PIECE_BYTES,
  type Next,
  RECORDED_MAX,
  RECORDER_ANSWERS_WITHIN_MS,
  type State,
  transition,
} from './machine.ts';

const MINUTE_MS = 60_000;
const MANY_BYTES = Number.POSITIVE_INFINITY;
const CAMERA = { id: 'front', facing: 'user' } as const;

function start(take: number, kind: RecordedKind, bytesMax = MANY_BYTES): Event {
  return { type: 'start', take, kind, bytesMax };
}

function opened(take: number, kind: RecordedKind): Event {
  const camera = kind === 'video' ? CAMERA : null;
  return { type: 'opened', take, camera, canSwitch: false };
}

/** Everything that happens, one after the other, at one time. */
function happen(events: readonly Event[], from: State = IDLE, now = 0): Next {
  return events.reduce<Next>(
    ([state, effects], event) => {
      const [next, more] = transition(state, event, now);
      return [next, [...effects, ...more]];
    },
    [from, []],
  );
}

const begin = (kind: RecordedKind): readonly Event[] => [
  start(1, kind),
  opened(1, kind),
  { type: 'record' },
  { type: 'begun', take: 1 },
];

const recording = (kind: RecordedKind): State => happen(begin(kind))[0];

const KINDS: readonly RecordedKind[] = ['voice', 'video'];

describe('a recording', () => {
  it('[REC2] of a voice begins when the microphone is on', () => {
    const [state, effects] = happen([start(1, 'voice'), opened(1, 'voice')]);
    expect(state.at).toBe('starting');
    expect(effects).toEqual([
      { do: 'open', take: 1, wish: { kind: 'voice', insteadOf: null } },
      { do: 'begin', take: 1 },
    ]);
  });

  it('[REC2] of a video begins when its person says so', () => {
    const [aiming, effects] = happen([start(1, 'video'), opened(1, 'video')]);
    expect([aiming.at, effects.length]).toEqual(['aiming', 1]);
    expect(happen([{ type: 'record' }], aiming)[1]).toEqual([{ do: 'begin', take: 1 }]);
  });

  it.each(KINDS)('[REC8] of a %s that is stopped is ready, and handed over once', (kind) => {
    const [stopping, finish] = transition(recording(kind), { type: 'stop' }, 12_345);
    expect(finish).toEqual([{ do: 'finish', take: 1 }]);
    const blob = new Blob(['bytes']);
    const [ready, close] = transition(stopping, { type: 'finished', take: 1, blob }, 12_400);
    expect(close).toEqual([{ do: 'close', take: 1 }]);
    expect(ready).toEqual({
      at: 'ready',
      why: 'asked',
      recorded: { kind, blob, durationMs: 12_345 },
    });
    expect(happen([{ type: 'taken' }], ready)).toEqual([IDLE, []]);
  });

  it('[REC3] of a voice ends after five minutes, and keeps them', () => {
    const state = recording('voice');
    expect(deadline(state)).toBe(5 * MINUTE_MS);
    expect(transition(state, { type: 'tick' }, 5 * MINUTE_MS - 1)[0]).toBe(state);
    const [stopping] = transition(state, { type: 'tick' }, 5 * MINUTE_MS + 40);
    expect(stopping).toMatchObject({ at: 'stopping', why: 'tooLong', durationMs: 5 * MINUTE_MS });
  });

  it('[REC3] of a video has no end but its size', () => {
    const state = recording('video');
    expect(deadline(state)).toBeNull();
    expect(transition(state, { type: 'tick' }, 600 * MINUTE_MS)[0]).toBe(state);
  });

  it.each(KINDS)('[REC3] of a %s ends while what is still to come has room', (kind) => {
    const room = RECORDED_MAX[kind].bytes - LAST_PIECE_BYTES[kind];
    const full = happen([{ type: 'piece', take: 1, bytes: room }], recording(kind))[0];
    expect(full).toMatchObject({ at: 'recording', bytes: room });
    const [over, effects] = happen([{ type: 'piece', take: 1, bytes: 1 }], full);
    expect(over).toMatchObject({ at: 'stopping', why: 'tooLarge' });
    expect(effects).toEqual([{ do: 'finish', take: 1 }]);
  });

  it('[REC3] of a video ends earlier where less can be sent', () => {
    const mebibyte = 1024 * 1024;
    const [state] = happen([start(1, 'video', 3 * mebibyte), ...begin('video').slice(1)]);
    const [fits] = happen([{ type: 'piece', take: 1, bytes: 2 * mebibyte }], state);
    expect(fits.at).toBe('recording');
    const [over] = happen([{ type: 'piece', take: 1, bytes: 1 }], fits);
    expect(over).toMatchObject({ at: 'stopping', why: 'tooLarge', bytesMax: 3 * mebibyte });
  });

  it('[REC8] that is larger than can be sent all the same is refused', () => {
    const { bytes } = RECORDED_MAX.voice;
    const blob = { size: bytes + 1 } as Blob;
    const events: Event[] = [{ type: 'stop' }, { type: 'finished', take: 1, blob }];
    const [state, effects] = happen(events, recording('voice'));
    expect(state).toEqual({ at: 'refused', kind: 'voice', why: 'tooLarge' });
    expect(effects.at(-1)).toEqual({ do: 'close', take: 1 });
  });

  it.each([null, new Blob([])])('[REC8] of which nothing came is refused: %o', (blob) => {
    const events: Event[] = [{ type: 'stop' }, { type: 'finished', take: 1, blob }];
    expect(happen(events, recording('voice'))[0]).toMatchObject({ at: 'refused', why: 'failed' });
  });

  it.each([
    [{ type: 'lost', take: 1 }, 'deviceLost'],
    [{ type: 'hidden' }, 'hidden'],
  ] as const)('[REC4] is ended, and kept, by %o', (event, why) => {
    const [state, effects] = transition(recording('voice'), event, 4_000);
    expect(state).toMatchObject({ at: 'stopping', why, durationMs: 4_000 });
    expect(effects).toEqual([{ do: 'finish', take: 1 }]);
  });

  it('[REC4] that has not begun is given up when nobody sees the page', () => {
    for (const seen of [1, 2, 3]) {
      const [state, effects] = happen([...begin('video').slice(0, seen), { type: 'hidden' }]);
      expect([state, effects.at(-1)]).toEqual([IDLE, { do: 'close', take: 1 }]);
    }
  });

  it('[REC4] that has not begun is refused when the device is taken away', () => {
    for (const seen of [2, 3]) {
      const [state] = happen([...begin('video').slice(0, seen), { type: 'lost', take: 1 }]);
      expect(state).toEqual({ at: 'refused', kind: 'video', why: 'deviceLost' });
    }
  });

  it('[REC6] that is refused says why, and can be tried again', () => {
    const [refused] = happen([start(1, 'voice'), { type: 'refused', take: 1, why: 'denied' }]);
    expect(refused).toEqual({ at: 'refused', kind: 'voice', why: 'denied' });
    const [asking] = happen([start(2, 'voice')], refused);
    expect(asking).toMatchObject({ at: 'asking', take: 2, kind: 'voice' });
  });

  it('[REC7] fails if its recorder does not begin, or does not end', () => {
    const [starting] = happen(begin('voice').slice(0, 2));
    const [stopping] = happen([{ type: 'stop' }], recording('voice'));
    for (const state of [starting, stopping]) {
      expect(deadline(state)).toBe(RECORDER_ANSWERS_WITHIN_MS);
      const [failed, effects] = transition(state, { type: 'tick' }, RECORDER_ANSWERS_WITHIN_MS);
      expect(failed).toMatchObject({ at: 'refused', why: 'failed' });
      expect(effects).toEqual([{ do: 'close', take: 1 }]);
    }
  });

  it('[REC9] of another camera lets go of the first one before it asks', () => {
    const [aiming] = happen(begin('video').slice(0, 2));
    const [state, effects] = happen([{ type: 'switchCamera', take: 2 }], aiming);
    expect(state).toMatchObject({ at: 'asking', take: 2, kind: 'video' });
    expect(effects).toEqual([
      { do: 'close', take: 1 },
      { do: 'open', take: 2, wish: { kind: 'video', insteadOf: CAMERA } },
    ]);
  });

  it('[REC1] closes what opens after nobody wants it any more', () => {
    const [state] = happen([start(1, 'voice'), { type: 'cancel' }]);
    expect(happen([opened(1, 'voice')], state)).toEqual([IDLE, [{ do: 'close', take: 1 }]]);
  });
});

/** Anything that may happen, in a world that answers late, twice, or about takes of long ago. */
const anything: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    fc.constantFrom(...KINDS).map((kind) => start(0, kind)),
    fc.constant<Event>({ type: 'switchCamera', take: 0 }),
    fc
      .constantFrom('record', 'stop', 'cancel', 'taken', 'hidden', 'tick' as const)
      .map((type) => ({ type }) as Event),
    fc
      .tuple(fc.nat(6), fc.constantFrom('begun', 'lost' as const))
      .map(([take, type]): Event => ({ type, take })),
    fc.tuple(fc.nat(6), fc.constantFrom(...KINDS)).map(([take, kind]) => opened(take, kind)),
    fc.nat(6).map((take): Event => ({ type: 'refused', take, why: 'denied' })),
    fc
      .tuple(fc.nat(6), fc.nat(60 * 1024 * 1024))
      .map(([take, bytes]): Event => ({ type: 'piece', take, bytes })),
    fc
      .tuple(fc.nat(6), fc.constantFrom(null, new Blob(), new Blob(['x'])))
      .map(([take, blob]): Event => ({ type: 'finished', take, blob })),
  ),
  { maxLength: 60 },
);

/** Gives each take a number of its own, as the driver does. */
function numbered(events: readonly Event[]): readonly Event[] {
  let takes = 0;
  return events.map((event) => {
    if (event.type !== 'start' && event.type !== 'switchCamera') return event;
    takes += 1;
    return { ...event, take: takes };
  });
}

/** Which devices are on, by what was asked for: a device is on once it has opened. */
function lights(on: ReadonlySet<number>, event: Event, effects: readonly Effect[]): Set<number> {
  const lit = new Set(on);
  if (event.type === 'opened') lit.add(event.take);
  for (const effect of effects) if (effect.do === 'close') lit.delete(effect.take);
  return lit;
}

describe('whatever happens to a recording', () => {
  it('[REC1, REC5] a device is on only while it is used, and one at most', () => {
    fc.assert(
      fc.property(anything, fc.array(fc.nat(200_000)), (events, waits) => {
        let [state, on, now] = [IDLE as State, new Set<number>(), 0];
        for (const [place, event] of numbered(events).entries()) {
          now += waits[place] ?? 0;
          const [next, effects] = transition(state, event, now);
          on = lights(on, event, effects);
          state = next;
          const used = ['aiming', 'starting', 'recording', 'stopping'].includes(state.at);
          expect([...on]).toEqual(used && 'take' in state ? [state.take] : []);
          expect(elapsedMs(state, now)).toBeGreaterThanOrEqual(0);
          if (state.at === 'ready') expect(state.recorded.blob.size).toBeGreaterThan(0);
        }
        const [end, effects] = transition(state, { type: 'cancel' }, now);
        expect(end).toEqual(IDLE);
        expect([...lights(on, { type: 'cancel' }, effects)]).toEqual([]);
      }),
    );
  });

  it('[REC7] what is waited for comes, or is given up in time', () => {
    fc.assert(
      fc.property(anything, (events) => {
        const [state] = happen(numbered(events));
        const due = deadline(state);
        if (due === null) return;
        const [next] = transition(state, { type: 'tick' }, due);
        expect(next.at).not.toBe(state.at);
      }),
    );
  });
});
