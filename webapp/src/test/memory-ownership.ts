/** Pages of one browser and who of them talks for an account, as the Web Locks would have it. */
import type { Ownership } from '../core/ports.ts';
import type { UserId } from '../core/wire/ids.ts';

/** Each call is another page of the same browser. */
export function memoryLocks(): () => Ownership {
  const owners = new Map<UserId, { lose(): void }>();
  return () => {
    const listeners = new Set<() => void>();
    let held: UserId | null = null;
    const page = {
      lose() {
        held = null;
        for (const listener of [...listeners]) listener();
      },
    };
    return {
      async claim(account, how) {
        const owner = owners.get(account);
        if (owner !== undefined && owner !== page) {
          if (how === 'ifFree') return false;
          owner.lose();
        }
        held = account;
        owners.set(account, page);
        return true;
      },
      release() {
        if (held !== null) owners.delete(held);
        held = null;
      },
      onLost(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  };
}
