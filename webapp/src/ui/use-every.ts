/**
 * Draws again and again while something moves that tells nobody.
 */
import { useEffect, useReducer } from 'react';

/** Every so many milliseconds; `null` for not at all. */
export function useEvery(periodMs: number | null): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (periodMs === null) return;
    const timer = setInterval(draw, periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
}
