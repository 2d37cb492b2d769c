/**
 * An address for something in memory, as long as whoever uses it is drawn. It is good in this page
 * alone, and for nothing once it is given up.
 */
import { useEffect, useState } from 'react';

/** `null` until there is one. */
export function useObjectUrl(blob: Blob | null): string | null {
  const [made, setMade] = useState<{ readonly blob: Blob; readonly url: string } | null>(null);
  useEffect(() => {
    if (blob === null) return;
    const url = URL.createObjectURL(blob);
    setMade({ blob, url });
    return () => URL.revokeObjectURL(url);
  }, [blob]);
  // One that was given up is never shown again, not even for a moment.
  return made !== null && made.blob === blob ? made.url : null;
}
