/**
 * The pages of this browser one after the other, by a Web Lock. A browser without them, or one in
 * which another page holds it for long, lets everybody through.
 */
import type { Turnstile } from '../core/ports.ts';

/** A page that was put aside may hold its turn for ever; an answer of the server takes less. */
const TURN_WAIT_MS = 5_000;

export function lockTurnstile(
  locks: LockManager | undefined,
  name: string,
  turnWaitMs = TURN_WAIT_MS,
): Turnstile {
  return {
    async pass<T>(work: () => Promise<T>): Promise<T> {
      if (locks === undefined) return work();
      let begun = false;
      const begin = () => {
        begun = true;
        return work();
      };
      try {
        return await locks.request(name, { signal: AbortSignal.timeout(turnWaitMs) }, begin);
      } catch (error) {
        if (begun) throw error;
        return work();
      }
    },
  };
}
