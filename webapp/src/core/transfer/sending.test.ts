/** Decisions of a file on its way out that two whole browsers hide. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameId } from '../../test/builders.ts';
import { type Bytes, equal } from '../bytes.ts';
import { chunkCount, endOf } from './header.ts';
import { BUFFERED_LOOK_MS, IDLE_MS, IN_FLIGHT_BYTES_MAX, IN_FLIGHT_BYTES_MIN } from './limits.ts';
import {
  type FileShape,
  flightBytes,
  type Moment,
  type MovingOut,
  type Sending,
  type SendingEffect,
  type SendingEvent,
  sendingDeadline,
  sendingTransition,
} from './sending.ts';
import { UNKNOWN_PATH } from './window.ts';

const KIB = 1024;
const FILE: FileShape = { lane: 2, size: 20 * 64 * KIB, chunkBytes: 64 * KIB };

/** A machine, and all that it asked for. */
class Sender {
  state: Sending = { at: 'queued' };
  now = 0;
  up = true;
  buffered = 0;
  readonly asked: SendingEffect[] = [];
  readonly file: FileShape;

  constructor(file = FILE) {
    this.file = file;
    this.hear({ type: 'begin' });
    this.hear({ type: 'announced' });
  }

  hear(event: SendingEvent): readonly SendingEffect[] {
    const { now, up, buffered } = this;
    const moment: Moment = { now, up, buffered };
    const [state, effects] = sendingTransition(this.state, event, this.file, moment);
    this.state = state;
    this.asked.push(...effects);
    return effects;
  }

  /** Seals whatever is read, until nothing more is. */
  sealed(effects: readonly SendingEffect[]): void {
    for (const effect of effects) {
      if (effect.do !== 'read') continue;
      const body = new Uint8Array(8).fill(effect.chunk);
      this.sealed(
        this.hear({ type: 'sealed', chunk: effect.chunk, id: frameId(effect.chunk), body }),
      );
    }
  }

  credit(nextChunk: number, grantedBytes = this.file.size, gap = false): void {
    this.sealed(this.hear({ type: 'credit', nextChunk, grantedBytes, gap }));
  }

  tick(now: number): readonly SendingEffect[] {
    this.now = now;
    return this.hear({ type: 'tick' });
  }

  get moving(): MovingOut {
    if (this.state.at !== 'moving') throw new Error(`it is ${this.state.at}`);
    return this.state;
  }

  get inFlight(): number {
    const { flights } = this.moving;
    return flights.reduce((sum, { chunk }) => sum + flightBytes(this.file, chunk), 0);
  }
}

function sends(effects: readonly SendingEffect[]): [chunk: number, attempt: number][] {
  return effects.flatMap((effect) =>
    effect.do === 'send' ? [[effect.flight.chunk, effect.flight.attempt] as const] : [],
  ) as [number, number][];
}

