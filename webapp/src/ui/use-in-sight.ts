/**
 * Whether something has come into sight, so that nothing is done for what nobody has scrolled to.
 */
import { type RefObject, useEffect, useState } from 'react';

/** Begun a little before it is seen. */
const MARGIN = '50px';

/** Stays `true` once it was. */
export function useInSight(element: RefObject<Element | null>): boolean {
  const [wasSeen, setWasSeen] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (wasSeen || current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setWasSeen(true);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [element, wasSeen]);
  return wasSeen;
}
