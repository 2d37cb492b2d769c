/**
 * Whether a moment has passed, in milliseconds since 1970; `null` never does.
 */
import { useEffect, useState } from 'react';

export function usePassed(at: number | null): boolean {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === null || now > at) return;
    const passed = setTimeout(() => setNow(Date.now()), at - Date.now() + 1);
    return () => clearTimeout(passed);
  }, [at, now]);
  return at !== null && now > at;
}
