/** What changed between two views, and what that costs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mine, secure, signedIn, theirs, withBob } from '../features/test/views.ts';
import type { Line } from './model.ts';
import { difference, patched } from './patch.ts';

/** As the page has it after the patch has crossed. */
function across<T>(before: T, after: T): T {
  const patch = difference(before, after);
  return patch === null ? before : patched(before, structuredClone(patch));
}

/** What crosses, in characters. */
function cost(before: unknown, after: unknown): number {
  return JSON.stringify(difference(before, after)).length;
}

const talkOf = (lines: readonly Line[]) => signedIn(withBob(secure(lines)));

describe('a patch', () => {
  it('[PAGE1] turns any value into any other', () => {
    const values = fc.anything({ withNullPrototype: false, withSparseArray: false, maxDepth: 3 });
    const property = fc.property(values, values, (before, after) => {
      expect(across(before, after)).toEqual(after);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it('[PAGE1] turns lists into what became of them, whatever was lost, changed and added', () => {
    const items = fc.array(fc.record({ id: fc.nat(9), state: fc.nat(2) }), { maxLength: 8 });
    const property = fc.property(items, items, items, items, (lost, stays, changed, added) => {
      const before = { lines: [...lost, ...stays, ...changed] };
      const touched = changed.map((item) => ({ ...item, state: item.state + 1 }));
      const after = { lines: [...stays, ...touched, ...added] };
      expect(across(before, after)).toEqual(after);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it('[PAGE1] leaves the parts that did not change as they are, and says so if none did', () => {
    const lines = [mine('one'), theirs('two')];
    const before = talkOf(lines);
    expect(difference(before, structuredClone(before))).toBeNull();
    const after = across(before, talkOf([...lines, mine('three')]));
    if (after.at !== 'signedIn' || before.at !== 'signedIn') throw new Error('views of a talk');
    expect(after.me).toBe(before.me);
    expect(after.search).toBe(before.search);
    const { phase } = after.conversation ?? {};
    if (phase?.is !== 'secure') throw new Error('a secure one');
    expect(phase.lines.slice(0, 2).every((line, n) => line === lines[n])).toBe(true);
  });

  it('[PAGE2] costs what is new, however long the talk', () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => mine(`line ${n}`, 'delivered'));
    const line = mine('one more', 'sending');
    const one = cost(talkOf([]), talkOf([line]));
    const whole = cost(signedIn(), talkOf(lines));
    const before = talkOf(lines);
    expect(whole).toBeGreaterThan(500_000);
    // Said, with the oldest gone, delivered, and the one before it too.
    expect(cost(before, talkOf([...lines, line]))).toBeLessThan(2 * one);
    expect(cost(before, talkOf([...lines.slice(1), line]))).toBeLessThan(2 * one);
    const said = [...lines, line];
    const delivered = said.with(-1, { ...line, state: 'delivered' });
    expect(cost(talkOf(said), talkOf(delivered))).toBeLessThan(2 * one);
    const read = said.with(5_000, { ...(said[5_000] ?? line), state: 'read' });
    expect(cost(talkOf(said), talkOf(read))).toBeLessThan(2 * one);
  });
});
