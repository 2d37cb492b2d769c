/**
 * The present day, which is another one after midnight although nothing else happened.
 */
import { useEffect, useState } from 'react';
import { type Day, dayAt } from './days.ts';

export function useToday(): Day {
  const [today, setToday] = useState(() => dayAt(Date.now()));
  useEffect(() => {
    const next = setTimeout(() => setToday(dayAt(Date.now())), today.until - Date.now());
    return () => clearTimeout(next);
  }, [today]);
  return today;
}
