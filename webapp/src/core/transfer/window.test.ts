/** The rule of the window alone; what comes of it on lines is `far-away.test.ts`. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEADROOM_BYTES,
  IN_FLIGHT_BYTES_MAX,
  IN_FLIGHT_BYTES_MIN,
  RATE_SPAN_MS,
} from './limits.ts';
import { narrowed, UNKNOWN_PATH, type Window, widened } from './window.ts';

const KIB = 1024;

/** So many bytes came back in so many milliseconds, with as much on its way as may be. */
function told(window: Window, kib: number, tookMs: number, now: number, agoMs = tookMs): Window {
  const passage = { sentAt: now - tookMs, since: now - agoMs, bytes: kib * KIB };
  return widened(window, passage, { out: window.bytes, acknowledged: 192 * KIB }, now);
}

function inKib({ bytes }: Window): number {
  return bytes / KIB;
}

describe('the window of a file', () => {
  it('[XFER55] is what the line carries and three quarters, but four chunks more at most', () => {
    const carries320 = told(UNKNOWN_PATH, 320, 100, 100);
    expect(inKib(carries320)).toBe(560);
    expect(told(carries320, 600, 100, 200).bytes).toBe(600 * KIB + HEADROOM_BYTES);
    expect(HEADROOM_BYTES).toBe(4 * (64 * KIB + 256));
  });

  it('[XFER55] stays as it is where little is carried, and ends at 4 MiB', () => {
    expect(inKib(told(UNKNOWN_PATH, 292, 100, 100))).toBe(512);
    const wide = told({ ...UNKNOWN_PATH, bytes: IN_FLIGHT_BYTES_MAX }, 8_000, 100, 100);
    expect(wide.bytes).toBe(IN_FLIGHT_BYTES_MAX);
  });

  it('[XFER55] counts the least round trip, so that waiting is no distance', () => {
    const first = told(UNKNOWN_PATH, 192, 50, 50);
    // The line carries 4 KiB/ms, and all of it waits for half a second.
    const late = told(first, 2_000, 500, 550);
    expect([late.leastMs, inKib(late)]).toEqual([50, 512]);
  });

  it('[XFER55] takes the time since the last word before, not only that of the way', () => {
    // A gap was filled: 2,000 KiB in 1,000 ms, though the last of it was on its way for 100.
    const filled = told(UNKNOWN_PATH, 2_000, 100, 1_000, 1_000);
    expect(inKib(filled)).toBe(512);
  });

  it('[XFER55] forgets a rate after one or two seconds', () => {
    const fast = told(UNKNOWN_PATH, 1_000, 100, 100);
    const ends: number[] = [];
    for (let window = fast, now = 200; now <= 2.2 * RATE_SPAN_MS; now += 100) {
      window = told(window, 100, 100, now);
      if (window.bytes === IN_FLIGHT_BYTES_MIN) ends.push(now);
    }
    expect(ends[0]).toBeGreaterThan(RATE_SPAN_MS);
    expect(ends[0]).toBeLessThanOrEqual(2 * RATE_SPAN_MS + 100);
    // After a silence at once.
    expect(told(fast, 100, 100, 100 + 2 * RATE_SPAN_MS).bytes).toBe(IN_FLIGHT_BYTES_MIN);
  });

  it('[XFER55] lets little go at once when a word acknowledges very much', () => {
    const wide = told({ ...UNKNOWN_PATH, bytes: IN_FLIGHT_BYTES_MAX }, 8_000, 100, 100);
    const emptied = widened(wide, null, { out: 0, acknowledged: 4_000 * KIB }, 200);
    expect(emptied.bytes).toBe(2 * HEADROOM_BYTES);
    const next = widened(emptied, null, { out: 400 * KIB, acknowledged: 192 * KIB }, 201);
    expect(next.bytes).toBe(592 * KIB + HEADROOM_BYTES);
  });

  it('[XFER56] is halved by a refusal, once for what was sent before that', () => {
    const wide = told({ ...UNKNOWN_PATH, bytes: 4_000 * KIB }, 4_000, 100, 100);
    const half = narrowed(wide, 50, 4_000 * KIB, 110);
    expect(inKib(half)).toBe(2_048);
    expect(inKib(narrowed(half, 90, 4_000 * KIB, 115))).toBe(2_048);
    // No more than the edge took.
    expect(inKib(narrowed(half, 90, 900 * KIB, 115))).toBe(900);
    expect(inKib(narrowed(half, 110, 4_000 * KIB, 200))).toBe(1_024);
    expect(inKib(narrowed(half, 110, 0, 200))).toBe(512);
  });

  it('[XFER56] believes no rate of what was sent before it was halved', () => {
    const wide = told({ ...UNKNOWN_PATH, bytes: 4_000 * KIB }, 4_000, 100, 100);
    const half = narrowed(wide, 50, 4_000 * KIB, 110);
    expect(inKib(told(half, 4_000, 100, 209))).toBe(2_048);
    expect(told(half, 2_000, 100, 210).bytes).toBe(2_000 * KIB + HEADROOM_BYTES);
  });

  it('[XFER55, XFER56] whatever it hears, is within its bounds', () => {
    const any = fc.record({
      narrows: fc.boolean(),
      waitMs: fc.nat({ max: 3_000 }),
      tookMs: fc.nat({ max: 5_000 }),
      agoMs: fc.nat({ max: 5_000 }),
      bytes: fc.nat({ max: 2 ** 24 }),
      out: fc.nat({ max: 2 ** 22 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 50 }), (all) => {
        let [window, now] = [UNKNOWN_PATH, 0];
        for (const { narrows, waitMs, tookMs, agoMs, bytes, out } of all) {
          now += waitMs;
          const passage = { sentAt: now - tookMs, since: now - tookMs - agoMs, bytes };
          window = narrows
            ? narrowed(window, passage.sentAt, out, now)
            : widened(window, passage, { out, acknowledged: bytes }, now);
          expect(window.bytes).toBeGreaterThanOrEqual(IN_FLIGHT_BYTES_MIN);
          expect(window.bytes).toBeLessThanOrEqual(IN_FLIGHT_BYTES_MAX);
        }
      }),
    );
  });
});
