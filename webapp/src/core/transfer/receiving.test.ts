/** Decisions of a file on its way in that two whole browsers hide. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkCount, lengthOf } from './header.ts';
import { IN_FLIGHT_BYTES_MAX } from './limits.ts';
import {
  type MovingIn,
  offeredAt,
  type Receiving,
  type ReceivingEffect,
  type ReceivingEvent,
  receivingDeadline,
  receivingTransition,
} from './receiving.ts';
import type { FileShape } from './sending.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const FILE: FileShape = { lane: 3, size: 80 * 64 * KIB, chunkBytes: 64 * KIB };

class Receiver {
  state: Receiving = offeredAt(0);
  now = 0;
  up = true;
  wordAt = 0;
  readonly file: FileShape;
  /** When the sender was told, and what. */
  readonly told: { at: number; next: number; granted: number; gap: boolean }[] = [];
  readonly opens: number[] = [];
  writes = 0;

  constructor(file = FILE) {
    this.file = file;
    this.hear({ type: 'accept' });
    this.hear({ type: 'prepared' });
  }

  hear(event: ReceivingEvent): readonly ReceivingEffect[] {
    const moment = { now: this.now, up: this.up, buffered: 0, wordAt: this.wordAt };
    const [state, effects] = receivingTransition(this.state, event, this.file, moment);
    this.state = state;
    for (const effect of effects) {
      if (effect.do === 'open') this.opens.push(effect.chunk);
      if (effect.do === 'write') this.writes += 1;
      if (effect.do !== 'say' || effect.record.is !== 'credit') continue;
      const { nextChunk: next, grantedBytes: granted, gap } = effect.record;
      this.told.push({ at: this.now, next, granted, gap });
    }
    return effects;
  }

  chunk(chunk: number): void {
    const length = chunk < chunkCount(this.file) ? lengthOf(this.file, chunk) : 1;
    this.hear({ type: 'chunk', chunk, sealed: new Uint8Array(length) });
  }

  opened(): void {
    const { opening } = this.moving;
    if (opening !== null) this.hear({ type: 'opened', plain: new Uint8Array(opening.length) });
  }

  /** A chunk that comes, opens and is written at once. */
  took(chunk: number): void {
    this.chunk(chunk);
    this.opened();
    this.hear({ type: 'written' });
  }

  tick(now: number): void {
    this.now = now;
    this.hear({ type: 'tick' });
  }

  get moving(): MovingIn {
    if (this.state.at !== 'moving') throw new Error(`it is ${this.state.at}`);
    return this.state;
  }
}

