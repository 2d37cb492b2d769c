/**
 * A Firefox as its makers ship it, over WebDriver BiDi (W3C): the second engine that the page has
 * to run in. `FIREFOX` is its path.
 */
import { join } from 'node:path';
import { type Browser, firefox } from 'playwright-core';
import type { Contexts } from './browser.ts';

const OPTIONS = {
  // What makes the library speak the standard, not the language of a build of its own.
  channel: 'moz-firefox',
  executablePath: join(import.meta.dirname, 'firefox-relay.ts'),
};

export function launchFirefox(): Promise<Browser> {
  return firefox.launch(OPTIONS);
}

/** Firefox that keeps what it stores in a folder, and looks for it every half second, not every 15. */
export function launchFirefoxKeepingIn(folder: string): Contexts {
  const firefoxUserPrefs = {
    'browser.sessionstore.interval': 500,
    'browser.sessionstore.interval.idle': 500,
  };
  return {
    newContext: (options) =>
      firefox.launchPersistentContext(folder, { ...options, ...OPTIONS, firefoxUserPrefs }),
  };
}

/**
 * Firefox in which text is typed as an editor types it. The library would set the value of a field
 * from outside, which the page takes, rightly, for its own doing.
 */
export function typing(browser: Contexts): Contexts {
  return {
    async newContext(options) {
      const context = await browser.newContext(options);
      await context.addInitScript(() => {
        const type = (text: string) => void document.execCommand('insertText', false, text);
        Object.defineProperty(window, '__pw_bidiInsertText', { get: () => type, set: () => {} });
      });
      return context;
    },
  };
}
