/**
 * How fast voices are played: one choice for all of them, as long as the page lives.
 */
import { useSyncExternalStore } from 'react';

const SPEEDS = [1, 1.5, 2] as const;
export type Speed = (typeof SPEEDS)[number];

let speed: Speed = 1;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSpeed(): readonly [speed: Speed, next: () => void] {
  const chosen = useSyncExternalStore(subscribe, () => speed);
  return [chosen, next];
}

/** The next one, and the first after the last. */
function next(): void {
  speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
  for (const listener of [...listeners]) listener();
}
