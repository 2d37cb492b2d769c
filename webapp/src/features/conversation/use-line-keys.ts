/**
 * Where in the list the keyboard is: one line at a time is a stop of the Tab key, and arrows move
 * it, also to lines that are not drawn yet. A jump to a line is a move of the same kind, and lights
 * it up for a moment.
 */
import {
  type FocusEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Row } from './entries.ts';
import type { Window } from './use-window.ts';

/** Long enough to find it with the eye. */
const LIT_MS = 1_600;

type LineKeys = {
  /** The line where the keyboard stops. */
  readonly stop: string | null;
  /** The line that somebody jumped to. */
  readonly lit: string | null;
  readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  readonly jumpTo: (lineId: string) => void;
  readonly step: (lineId: string, by: -1 | 1) => void;
};

type Places = {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly list: RefObject<HTMLElement | null>;
};

export function useLineKeys(rows: readonly Row[], shown: Window, places: Places): LineKeys {
  const { scroller, list } = places;
  const { drawn, toRow } = shown;
  const [current, setCurrent] = useState<string | null>(null);
  const [lit, light] = useLight();
  const wanted = useRef<string>(null);
  const focused = useRef<Element>(null);
  const newestRows = useRef(rows);

  useLayoutEffect(() => {
    newestRows.current = rows;
  }, [rows]);

  useLayoutEffect(() => {
    if (wanted.current !== null && focusLine(list.current, wanted.current)) wanted.current = null;
    // A row that was scrolled away takes the focus with it.
    const isLost = focused.current?.isConnected === false;
    if (isLost) focused.current = null;
    if (isLost && document.activeElement === document.body) {
      scroller.current?.focus({ preventScroll: true });
    }
  });

  const goTo = useCallback(
    (index: number, align: 'auto' | 'center') => {
      const row = newestRows.current[index];
      if (row === undefined) return;
      wanted.current = row.key;
      setCurrent(row.key);
      toRow(index, align);
    },
    [toRow],
  );

  return {
    stop: stopIn(drawn, current),
    lit,
    onFocus: ({ target }) => {
      focused.current = target;
      // Whoever went elsewhere meanwhile stays there.
      wanted.current = null;
      setCurrent(lineIdAt(target));
    },
    jumpTo: useCallback(
      (lineId) => {
        goTo(
          newestRows.current.findIndex(({ key }) => key === lineId),
          'center',
        );
        light(lineId);
      },
      [goTo, light],
    ),
    step: useCallback(
      (lineId, by) => {
        const { current: all } = newestRows;
        const here = all.findIndex(({ key }) => key === lineId);
        let next = here + by;
        while (all[next] !== undefined && all[next]?.is !== 'line') next += by;
        if (here >= 0) goTo(next, 'auto');
      },
      [goTo],
    ),
  };
}

function useLight(): [lit: string | null, light: (lineId: string) => void] {
  const [lit, setLit] = useState<string | null>(null);
  useEffect(() => {
    if (lit === null) return;
    const off = setTimeout(() => setLit(null), LIT_MS);
    return () => clearTimeout(off);
  }, [lit]);
  return [lit, setLit];
}

/** The line that the person was at if it is drawn, else the last one that is. */
function stopIn(drawn: readonly Row[], current: string | null): string | null {
  if (drawn.some(({ key }) => key === current)) return current;
  return drawn.findLast(({ is }) => is === 'line')?.key ?? null;
}

function lineIdAt(target: Element): string | null {
  return target.closest('[data-line-id]')?.getAttribute('data-line-id') ?? null;
}

/** False if it is not drawn. */
function focusLine(list: HTMLElement | null, lineId: string): boolean {
  const rows = [...(list?.children ?? [])];
  const row = rows.find((each) => each.getAttribute('data-line-id') === lineId);
  const button = row?.querySelector<HTMLElement>('[data-acts]');
  button?.focus({ preventScroll: true });
  return button !== null && button !== undefined;
}
