/** How long to wait before the next try: longer each time, and never in step with others. */

const FIRST_MS = 500;
const SECOND_MS = 1_000;
export const DELAY_MS_MAX = 30_000;
/** While somebody is kept waiting: several tries fit into a resume window. */
export const AWAITED_DELAY_MS_MAX = 4_000;

/**
 * Full jitter below a bound that is 500 ms, then 1, 2, 4 … s, up to the longest.
 *
 * @param failures how many tries in a row have failed, 1 or more
 * @param chance evenly from 0 up to 1
 */
export function delayMs(failures: number, chance: number, longestMs: number): number {
  const bound = failures <= 1 ? FIRST_MS : SECOND_MS * 2 ** Math.min(failures - 2, 10);
  return Math.floor(Math.min(bound, longestMs) * chance);
}
