/** How long things take: medians of single calls, and throughput over many. */

export type Unit = 'ms' | 'MiB/s' | '/s' | 'MiB';

export type Measure = { readonly name: string; readonly unit: Unit; readonly value: number };

export const MIB = 1024 * 1024;

/** What runs before it counts, so that code is compiled and caches are warm. */
const WARM_ROUNDS = 3;

export async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, performance.now() - begun];
}

/** The median of one call, in milliseconds. */
export async function median(rounds: number, work: () => Promise<unknown>): Promise<number> {
  for (let round = 0; round < WARM_ROUNDS; round += 1) await work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push((await timed(work))[1]);
  return middle(times);
}

export function middle(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Calls a second, with so many under way at once; `at` counts the calls. */
export async function rate(
  calls: number,
  inFlight: number,
  work: (at: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < calls) await work(next++);
  };
  const [, ms] = await timed(() => Promise.all(Array.from({ length: inFlight }, lane)));
  return (calls * 1_000) / ms;
}
