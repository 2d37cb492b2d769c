/** When the peer is told what has arrived. */
import { describe, expect, it } from 'vitest';
import {
  type Acknowledgements,
  isDue,
  NOTHING_TOLD,
  noteArrival,
  noteGap,
  told,
} from './acknowledgements.ts';

const toldAt = (now: number): Acknowledgements => told(NOTHING_TOLD, now);

describe('acknowledgements', () => {
  it('[CONV26] are told at once after a silence', () => {
    expect(isDue(noteArrival(NOTHING_TOLD, 5), 5)).toBe(true);
    expect(isDue(noteArrival(toldAt(0), 100), 100)).toBe(true);
  });

  it('[CONV26] of a burst are told together, within 100 ms', () => {
    let acks = toldAt(1_000);
    for (let now = 1_001; now < 1_100; now += 1) {
      acks = noteArrival(acks, now);
      expect(isDue(acks, now)).toBe(false);
    }
    expect(isDue(acks, 1_100)).toBe(true);
    expect(told(acks, 1_100).dueAt).toBeNull();
  });

  it('[CONV26] are told at once when something is missing, once for each', () => {
    let acks = noteGap(toldAt(0), 3, 1);
    expect(isDue(acks, 1)).toBe(true);
    acks = noteGap(told(acks, 1), 3, 2);
    expect(isDue(acks, 2)).toBe(false);
    expect(isDue(noteGap(acks, 4, 3), 3)).toBe(true);
  });

  it('[CONV26] are not put off by what comes after', () => {
    const acks = noteArrival(noteGap(toldAt(0), 3, 1), 2);
    expect(acks.dueAt).toBe(1);
  });
});
