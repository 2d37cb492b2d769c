/** What each kind of thread of some processes has computed: from `/proc`, so only on Linux. */
import { readdirSync, readFileSync } from 'node:fs';

export type Process = { readonly id: number; readonly type: string };

const NS_PER_MS = 1_000_000;

/** Milliseconds by kind of process and name of thread; empty where the system does not tell. */
export function computedByThread(processes: readonly Process[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { id, type } of processes) {
    for (const thread of threadsOf(id)) {
      const kind = `${type.split('.').at(-1)} ${nameOf(id, thread)}`;
      sums.set(kind, (sums.get(kind) ?? 0) + computedMs(id, thread));
    }
  }
  return sums;
}

/** What was computed between two moments, the most first. */
export function grownBy(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly (readonly [kind: string, ms: number])[] {
  return [...after]
    .map(([kind, ms]) => [kind, ms - (before.get(kind) ?? 0)] as const)
    .sort(([, one], [, other]) => other - one);
}

function threadsOf(id: number): readonly string[] {
  try {
    return readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
}

/** Threads of a pool bear numbers, and are one kind. */
function nameOf(id: number, thread: string): string {
  return read(`/proc/${id}/task/${thread}/comm`).trim().replace(/\d+$/, '');
}

function computedMs(id: number, thread: string): number {
  return Number(read(`/proc/${id}/task/${thread}/schedstat`).split(' ')[0]) / NS_PER_MS;
}

/** A thread may end while one looks. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
