/**
 * Keeps a list at its end while new lines come, unless somebody scrolled up to read; then it
 * counts what they missed.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Line } from '../../app/model.ts';

/** How near the end still counts as the end: a little less than one line. */
const NEAR_END_PX = 50;

type StickToEnd = {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly isAway: boolean;
  /** Lines of the peer that came while away. */
  readonly missed: number;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
};

export function useStickToEnd(lines: readonly Line[]): StickToEnd {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAway, setAway] = useState(false);
  const away = useRef(false);
  const knownLines = useRef(lines.length);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const toEndPx = element.scrollHeight - element.scrollTop - element.clientHeight;
    away.current = toEndPx > NEAR_END_PX;
    setAway(away.current);
  }, []);

  const toEnd = useCallback(() => {
    if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
    away.current = false;
    setAway(false);
  }, []);

  const newest = lines.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new line moves the list.
  useLayoutEffect(() => {
    if (!away.current || newest?.by === 'me') toEnd();
  }, [newest?.id, toEnd]);

  // A keyboard that slides in takes room from below.
  useEffect(() => {
    if (scroller.current === null) return;
    const observer = new ResizeObserver(() => {
      if (!away.current) toEnd();
    });
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [toEnd]);

  if (!isAway) knownLines.current = lines.length;
  const missed = lines.slice(knownLines.current).filter((line) => line.by === 'peer').length;
  return { scroller, isAway, missed, onScroll, toEnd };
}
