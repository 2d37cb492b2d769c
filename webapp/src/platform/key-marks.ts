/**
 * Which accounts had a key in this browser, kept apart from the database: so that a database that
 * was cleared can be told from a browser that never had the key. No key, and no name, comes here.
 */
import type { KeyMarks } from '../core/ports.ts';

const KEPT_AS = 'dhchat.hadKey.';

/** Whether somebody had a key in this browser, and is likely to be signed in still. */
export function hadKeyHere(): boolean {
  try {
    return Object.keys(localStorage).some((name) => name.startsWith(KEPT_AS));
  } catch {
    return false;
  }
}

/** Storage may be forbidden; then a lost key cannot be told from one that is elsewhere. */
export const browserKeyMarks: KeyMarks = {
  async has(account) {
    try {
      return localStorage.getItem(KEPT_AS + account) !== null;
    } catch {
      return false;
    }
  },
  async set(account) {
    try {
      localStorage.setItem(KEPT_AS + account, '1');
    } catch {
      // A browser that forbids storage keeps nothing, as its user wants.
    }
  },
  async forget(account) {
    try {
      localStorage.removeItem(KEPT_AS + account);
    } catch {
      // Nothing was kept.
    }
  },
};
