/** How long to wait before a record is sent again. */
import { describe, expect, it } from 'vitest';
import { measured, resendWaitMs, UNMEASURED } from './round-trip.ts';

describe('the wait before a re-send', () => {
  it('[CONV28] is twice the round trip, 300 ms at least and 4 s at most', () => {
    const waits = [10, 150, 400, 1_999, 5_000].map((ms) =>
      resendWaitMs(measured(UNMEASURED, ms), 0),
    );
    expect(waits).toEqual([300, 300, 800, 3_998, 4_000]);
  });

  it('[CONV28] doubles with each try, up to 4 s', () => {
    const trip = measured(UNMEASURED, 200);
    const waits = [0, 1, 2, 3, 4, 1_000].map((tries) => resendWaitMs(trip, tries));
    expect(waits).toEqual([400, 800, 1_600, 3_200, 4_000, 4_000]);
  });

  it('[CONV28] is smoothed, so that one slow answer changes little', () => {
    const trip = measured(measured(UNMEASURED, 200), 1_000);
    expect(resendWaitMs(trip, 0)).toBe(600);
  });
});
