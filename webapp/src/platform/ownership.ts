/**
 * Which page of this browser talks for an account, by a Web Lock that the page holds as long as
 * it lives. A browser without them leaves it to the server, which keeps the newest connection.
 */
import type { Ownership } from '../core/ports.ts';

/**
 * How long a lock may take to come free. After a reload the page before it has gone, and its lock
 * follows within moments.
 */
const FREE_WAIT_MS = 500;

type Held = { readonly release: () => void };

export function lockOwnership(
  locks: LockManager | undefined,
  freeWaitMs = FREE_WAIT_MS,
): Ownership {
  let held: Held | null = null;
  /** Raised with each claim and release: what an older claim gets is given back. */
  let asked = 0;
  const listeners = new Set<() => void>();
  const lost = (lock: Held) => {
    if (held !== lock) return;
    held = null;
    for (const listener of [...listeners]) listener();
  };
  return {
    async claim(account, how) {
      if (locks === undefined || held !== null) return true;
      asked += 1;
      const mine = asked;
      const options =
        how === 'steal' ? { steal: true } : { signal: AbortSignal.timeout(freeWaitMs) };
      const lock = await taken(locks, `dhchat.account.${account}`, options, lost);
      if (lock === null) return false;
      if (mine !== asked) {
        lock.release();
        return false;
      }
      held = lock;
      return true;
    },
    release() {
      asked += 1;
      held?.release();
      held = null;
    },
    onLost(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** `null` if it did not come free. A browser that forbids locks is one without them. */
function taken(
  locks: LockManager,
  name: string,
  options: LockOptions,
  lost: (lock: Held) => void,
): Promise<Held | null> {
  return new Promise((resolve) => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const lock = { release };
    let granted = false;
    const hold = () => {
      granted = true;
      resolve(lock);
      return released;
    };
    locks.request(name, options, hold).catch((error: unknown) => {
      if (granted) lost(lock);
      else resolve(isBusy(error) ? null : lock);
    });
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof DOMException && ['TimeoutError', 'AbortError'].includes(error.name);
}
