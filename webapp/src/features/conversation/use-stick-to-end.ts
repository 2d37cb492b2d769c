/**
 * Keeps a list at its end while new entries come and those there grow, unless somebody scrolled up
 * to read; then it counts what they missed.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { byOf, type Mark, markAt, since, type Told } from './entries.ts';
import { NEAR_END_PX } from './use-window.ts';

/** The end is reached if no more than this is left: heights are not whole. */
const ROUNDING_PX = 2;

type Places = {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly list: RefObject<HTMLElement | null>;
};

type StickToEnd = {
  readonly isAway: boolean;
  /** What came from the peer while away. */
  readonly missed: number;
  readonly onScroll: () => void;
  readonly backToEnd: () => void;
};

export function useStickToEnd(told: Told, places: Places, toEnd: () => void): StickToEnd {
  const { scroller, list } = places;
  /** What there was when somebody scrolled up; null while at the end. */
  const [awayFrom, setAwayFrom] = useState<Mark | null>(null);
  const isAway = awayFrom !== null;
  const newest = told.lines.at(-1);
  const newestFile = told.transfers.at(-1);

  const hold = useHold(toEnd);

  const look = () => {
    if (scroller.current === null || hold(scroller.current)) return;
    const away = distanceToEndPx(scroller.current) > NEAR_END_PX;
    setAwayFrom(away ? (awayFrom ?? markAt(told)) : null);
  };
  const lookNow = useRef(look);
  lookNow.current = look;

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

  useEffect(() => {
    if (list.current === null) return;
    const observer = new ResizeObserver(() => lookNow.current());
    observer.observe(list.current);
    return () => observer.disconnect();
  }, [list]);

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
    onScroll: look,
    backToEnd,
  };
}

/**
 * Goes back to the end whenever the list was there and has another height now, and says so. What
 * shrinks moves the list as a hand does; a scroll by that is nobody's who wants to read.
 */
function useHold(toEnd: () => void): (scroller: HTMLElement) => boolean {
  const last = useRef({ heightPx: 0, isAtEnd: true });
  return (scroller) => {
    const isHeld = last.current.isAtEnd && scroller.scrollHeight !== last.current.heightPx;
    if (isHeld) toEnd();
    const isAtEnd = isHeld || distanceToEndPx(scroller) <= ROUNDING_PX;
    last.current = { heightPx: scroller.scrollHeight, isAtEnd };
    return isHeld;
  };
}

function distanceToEndPx(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}
