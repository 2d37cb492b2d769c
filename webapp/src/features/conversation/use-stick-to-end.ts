/**
 * Keeps a list at its end while new entries come, unless somebody scrolled up to read; then it
 * counts what they missed.
 */
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import { byOf, type Mark, markAt, since, type Told } from './entries.ts';
import { NEAR_END_PX } from './use-window.ts';

type StickToEnd = {
  readonly isAway: boolean;
  /** What came from the peer while away. */
  readonly missed: number;
  readonly onScroll: () => void;
  readonly backToEnd: () => void;
};

export function useStickToEnd(
  told: Told,
  scroller: RefObject<HTMLElement | null>,
  toEnd: () => void,
): StickToEnd {
  /** What there was when somebody scrolled up; null while at the end. */
  const [awayFrom, setAwayFrom] = useState<Mark | null>(null);
  const isAway = awayFrom !== null;
  const newest = told.lines.at(-1);
  const newestFile = told.transfers.at(-1);

  const onScroll = () => {
    const away = scroller.current !== null && distanceToEndPx(scroller.current) > NEAR_END_PX;
    setAwayFrom(away ? (awayFrom ?? markAt(told)) : null);
  };

  const backToEnd = () => {
    toEnd();
    setAwayFrom(null);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new line moves the list.
  useLayoutEffect(() => {
    if (!isAway || newest?.by === 'me') backToEnd();
  }, [newest?.id]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new file moves the list.
  useLayoutEffect(() => {
    if (!isAway || newestFile?.by === 'me') backToEnd();
  }, [newestFile?.id]);

  // A keyboard that slides in takes room from below.
  useEffect(() => {
    if (isAway || scroller.current === null) return;
    const observer = new ResizeObserver(toEnd);
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [isAway, scroller, toEnd]);

  const missed = awayFrom === null ? [] : since(told, awayFrom);
  return {
    isAway,
    missed: missed.filter((entry) => byOf(entry) === 'peer').length,
    onScroll,
    backToEnd,
  };
}

function distanceToEndPx(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}
