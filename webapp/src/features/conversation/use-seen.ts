/**
 * Tells which of the peer's lines were in sight: half of the line in view, or half of the view
 * filled by it, on a page that somebody can see.
 */
import { type RefCallback, type RefObject, useCallback, useEffect, useRef } from 'react';
import type { AppModel, Line } from '../../app/model.ts';
import { usePageVisible } from '../../ui/use-page-visible.ts';

/** Often enough to notice a line that is taller than the view. */
const THRESHOLDS = Array.from({ length: 21 }, (_, step) => step / 20);

export function useSeen(
  lines: readonly Line[],
  scroller: RefObject<HTMLElement | null>,
  model: Pick<AppModel, 'seen'>,
): RefCallback<HTMLElement> {
  const isPageVisible = usePageVisible();
  const inSight = useRef(new Set<string>());
  const newestSeen = useRef<string>(null);
  const observer = useRef<IntersectionObserver>(null);
  const tell = useRef(() => {});

  useEffect(() => {
    tell.current = () => {
      if (!isPageVisible) return;
      const newest = lines.findLast(
        ({ id }) => inSight.current.has(id) || id === newestSeen.current,
      );
      if (newest === undefined || newest.id === newestSeen.current) return;
      newestSeen.current = newest.id;
      model.seen(newest.id);
    };
    tell.current();
  }, [lines, isPageVisible, model]);

  return useCallback(
    (element) => {
      if (element === null) return;
      observer.current ??= new IntersectionObserver(
        (entries) => {
          for (const entry of entries) {
            const id = entry.target.getAttribute('data-line-id') ?? '';
            if (isInSight(entry, scroller.current)) inSight.current.add(id);
            else inSight.current.delete(id);
          }
          tell.current();
        },
        { threshold: THRESHOLDS },
      );
      const { current } = observer;
      current.observe(element);
      return () => {
        current.unobserve(element);
        inSight.current.delete(element.getAttribute('data-line-id') ?? '');
      };
    },
    [scroller],
  );
}

function isInSight(entry: IntersectionObserverEntry, view: HTMLElement | null): boolean {
  if (!entry.isIntersecting) return false;
  const viewPx = view?.clientHeight ?? Number.POSITIVE_INFINITY;
  return (
    entry.intersectionRatio >= 0.5 || (viewPx > 0 && entry.intersectionRect.height >= viewPx / 2)
  );
}
