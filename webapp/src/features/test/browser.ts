/**
 * What jsdom lacks of a browser, as far as the screens use it. The real things are met in
 * `e2e/screenshots.e2e.ts`.
 */
type Sight = { readonly element: Element; readonly ratio: number; readonly heightPx: number };

/** Observers that were made and not disconnected, with what they watch. */
const observers = new Set<FakeIntersectionObserver>();

class FakeIntersectionObserver {
  readonly watched = new Set<Element>();
  readonly #callback: IntersectionObserverCallback;

  constructor(callback: IntersectionObserverCallback) {
    this.#callback = callback;
    observers.add(this);
  }

  observe(element: Element): void {
    this.watched.add(element);
  }

  unobserve(element: Element): void {
    this.watched.delete(element);
  }

  disconnect(): void {
    observers.delete(this);
  }

  tell(sights: readonly Sight[]): void {
    const entries = sights
      .filter(({ element }) => this.watched.has(element))
      .map(({ element, ratio, heightPx }) => ({
        target: element,
        isIntersecting: ratio > 0,
        intersectionRatio: ratio,
        intersectionRect: { height: heightPx },
      }));
    this.#callback(
      entries as unknown as IntersectionObserverEntry[],
      this as unknown as IntersectionObserver,
    );
  }
}

class FakeResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

/** Puts the missing parts in place. */
export function furnishBrowser(): void {
  observers.clear();
  Object.assign(globalThis, {
    IntersectionObserver: FakeIntersectionObserver,
    ResizeObserver: FakeResizeObserver,
  });
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.setAttribute('open', '');
  };
  HTMLDialogElement.prototype.close = function close() {
    this.removeAttribute('open');
  };
  // Its style sheet hides what is a popover, whether it is shown or not.
  HTMLElement.prototype.showPopover = function showPopover() {
    this.removeAttribute('popover');
  };
}

/** A line comes into sight, or goes out of it with a ratio of 0. */
export function comesIntoSight(lineId: string, ratio: number, heightPx = 20): void {
  const element = document.querySelector(`[data-line-id="${lineId}"]`);
  if (element === null) throw new Error(`no line ${lineId}`);
  for (const observer of observers) observer.tell([{ element, ratio, heightPx }]);
}

/** Everything that somebody watches comes into sight. */
export function everythingComesIntoSight(): void {
  for (const observer of observers) {
    observer.tell([...observer.watched].map((element) => ({ element, ratio: 1, heightPx: 20 })));
  }
}

/** Whether anybody watches a line. */
export function isWatched(lineId: string): boolean {
  const element = document.querySelector(`[data-line-id="${lineId}"]`);
  return [...observers].some(({ watched }) => element !== null && watched.has(element));
}

/** Hides or shows the page. */
export function setPageHidden(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

/** Gives a scroller the sizes that jsdom does not compute. */
export function setScroll(element: Element, sizes: { client: number; scroll: number }): void {
  Object.defineProperty(element, 'clientHeight', { configurable: true, value: sizes.client });
  Object.defineProperty(element, 'scrollHeight', { configurable: true, value: sizes.scroll });
}