describe('a file on its way in', () => {
  it('[XFER9] is granted 4 MiB, and more as it is written', () => {
    const bob = new Receiver();
    expect(bob.told).toEqual([{ at: 0, next: 0, granted: 4 * MIB, gap: false }]);
    for (const chunk of [0, 1, 2]) bob.chunk(chunk);
    for (let n = 0; n < 3; n += 1) bob.opened();
    bob.tick(100);
    expect(bob.told.at(-1)).toMatchObject({ next: 3, granted: 4 * MIB });
    bob.hear({ type: 'written' });
    bob.tick(200);
    expect(bob.told.at(-1)).toMatchObject({ next: 3, granted: 4 * MIB + 64 * KIB });
  });

  it('[XFER9] ignores what is beyond what was granted, and beyond its end', () => {
    const bob = new Receiver();
    for (const chunk of [64, 79, 80, 2 ** 31]) bob.chunk(chunk);
    expect([bob.moving.held.size, bob.opens]).toEqual([0, []]);
    bob.chunk(63);
    expect(bob.moving.held.size).toBe(1);
  });

  it('[XFER11] is opened and written in order, whatever order it comes in', () => {
    const bob = new Receiver();
    for (const chunk of [2, 1, 2, 3]) bob.chunk(chunk);
    expect(bob.opens).toEqual([]);
    bob.chunk(0);
    bob.chunk(0);
    for (let n = 0; n < 4; n += 1) bob.opened();
    for (const chunk of [0, 1, 2, 3]) bob.chunk(chunk);
    expect([bob.opens, bob.moving.next]).toEqual([[0, 1, 2, 3], 4]);
    expect([bob.writes, bob.moving.unwritten.length]).toEqual([1, 4]);
    for (let n = 0; n < 4; n += 1) bob.hear({ type: 'written' });
    expect([bob.writes, bob.moving.written]).toEqual([4, 4]);
  });

  it('[XFER12] says where it is at once on a gap, otherwise within 100 ms', () => {
    const bob = new Receiver();
    bob.now = 50;
    bob.took(0);
    expect(bob.told.length).toBe(1);
    expect(receivingDeadline(bob.state, true)).toBe(150);
    bob.tick(150);
    expect(bob.told.at(-1)).toMatchObject({ at: 150, next: 1, gap: false });
    bob.now = 170;
    bob.chunk(2);
    expect(bob.told.at(-1)).toMatchObject({ at: 170, next: 1, gap: true });
  });

  it('[XFER12] says it after three chunks, and at the end, without waiting', () => {
    const bob = new Receiver({ ...FILE, size: 4 * 64 * KIB });
    bob.now = 20;
    for (const chunk of [0, 1]) bob.took(chunk);
    expect(bob.told.length).toBe(1);
    bob.took(2);
    expect(bob.told.at(-1)).toMatchObject({ at: 20, next: 3 });
    bob.now = 40;
    bob.took(3);
    expect(bob.told.at(-1)).toMatchObject({ at: 40, next: 4 });
  });

  it('[XFER12] says it every second while nothing comes, unless there is no way', () => {
    const bob = new Receiver();
    for (const at of [999, 1_000, 1_999, 2_000]) bob.tick(at);
    expect(bob.told.map(({ at }) => at)).toEqual([0, 1_000, 2_000]);
    bob.up = false;
    bob.tick(3_000);
    expect(receivingDeadline(bob.state, false)).toBe(600_000);
    bob.up = true;
    bob.now = 3_500;
    bob.hear({ type: 'resumed' });
    expect(bob.told.map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_500]);
  });

  it('[XFER12] takes up its second when there is a way again', () => {
    const bob = new Receiver();
    bob.up = false;
    bob.tick(400);
    bob.up = true;
    bob.tick(500);
    expect([bob.told.length, receivingDeadline(bob.state, true)]).toEqual([1, 1_000]);
  });

  it('[XFER12] says of a gap at most a hundred times a second, however much comes', () => {
    const bob = new Receiver();
    for (let ms = 1; ms <= 1_000; ms += 1) {
      bob.now = ms;
      bob.chunk(5);
      bob.hear({ type: 'tick' });
    }
    expect(bob.told.length).toBeLessThanOrEqual(101);
    expect(bob.told.length).toBeGreaterThan(9);
  });

  it('[XFER12] says nothing before it may, however often it is asked', () => {
    const bob = new Receiver();
    bob.wordAt = 70;
    for (let ms = 1; ms < 70; ms += 1) {
      bob.now = ms;
      bob.chunk(5);
      bob.hear({ type: 'tick' });
    }
    expect([bob.told.length, receivingDeadline(bob.state, true)]).toEqual([1, 70]);
    bob.tick(70);
    expect(bob.told.at(-1)).toMatchObject({ at: 70, next: 0, gap: true });
  });

  it('[XFER3] drops what does not open, says so, and takes the right one later', () => {
    const bob = new Receiver();
    bob.now = 50;
    bob.chunk(0);
    bob.hear({ type: 'opened', plain: null });
    expect([bob.moving.next, bob.moving.held.size, bob.writes]).toEqual([0, 0, 0]);
    expect(bob.told.at(-1)).toMatchObject({ at: 50, next: 0 });
    bob.took(0);
    expect(bob.moving.written).toBe(1);
  });

  it('[XFER6] is compared when all is written and the hash is known, in either order', () => {
    const hash = new Uint8Array(32);
    for (const early of [true, false]) {
      const bob = new Receiver({ ...FILE, size: 64 * KIB });
      if (early) bob.hear({ type: 'end', hash });
      bob.took(0);
      if (!early) expect(bob.state.at).toBe('moving');
      const effects = early ? [] : bob.hear({ type: 'end', hash });
      expect(bob.state.at).toBe('finishing');
      if (!early) expect(effects).toEqual([{ do: 'finish', hash }]);
      const record = { is: 'fileDelivered', lane: 3 };
      expect(bob.hear({ type: 'finished' })).toEqual([{ do: 'say', record }]);
    }
  });

  it('[XFER14] grants nothing more while it is paused', () => {
    const bob = new Receiver();
    bob.hear({ type: 'pause', by: 'me', on: true });
    bob.now = 100;
    for (const chunk of [0, 1, 2]) bob.took(chunk);
    bob.tick(300);
    expect(bob.told.at(-1)).toMatchObject({ next: 3, granted: 4 * MIB });
    bob.now = 400;
    bob.hear({ type: 'pause', by: 'me', on: false });
    expect(bob.told.at(-1)).toMatchObject({ at: 400, next: 3, granted: 4 * MIB + 192 * KIB });
  });

  it('[XFER22] whatever comes, what is held is bounded', () => {
    const chunk = fc.constantFrom(4 * KIB, 64 * KIB, 192 * KIB);
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          is: fc.constant('chunk' as const),
          ahead: fc.integer({ min: -3, max: 200 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          is: fc.constantFrom('opened', 'forged', 'written', 'tick', 'pause'),
        }),
      },
    );
    fc.assert(
      fc.property(chunk, fc.array(event, { maxLength: 200 }), (chunkBytes, events) => {
        const bob = new Receiver({ lane: 3, chunkBytes, size: 9_000 * KIB });
        for (const each of events) {
          bob.now += 30;
          if (each.is === 'chunk') bob.chunk(Math.max(0, bob.moving.next + each.ahead));
          else if (each.is === 'opened') bob.opened();
          else if (each.is === 'forged') bob.hear({ type: 'opened', plain: null });
          else if (each.is === 'written') bob.hear({ type: 'written' });
          else if (each.is === 'tick') bob.hear({ type: 'tick' });
          else bob.hear({ type: 'pause', by: 'me', on: bob.now % 60 === 0 });
          const { held, opening, unwritten } = bob.moving;
          const waiting = [...held.values(), ...(opening ? [opening] : [])];
          const bytes = [...waiting, ...unwritten.map(({ plain }) => plain)];
          const sum = bytes.reduce((all, { length }) => all + length, 0);
          expect(sum).toBeLessThanOrEqual(IN_FLIGHT_BYTES_MAX);
        }
      }),
    );
  });
});
