/**
 * The lines of a conversation as somebody finds them who goes through the whole list: only what
 * is in view is drawn.
 */
import type { Page } from 'playwright-core';
import type { Line } from '../src/app/model.ts';

export type Found = { readonly by: Line['by']; readonly text: string; readonly state: string };

/** All of them, in order; the list stands at its end afterwards, as it did if it was there. */
export function linesOn(page: Page): Promise<readonly Found[]> {
  return page.evaluate(async () => {
    const log = document.querySelector('[role="log"]');
    const found = new Map<number, Found>();
    if (log === null) return [];
    const look = () => {
      for (const row of log.querySelectorAll('[data-line-id]')) {
        const text = row.querySelector('[data-text]')?.textContent ?? '';
        const by = row.getAttribute('data-by') as Found['by'];
        const state = row.getAttribute('data-state') ?? '';
        found.set(Number(row.getAttribute('aria-posinset')), { by, text, state });
      }
    };
    const isWhole = () => {
      const rows = log.querySelectorAll('li');
      return rows.length === Number(rows[0]?.getAttribute('aria-setsize') ?? 0);
    };
    const drawn = () =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    look();
    if (!isWhole()) {
      log.scrollTop = 0;
      await drawn();
      look();
      while (log.scrollTop + log.clientHeight < log.scrollHeight - 1) {
        log.scrollTop += log.clientHeight / 2;
        await drawn();
        look();
      }
    }
    return [...found].sort(([one], [other]) => one - other).map(([, line]) => line);
  });
}
