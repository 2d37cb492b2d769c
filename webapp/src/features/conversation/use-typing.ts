/**
 * Tells that somebody writes, with every change of the text, and that they have stopped: when the
 * text is empty, when nothing came for a while, and when they left the field.
 */
import { useCallback, useEffect, useRef } from 'react';

/** Whoever thinks longer than this is not writing. */
const REST_MS = 3_000;

type Typing = { readonly wrote: (text: string) => void; readonly rested: () => void };

export function useTyping(tell: (on: boolean) => void): Typing {
  const teller = useRef(tell);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isTelling = useRef(false);

  useEffect(() => {
    teller.current = tell;
  }, [tell]);

  const rested = useCallback(() => {
    clearTimeout(resting.current);
    if (!isTelling.current) return;
    isTelling.current = false;
    teller.current(false);
  }, []);

  const wrote = useCallback(
    (text: string) => {
      if (text.trim() === '') {
        rested();
        return;
      }
      isTelling.current = true;
      teller.current(true);
      clearTimeout(resting.current);
      resting.current = setTimeout(rested, REST_MS);
    },
    [rested],
  );

  useEffect(() => rested, [rested]);
  return { wrote, rested };
}
