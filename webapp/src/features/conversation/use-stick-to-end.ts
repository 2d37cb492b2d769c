/**
 * Keeps a list at its end while new lines come, unless somebody scrolled up to read; then it
 * counts what they missed.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
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
  /** How many lines there were when somebody scrolled up; null while at the end. */
  const [awayFrom, setAwayFrom] = useState<number | null>(null);
  const isAway = awayFrom !== null;
  const newest = lines.at(-1);

  const onScroll = () => {
    const away = scroller.current !== null && distanceToEndPx(scroller.current) > NEAR_END_PX;
    setAwayFrom(away ? (awayFrom ?? lines.length) : null);
  };

  const toEnd = () => {
    scrollToEnd(scroller.current);
    setAwayFrom(null);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new line moves the list.
  useLayoutEffect(() => {
    if (!isAway || newest?.by === 'me') toEnd();
  }, [newest?.id]);

  // A keyboard that slides in takes room from below.
  useEffect(() => {
    if (isAway || scroller.current === null) return;
    const observer = new ResizeObserver(() => scrollToEnd(scroller.current));
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [isAway]);

  const isMissed = (line: Line) => line.by === 'peer';
  const missed = isAway ? lines.slice(awayFrom).filter(isMissed).length : 0;
  return { scroller, isAway, missed, onScroll, toEnd };
}

function distanceToEndPx(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}

function scrollToEnd(element: HTMLElement | null): void {
  if (element !== null) element.scrollTop = element.scrollHeight;
}
