/** The one timer of a machine. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../test/manual-clock.ts';
import { Alarm } from './alarm.ts';

/** A clock that counts the timers that were set. */
class CountingClock extends ManualClock {
  timers = 0;

  override after(delayMs: number, run: () => void) {
    this.timers += 1;
    return super.after(delayMs, run);
  }
}

function wound(...deadlines: readonly (number | null)[]) {
  const clock = new CountingClock();
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => void rung.push(clock.now()));
  for (const deadline of deadlines) alarm.wind(deadline);
  return { clock, rung, alarm };
}

describe('an alarm', () => {
  it('rings once, at the deadline that was given last', () => {
    for (const deadlines of [[50], [20, 50], [80, 50], [20, 80, 50], [20, null, 50]]) {
      const { clock, rung } = wound(...deadlines);
      clock.advance(1_000);
      expect(rung).toEqual([50]);
    }
  });

  it('does not ring for a deadline that was taken back', () => {
    const { clock, rung } = wound(20, 50, null);
    clock.advance(1_000);
    expect(rung).toEqual([]);
  });

  it('rings again when it is wound again, also for the same time', () => {
    const { clock, rung, alarm } = wound(50);
    clock.advance(50);
    alarm.wind(50);
    clock.advance(0);
    alarm.wind(70);
    clock.advance(1_000);
    expect(rung).toEqual([50, 50, 70]);
  });

  it('[LINK12] sets no timer for a deadline that is put off again and again', () => {
    const { clock, rung } = wound(...Array.from({ length: 100 }, (_, at) => 100 + at));
    expect(clock.timers).toBe(1);
    clock.advance(1_000);
    expect([rung, clock.timers]).toEqual([[199], 2]);
  });
});
