/** How often the receiver of a file may say where it is. */
import { describe, expect, it } from 'vitest';
import { CREDIT_BURST, CREDIT_EVERY_MS } from './limits.ts';
import { WordBudget } from './word-budget.ts';

/** As many words as may be said, asked for every millisecond. */
function saidWithin(budget: WordBudget, from: number, to: number): number {
  let said = 0;
  for (let now = from; now < to; now += 1) {
    for (; budget.nextAt(now) <= now; said += 1) budget.spend(now);
  }
  return said;
}

describe('the words about a file on its way in', () => {
  it('[XFER12] may be many at once, and a hundred a second in the long run', () => {
    const budget = new WordBudget(0);
    expect(saidWithin(budget, 0, 1)).toBe(CREDIT_BURST);
    expect(budget.nextAt(0)).toBe(CREDIT_EVERY_MS);
    expect(saidWithin(budget, 1, 60_001)).toBe(60_000 / CREDIT_EVERY_MS);
  });

  it('[XFER12] are never more at once than at the beginning, however long it was quiet', () => {
    const budget = new WordBudget(0);
    expect(saidWithin(budget, 3_600_000, 3_600_001)).toBe(CREDIT_BURST);
  });
});
