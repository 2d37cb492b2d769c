/**
 * Waits for a condition with a deadline: looks again and again, and says what it last saw.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { DEADLINE_MS } from './browser.ts';

const LOOK_EVERY_MS = 50;

export async function eventually<T>(probe: () => Promise<T>, wanted: T): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await probe();
    try {
      assert.deepEqual(found, wanted);
      return;
    } catch (difference) {
      if (performance.now() > deadline) throw difference;
    }
    await pause(LOOK_EVERY_MS);
  }
}
