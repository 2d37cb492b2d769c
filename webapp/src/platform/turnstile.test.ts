/** The pages of a browser one after the other, by Web Locks and in a test's memory alike. */
import { describe, expect, it } from 'vitest';
import type { Turnstile } from '../core/ports.ts';
import { memoryTurnstile } from '../test/memory-turnstile.ts';
import { lockTurnstile } from './turnstile.ts';

const shared = memoryTurnstile();
const implementations: [string, () => Turnstile][] = [
  ['Web Locks', () => lockTurnstile(navigator.locks, 'one door')],
  ['memory', () => shared],
];

describe.each(implementations)('a turnstile by %s', (_, newPage) => {
  it('[OWN7] lets one page through at a time, in the order they came', async () => {
    const happened: string[] = [];
    const pass = (name: string) =>
      newPage().pass(async () => {
        happened.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        happened.push(`${name} out`);
        return name;
      });
    expect(await Promise.all([pass('a'), pass('b'), pass('c')])).toEqual(['a', 'b', 'c']);
    expect(happened).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('[OWN7] hands on what came of it, and goes on after a failure', async () => {
    const failing = newPage().pass(() => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await newPage().pass(async () => 'next')).toBe('next');
  });
});

describe('a turnstile by Web Locks', () => {
  it('[OWN7] waits for a page that does not move on for a while only', async () => {
    const stuck = Promise.withResolvers<void>();
    const before = lockTurnstile(navigator.locks, 'stuck').pass(() => stuck.promise);
    const done = await lockTurnstile(navigator.locks, 'stuck', 20).pass(async () => 'through');
    expect(done).toBe('through');
    stuck.resolve();
    await before;
  });

  it('[OWN7] is open where a browser has no locks, and where it forbids them', async () => {
    expect(await lockTurnstile(undefined, 'x').pass(async () => 'through')).toBe('through');
    const forbidden = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
    const locks = forbidden as unknown as LockManager;
    expect(await lockTurnstile(locks, 'x').pass(async () => 'through')).toBe('through');
  });
});
