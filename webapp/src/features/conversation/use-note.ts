/**
 * A few words about what was just done, which go away by themselves.
 */
import { useEffect, useState } from 'react';

/** Long enough to read three words. */
const SHOWN_MS = 3_000;

export function useNote<Note>(): [note: Note | null, say: (note: Note) => void] {
  // Each time it is said anew, though it be the same.
  const [said, setSaid] = useState<{ readonly note: Note } | null>(null);
  useEffect(() => {
    if (said === null) return;
    const over = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(over);
  }, [said]);
  return [said?.note ?? null, (note) => setSaid({ note })];
}
