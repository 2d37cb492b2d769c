/** Who owns an account's connection, by Web Locks and in a test's memory alike. */
import { describe, expect, it } from 'vitest';
import type { Ownership } from '../core/ports.ts';
import { ALICE, BOB } from '../test/builders.ts';
import { memoryLocks } from '../test/memory-ownership.ts';
import { lockOwnership } from './ownership.ts';

const implementations: [string, () => Ownership][] = [
  ['Web Locks', () => lockOwnership(navigator.locks, 20)],
  ['memory', memoryLocks()],
];

/** A page, and how often it lost. */
function counted(page: Ownership): Ownership & { lost: number } {
  const with_ = { ...page, lost: 0 };
  page.onLost(() => {
    with_.lost += 1;
  });
  return with_;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(implementations)('ownership by %s', (_, newPage) => {
  it('[OWN4] is of one page of the account at a time, until it is stolen or given up', async () => {
    const [one, two] = [counted(newPage()), counted(newPage())];
    expect(await one.claim(ALICE, 'ifFree')).toBe(true);
    expect(await two.claim(ALICE, 'ifFree')).toBe(false);
    expect(await one.claim(ALICE, 'ifFree')).toBe(true);
    expect(await one.claim(ALICE, 'steal')).toBe(true);
    expect([one.lost, two.lost]).toEqual([0, 0]);

    expect(await two.claim(ALICE, 'steal')).toBe(true);
    await until(() => one.lost === 1);
    expect(await one.claim(ALICE, 'ifFree')).toBe(false);
    expect(await one.claim(ALICE, 'steal')).toBe(true);
    await until(() => two.lost === 1);
    one.release();
    one.release();
    expect(await two.claim(ALICE, 'ifFree')).toBe(true);
    two.release();
    expect([one.lost, two.lost]).toEqual([1, 1]);
  });

  it('[OWN4] of one account is no matter of another', async () => {
    const [one, two] = [counted(newPage()), counted(newPage())];
    expect(await one.claim(ALICE, 'ifFree')).toBe(true);
    expect(await two.claim(BOB, 'ifFree')).toBe(true);
    one.release();
    two.release();
  });

  it('[OWN4] is of exactly one of two pages that ask at once', async () => {
    const [one, two] = [counted(newPage()), counted(newPage())];
    const both = await Promise.all([one.claim(ALICE, 'ifFree'), two.claim(ALICE, 'ifFree')]);
    expect(both).toEqual([true, false]);
    one.release();
    two.release();
  });
});

describe('ownership by Web Locks', () => {
  it('[OWN4] is not kept of a claim that was given up while it was asked', async () => {
    const [one, two] = [lockOwnership(navigator.locks), lockOwnership(navigator.locks)];
    const asked = one.claim(ALICE, 'ifFree');
    one.release();
    expect(await asked).toBe(false);
    expect(await two.claim(ALICE, 'ifFree')).toBe(true);
    two.release();
  });

  it('[OWN4] comes to a page that waits for the one before it to go', async () => {
    const [one, two] = [lockOwnership(navigator.locks), lockOwnership(navigator.locks)];
    await one.claim(ALICE, 'ifFree');
    const asked = two.claim(ALICE, 'ifFree');
    one.release();
    expect(await asked).toBe(true);
    two.release();
  });

  it('[OWN4] is every page’s own in a browser without them, or that forbids them', async () => {
    const forbidden = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
    for (const locks of [undefined, forbidden as unknown as LockManager]) {
      const [one, two] = [lockOwnership(locks), lockOwnership(locks)];
      expect(await one.claim(ALICE, 'ifFree')).toBe(true);
      expect(await two.claim(ALICE, 'ifFree')).toBe(true);
    }
  });
});
