/** Asks this browser to keep what it stores also when space is short. */
import type { Durability } from '../core/ports.ts';

export const browserDurability: Durability = {
  async ask() {
    try {
      return await navigator.storage.persist();
    } catch {
      return false;
    }
  },
};
