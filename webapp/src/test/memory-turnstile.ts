/** The pages of one browser one after the other, as the Web Locks would have it. */
import type { Turnstile } from '../core/ports.ts';

export function memoryTurnstile(): Turnstile {
  let before: Promise<unknown> = Promise.resolve();
  return {
    pass(work) {
      const done = before.then(work);
      before = done.catch(() => {});
      return done;
    },
  };
}
