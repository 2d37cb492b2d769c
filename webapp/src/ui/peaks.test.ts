/** What a waveform draws of a sound. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peaksOf } from './peaks.ts';

const samples = fc
  .array(fc.float({ min: -1, max: 1, noNaN: true }), { maxLength: 500 })
  .map((values) => Float32Array.from(values));

describe('the peaks of a sound', () => {
  it('[UI94] are as many as there are bars, from 0 to 1', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 60 }), (sound, bars) => {
        const peaks = peaksOf(sound, bars);
        expect(peaks).toHaveLength(bars);
        for (const peak of peaks) {
          expect(peak).toBeGreaterThanOrEqual(0);
          expect(peak).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('[UI94] are the same however loud the whole is, unless it is all but silent', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 60 }), (sound, bars) => {
        const loud = sound.map((sample) => (Math.abs(sample) < 0.1 ? 0.1 : sample));
        const peaks = peaksOf(loud, bars);
        const quieter = peaksOf(
          loud.map((sample) => sample * 0.75),
          bars,
        );
        for (const [place, peak] of peaks.entries()) expect(quieter[place]).toBeCloseTo(peak, 4);
      }),
    );
    expect(Math.max(...peaksOf(new Float32Array(100).fill(0.005), 10))).toBeLessThan(0.2);
  });

  it('[UI94] show where it is loud', () => {
    const sound = new Float32Array(1_000);
    sound.fill(0.5, 300, 400);
    expect(peaksOf(sound, 10).map((peak) => Math.round(peak))).toEqual([
      0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it('[UI94] of what is no sound are silence', () => {
    const sound = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 2, -2);
    expect(peaksOf(sound, 1)).toEqual([0]);
    expect(peaksOf(new Float32Array(0), 3)).toEqual([0, 0, 0]);
  });
});
