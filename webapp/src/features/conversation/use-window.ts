/**
 * Draws of a long list only what is in view and a little around it: rows have the height that
 * they turn out to have, the others one that is guessed. What is read stays where it is while
 * rows above it turn out higher or lower.
 *
 * The rows drawn are a run without holes and stand in the ordinary flow between two elements as
 * high as the rows that are left out. So any row can be of any kind as long as it is one element:
 * they are measured as the children of the list, in order. And the browser itself can hold the
 * place of what is read, which does not stop a scroll that is under way as a script would.
 */
import { useVirtualizer, type VirtualItem, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';
import type { Row } from './entries.ts';

/** How near the end still counts as the end: a little less than one line. */
export const NEAR_END_PX = 50;

/** What a row is taken for until it was drawn: a line of one row of text; a card; a day. */
const GUESSED_PX = { line: 46, transfer: 90, day: 52 } as const;
/** Rows beyond each edge: enough that the keyboard finds the next one, and fast fingers no hole. */
const ROWS_AROUND = 8;
/** A view without a layout of its own, as before it is shown, is taken for one of this height. */
const UNKNOWN_VIEW_PX = 800;
/** More than any list: the end, before anything was measured. */
const END_PX = Number.MAX_SAFE_INTEGER;

/**
 * The end is held by `useStickToEnd`. The library would move the list by what a row there shrank,
 * after the browser has done so already.
 */
const NEVER_PX = Number.NEGATIVE_INFINITY;

/** Safari does not hold the place by itself; there a script does. */
const browserHoldsPlace = globalThis.CSS?.supports?.('overflow-anchor', 'auto') ?? false;

type Rows = Virtualizer<HTMLElement, HTMLElement>;

export type Window = {
  /** The rows to draw, from the first to the last. */
  readonly drawn: readonly Row[];
  readonly firstIndex: number;
  /** What the rows above and below would take. */
  readonly abovePx: number;
  readonly belowPx: number;
  readonly toRow: (index: number, align: 'auto' | 'center') => void;
  readonly toStart: () => void;
  readonly toEnd: () => void;
};

type Places = {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly list: RefObject<HTMLElement | null>;
  /** What stands in the scroller above the list. */
  readonly head: RefObject<HTMLElement | null>;
};

export function useWindow(rows: readonly Row[], { scroller, list, head }: Places): Window {
  const headPx = useHeight(head);
  const rowsOf = useVirtualizer<HTMLElement, HTMLElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    estimateSize: useCallback((index: number) => GUESSED_PX[rows[index]?.is ?? 'line'], [rows]),
    measureElement: heightOf,
    observeElementRect: observeView,
    scrollToFn: scrollTo,
    scrollMargin: headPx,
    initialOffset: END_PX,
    overscan: ROWS_AROUND,
    anchorTo: 'end',
    scrollEndThreshold: NEVER_PX,
  });
  if (browserHoldsPlace) rowsOf.shouldAdjustScrollPositionOnItemSizeChange = () => false;
  const items = rowsOf.getVirtualItems();
  useLayoutEffect(() => measure(rowsOf, items, list.current));

  const [first, last] = [items[0], items.at(-1)];
  return {
    drawn: items.flatMap(({ index }) => rows[index] ?? []),
    firstIndex: first?.index ?? 0,
    abovePx: Math.max(0, (first?.start ?? headPx) - headPx),
    belowPx: Math.max(0, headPx + rowsOf.getTotalSize() - (last?.end ?? headPx)),
    toRow: useCallback((index, align) => rowsOf.scrollToIndex(index, { align }), [rowsOf]),
    toStart: useCallback(() => rowsOf.scrollToOffset(0), [rowsOf]),
    toEnd: useCallback(() => rowsOf.scrollToEnd(), [rowsOf]),
  };
}

/** Tells the height of an element, and of what it becomes. */
function useHeight(element: RefObject<HTMLElement | null>): number {
  const [heightPx, setHeightPx] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const look = () => setHeightPx(current.offsetHeight);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return heightPx;
}

function measure(rows: Rows, items: readonly VirtualItem[], list: HTMLElement | null): void {
  const elements = list?.children ?? [];
  // A row that has not drawn itself would shift all after it to the height of another.
  if (elements.length !== items.length) return;
  items.forEach(({ index }, place) => {
    const element = elements[place];
    if (!(element instanceof HTMLElement)) return;
    setOnce(element, 'data-index', index);
    setOnce(element, 'aria-posinset', index + 1);
    setOnce(element, 'aria-setsize', rows.options.count);
    rows.measureElement(element);
  });
  rows.measureElement(null);
}

function setOnce(element: HTMLElement, name: string, value: number): void {
  if (element.getAttribute(name) !== `${value}`) element.setAttribute(name, `${value}`);
}

/** With the margin above, which no border box has. Known heights are not asked for again. */
function heightOf(
  element: HTMLElement,
  entry: ResizeObserverEntry | undefined,
  rows: Rows,
): number {
  const known = rows.itemSizeCache.get(rows.options.getItemKey(rows.indexFromElement(element)));
  if (entry === undefined && known !== undefined) return known;
  const boxPx = entry?.borderBoxSize[0]?.blockSize ?? element.getBoundingClientRect().height;
  return boxPx + (Number.parseFloat(getComputedStyle(element).marginTop) || 0);
}

function observeView(
  { scrollElement }: Rows,
  tell: (size: { width: number; height: number }) => void,
): (() => void) | undefined {
  if (scrollElement === null) return undefined;
  const look = () => {
    const { clientWidth: width, clientHeight: height } = scrollElement;
    tell({ width, height: height || UNKNOWN_VIEW_PX });
  };
  look();
  const observer = new ResizeObserver(look);
  observer.observe(scrollElement);
  return () => observer.disconnect();
}

function scrollTo(toPx: number, { adjustments = 0 }: { adjustments?: number }, rows: Rows): void {
  const { scrollElement } = rows;
  if (scrollElement === null) return;
  const { scrollTop: beforePx, scrollHeight, clientHeight } = scrollElement;
  scrollElement.scrollTop = Math.max(0, Math.min(toPx + adjustments, scrollHeight - clientHeight));
  // Where nothing moved no event comes, and the library would look for it with each frame for 5 s.
  if (clientHeight > 0 && scrollElement.scrollTop === beforePx) rows.scrollOffset = beforePx;
}
