/**
 * Notices whatever a planted script can do in a page: call `ran`, open a dialog, ask another host,
 * change what all objects have. Set before any script of the page runs.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { ELSEWHERE } from './hostile-words.ts';

declare global {
  interface Window {
    ran(what: unknown): void;
    trapped: string[];
  }
}

export type Traps = {
  /** Everything that was noticed so far, each thing in words. */
  sprung(page: Page): Promise<readonly string[]>;
};

export async function setTraps(context: BrowserContext): Promise<Traps> {
  const outside: string[] = [];
  await context.addInitScript(watchInside);
  context.on('page', (page) => watchOutside(page, outside));
  for (const page of context.pages()) watchOutside(page, outside);
  return {
    async sprung(page) {
      const inside = await page.evaluate(() => [
        ...window.trapped,
        // Whoever polluted it would be seen on every object there is.
        ...Object.keys(Object.prototype).map((name) => `every object has ${name}`),
        ...['isAdmin', 'ran'].filter((name) => name in {}).map((name) => `objects have ${name}`),
      ]);
      return [...inside, ...outside];
    },
  };
}

function watchOutside(page: Page, noticed: string[]): void {
  page.on('dialog', (dialog) => {
    noticed.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => {
    if (request.url().startsWith(ELSEWHERE)) noticed.push(`a request: ${request.url()}`);
  });
  page.on('popup', (popup) => noticed.push(`a window: ${popup.url()}`));
}

/** Runs in the page. */
function watchInside(): void {
  window.trapped = [];
  window.ran = (what) => window.trapped.push(`a script ran: ${what}`);
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
    window.trapped.push(`a report: ${violatedDirective} ${blockedURI} ${sample}`);
  });
}
