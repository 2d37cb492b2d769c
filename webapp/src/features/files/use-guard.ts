/**
 * What this page can do about a file that is only to be looked at: no menu, no selection, no
 * dragging, none of the keys that copy, save, print or look behind the page; and it is put away
 * when the page is hidden, printed or not in front. A camera, or another program, sees it all the
 * same, and the page says so.
 */
import { useEffect, useEffectEvent } from 'react';

export function useGuard(isGuarded: boolean, onClose: () => void): void {
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (!isGuarded) return;
    const aborter = new AbortController();
    // Before anything in the page hears of it.
    const first = { signal: aborter.signal, capture: true };
    for (const what of ['contextmenu', 'dragstart', 'selectstart', 'copy', 'cut'] as const) {
      document.addEventListener(what, (event) => event.preventDefault(), first);
    }
    for (const what of ['keydown', 'keyup'] as const) {
      addEventListener(what, (event) => judge(event, () => close()), first);
    }
    for (const what of ['blur', 'pagehide', 'beforeprint'] as const) {
      // The focus also leaves one thing of the page for another.
      addEventListener(what, (event) => !(event.target instanceof Element) && close(), first);
    }
    document.addEventListener('visibilitychange', () => document.hidden && close(), first);
    return () => aborter.abort();
  }, [isGuarded]);
}

/** By their place on the keyboard and by their letter: layouts differ. */
const COMMANDS: readonly string[] = ['a', 'c', 'p', 's', 'u', 'x'];
/** With Shift, or with Option on a Mac: tools of developers. */
const TOOLS: readonly string[] = ['c', 'e', 'i', 'j', 'k', 'm', 's'];
/** With Command and Shift: pictures of the screen on a Mac. */
const SHOTS: readonly string[] = ['3', '4', '5', '6'];

function judge(event: KeyboardEvent, close: () => void): void {
  const is = (keys: readonly string[]) => keys.some((key) => isKey(event, key));
  const commands = event.ctrlKey || event.metaKey;
  const shoots = event.key === 'PrintScreen' || (event.metaKey && event.shiftKey && is(SHOTS));
  const looksBehind =
    event.key === 'F12' || (commands && (event.shiftKey || event.altKey) && is(TOOLS));
  if (!shoots && !looksBehind && !(commands && is(COMMANDS))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (shoots) close();
}

function isKey({ key, code }: KeyboardEvent, wanted: string): boolean {
  const place = /^\d$/.test(wanted) ? `Digit${wanted}` : `Key${wanted.toUpperCase()}`;
  return key.toLowerCase() === wanted || code === place;
}