describe('a file on its way out', () => {
  it('[XFER8] fills what may be in flight, and goes on as it is acknowledged', () => {
    const alice = new Sender();
    alice.credit(0);
    expect(sends(alice.asked).map(([chunk]) => chunk)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    alice.credit(2);
    expect(sends(alice.asked).map(([chunk]) => chunk)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(alice.inFlight).toBeLessThanOrEqual(IN_FLIGHT_BYTES_MIN);
  });

  it('[XFER8] goes no further than was granted, and believes no word about what it did not send', () => {
    const alice = new Sender();
    alice.credit(0, 3 * 64 * KIB - 1);
    expect(sends(alice.asked).length).toBe(2);
    alice.credit(3);
    expect([sends(alice.asked).length, alice.moving.acknowledged]).toEqual([2, 0]);
    // An older word that came late takes nothing back.
    alice.credit(2, 3 * 64 * KIB);
    alice.credit(1, 64 * KIB);
    expect([sends(alice.asked).length, alice.moving.acknowledged]).toEqual([3, 2]);
  });

  it('[XFER10] is sent again after a second, then after twice the time it took, doubling', () => {
    const alice = new Sender({ ...FILE, size: 3 * 64 * KIB });
    alice.credit(0);
    expect(sendingDeadline(alice.state, true)).toBe(1_000);
    expect(sends(alice.tick(999))).toEqual([]);
    expect(sends(alice.tick(1_000))).toEqual([[0, 1]]);
    expect(sendingDeadline(alice.state, true)).toBe(3_000);
    expect(sends(alice.tick(3_000))).toEqual([[0, 2]]);
    expect(sends(alice.tick(7_000))).toEqual([[0, 3]]);
    // Four seconds are the most.
    expect(sendingDeadline(alice.state, true)).toBe(11_000);
    expect(sends(alice.tick(11_000))).toEqual([[0, 4]]);
    expect(sendingDeadline(alice.state, true)).toBe(15_000);
  });

  it('[XFER10] measures the way with chunks that were sent once', () => {
    const waits = (tookMs: number) => {
      const alice = new Sender();
      alice.credit(0);
      alice.now = tookMs;
      alice.credit(1);
      return (sendingDeadline(alice.state, true) ?? 0) - tookMs;
    };
    expect([waits(10), waits(200), waits(900), waits(9_000)]).toEqual([300, 400, 1_800, 4_000]);
    const alice = new Sender();
    alice.credit(0);
    alice.tick(1_000);
    alice.now = 1_001;
    // The first was sent twice: which of the two was acknowledged nobody can say.
    alice.credit(1);
    expect(alice.moving.pace.roundTripMs).toBeNull();
    alice.now = 1_100;
    alice.credit(2);
    expect(alice.moving.pace.roundTripMs).toBe(1_100);
  });

  it('[XFER10] is sent again at once on a gap, but not twice for one', () => {
    const alice = new Sender();
    alice.credit(0);
    alice.now = 100;
    alice.credit(1);
    const before = alice.asked.length;
    alice.now = 190;
    alice.credit(1, FILE.size, true);
    // Chunk 1 was sent 190 ms ago, and the way takes 100.
    expect(sends(alice.asked.slice(before))).toEqual([[1, 1]]);
    alice.now = 250;
    alice.credit(1, FILE.size, true);
    expect(sends(alice.asked.slice(before))).toEqual([[1, 1]]);
    alice.now = 290;
    alice.credit(1, FILE.size, true);
    expect(sends(alice.asked.slice(before))).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('[XFER13] sends what is in flight again when the peer has said where it is', () => {
    const alice = new Sender();
    alice.credit(0, 7 * 64 * KIB);
    alice.up = false;
    alice.now = 5_000;
    expect(sendingDeadline(alice.state, false)).toBe(IDLE_MS);
    expect(alice.tick(5_000)).toEqual([]);
    alice.up = true;
    expect(alice.hear({ type: 'resumed' })).toEqual([]);
    const before = alice.asked.length;
    alice.credit(4, 7 * 64 * KIB);
    // Two of them are as much as may be in the socket at a time.
    expect(sends(alice.asked.slice(before))).toEqual([
      [4, 1],
      [5, 1],
    ]);
    expect(sendingDeadline(alice.state, true)).toBe(5_000 + BUFFERED_LOOK_MS);
    expect(sends(alice.tick(5_000 + BUFFERED_LOOK_MS))).toEqual([[6, 1]]);
    const after = alice.asked.length;
    alice.credit(4, 7 * 64 * KIB);
    expect(sends(alice.asked.slice(after))).toEqual([]);
  });

  it('[XFER13] keeps what was sealed while there was no way, and sends it as the first', () => {
    const alice = new Sender();
    const effects = alice.hear({
      type: 'credit',
      nextChunk: 0,
      grantedBytes: FILE.size,
      gap: false,
    });
    expect(effects).toEqual([{ do: 'read', chunk: 0 }]);
    alice.up = false;
    const body = new Uint8Array(8);
    expect(alice.hear({ type: 'sealed', chunk: 0, id: frameId(0), body })).toEqual([]);
    alice.up = true;
    alice.sealed(alice.hear({ type: 'resumed' }));
    alice.credit(0);
    expect(sends(alice.asked)).toContainEqual([0, 0]);
  });

  it('[XFER8] is not narrowed by an older word that came late', () => {
    const alice = new Sender();
    alice.credit(0);
    alice.credit(0, 64 * KIB);
    const before = alice.asked.length;
    alice.credit(7, 64 * KIB);
    expect(sends(alice.asked.slice(before)).length).toBe(7);
  });

  it('[XFER7] is not accepted by a word about chunks that nobody sent', () => {
    const alice = new Sender();
    alice.credit(1);
    expect([alice.state.at, sends(alice.asked)]).toEqual(['offered', []]);
    alice.credit(0);
    expect(alice.state.at).toBe('moving');
  });

  it('[XFER24] that was refused waits as long as if it had just been lost', () => {
    const alice = new Sender();
    alice.credit(0);
    alice.now = 900;
    alice.hear({ type: 'refused', id: frameId(50) });
    expect(sendingDeadline(alice.state, true)).toBe(1_000);
    alice.hear({ type: 'refused', id: frameId(3) });
    expect(sendingDeadline(alice.state, true)).toBe(1_900);
  });

  it('[XFER56] that was refused lets nothing go before something was acknowledged', () => {
    const alice = new Sender();
    alice.credit(0);
    alice.now = 40;
    for (const chunk of [5, 6]) alice.hear({ type: 'refused', id: frameId(chunk) });
    const before = alice.asked.length;
    // What says that nothing came makes no room.
    alice.credit(0);
    expect(sends(alice.asked.slice(before))).toEqual([]);
    alice.now = 100;
    alice.credit(3);
    // First what was refused, then what is new; together no more than may be on its way.
    expect(sends(alice.asked.slice(before))).toEqual([
      [5, 1],
      [6, 1],
      [7, 0],
      [8, 0],
      [9, 0],
    ]);
    expect(alice.inFlight).toBeLessThanOrEqual(IN_FLIGHT_BYTES_MIN);
  });

  it('[XFER56] that was refused goes for each word of a gap, for that says that one came', () => {
    const alice = new Sender();
    alice.credit(0);
    alice.now = 40;
    for (const chunk of [0, 1, 2]) alice.hear({ type: 'refused', id: frameId(chunk) });
    const before = alice.asked.length;
    alice.credit(0, FILE.size, true);
    expect(sends(alice.asked.slice(before))).toEqual([[0, 1]]);
    alice.credit(0, FILE.size, true);
    expect(sends(alice.asked.slice(before))).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it('[XFER55, XFER56] fills a long line, and half of that after a refusal', () => {
    const alice = new Sender({ ...FILE, size: 40 * 1024 * KIB });
    alice.credit(0);
    for (let round = 0; round < 20 && alice.inFlight < 2_000 * KIB; round += 1) {
      alice.now += 100;
      // A word for every three of those that were on their way.
      for (const end = alice.moving.next; alice.moving.acknowledged + 3 <= end; ) {
        alice.credit(alice.moving.acknowledged + 3);
      }
    }
    expect(alice.inFlight).toBeGreaterThanOrEqual(2_000 * KIB);
    const before = alice.inFlight;
    alice.hear({ type: 'refused', id: frameId(alice.moving.next - 1) });
    expect(alice.moving.sendWindow.bytes).toBeLessThanOrEqual(before / 2 + 64 * KIB);
    const { bytes } = alice.moving.sendWindow;
    alice.tick(alice.now + 4_000);
    expect(alice.moving.sendWindow.bytes).toBe(Math.max(IN_FLIGHT_BYTES_MIN, bytes / 2));
  });

  it('[XFER57] measures a new way anew, and fills it as if nothing had been sent', () => {
    const alice = new Sender({ ...FILE, size: 40 * 1024 * KIB });
    alice.credit(0);
    alice.now = 100;
    alice.credit(3);
    expect(alice.moving.sendWindow.leastMs).toBe(100);
    alice.up = false;
    alice.now = 9_000;
    alice.up = true;
    alice.hear({ type: 'resumed' });
    expect(alice.moving.sendWindow).toEqual(UNKNOWN_PATH);
    // What was acknowledged meanwhile had been sent on the old way.
    alice.credit(5);
    expect([alice.moving.sendWindow.leastMs, alice.moving.pace.roundTripMs]).toEqual([null, 100]);
  });

  it('[XFER14] reads nothing more while either side pauses', () => {
    for (const by of ['me', 'peer'] as const) {
      const alice = new Sender();
      alice.credit(0);
      alice.hear({ type: 'pause', by, on: true });
      const before = alice.asked.length;
      alice.credit(5);
      expect(sends(alice.asked.slice(before))).toEqual([]);
      alice.sealed(alice.hear({ type: 'pause', by, on: false }));
      expect(sends(alice.asked.slice(before)).length).toBe(5);
    }
  });

  it('[XFER17] is over after 10 minutes without an acknowledgement', () => {
    const alice = new Sender();
    alice.credit(0);
    alice.now = 60_000;
    alice.credit(1);
    alice.credit(1);
    alice.tick(IDLE_MS + 59_999);
    expect(alice.state.at).toBe('moving');
    const effects = alice.tick(IDLE_MS + 60_000);
    const record = { is: 'fileCancel', lane: 2, why: 'idle' };
    expect(effects).toEqual([{ do: 'say', record }, { do: 'release' }]);
  });

  it('[XFER8, XFER2] whatever happens, what is in flight is bounded and never changes', () => {
    const chunk = fc.constantFrom(4 * KIB, 64 * KIB, 192 * KIB);
    const event = fc.oneof(
      fc.record({
        is: fc.constant('credit' as const),
        ahead: fc.integer({ min: -2, max: 20 }),
        granted: fc.nat({ max: 8_000 * KIB }),
        gap: fc.boolean(),
      }),
      fc.record({
        is: fc.constantFrom('up', 'down', 'full', 'empty', 'seal', 'tick', 'pause', 'resume'),
      }),
      fc.record({ is: fc.constant('refuse' as const), chunk: fc.nat({ max: 80 }) }),
    );
    fc.assert(
      fc.property(chunk, fc.array(event, { maxLength: 120 }), (chunkBytes, events) => {
        const alice = new Sender({ lane: 2, chunkBytes, size: 6_000 * KIB + 1 });
        const bodies = new Map<number, Bytes>();
        const reads: number[] = [];
        let granted = 0;
        const watched = (effects: readonly SendingEffect[]) => {
          for (const effect of effects) {
            if (effect.do === 'read') reads.push(effect.chunk);
            if (effect.do !== 'send') continue;
            const { chunk: n, body } = effect.flight;
            expect(alice.up).toBe(true);
            expect(equal(bodies.get(n) ?? body, body)).toBe(true);
            expect(endOf(alice.file, n)).toBeLessThanOrEqual(granted);
            bodies.set(n, body);
          }
        };
        for (const each of events) {
          alice.now += 50;
          if (each.is === 'credit') {
            const acknowledged = alice.state.at === 'moving' ? alice.state.acknowledged : 0;
            const nextChunk = Math.max(0, acknowledged + each.ahead);
            const known =
              alice.state.at === 'moving' ? nextChunk <= alice.state.next : nextChunk === 0;
            if (known) granted = Math.max(granted, each.granted);
            const { granted: grantedBytes, gap } = each;
            watched(alice.hear({ type: 'credit', nextChunk, grantedBytes, gap }));
          } else if (each.is === 'refuse') {
            watched(alice.hear({ type: 'refused', id: frameId(each.chunk) }));
          } else if (each.is === 'seal') {
            const n = reads.at(-1) ?? 0;
            const body = crypto.getRandomValues(new Uint8Array(4));
            watched(alice.hear({ type: 'sealed', chunk: n, id: frameId(n), body }));
          } else if (each.is === 'up' || each.is === 'down') {
            alice.up = each.is === 'up';
            if (alice.up) watched(alice.hear({ type: 'resumed' }));
          } else if (each.is === 'full' || each.is === 'empty') {
            alice.buffered = each.is === 'full' ? 200 * KIB : 0;
          } else if (each.is === 'tick') {
            watched(alice.hear({ type: 'tick' }));
          } else {
            watched(alice.hear({ type: 'pause', by: 'me', on: each.is === 'pause' }));
          }
          if (alice.state.at !== 'moving') continue;
          expect(alice.inFlight).toBeLessThanOrEqual(IN_FLIGHT_BYTES_MAX);
        }
        // Each chunk is read, and so sealed, once.
        expect(reads).toEqual(reads.map((_, n) => n));
        expect(reads.length).toBeLessThanOrEqual(chunkCount(alice.file));
      }),
    );
  });
});
