/**
 * Work that may wait until the browser has nothing better to do.
 */

/** So that it is done at all on a page that is never idle. */
const WAITS_MS_MAX = 1_000;

/** Gives what takes it back. */
export function whenIdle(run: () => void): () => void {
  if (typeof globalThis.requestIdleCallback !== 'function') {
    const timer = setTimeout(run, 0);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: WAITS_MS_MAX });
  return () => cancelIdleCallback(handle);
}
