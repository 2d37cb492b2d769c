/**
 * The interface over a fake model, in one browser for all tests of a `describe` and in a page of
 * its own for each of them.
 */
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import type { AppView } from '../../src/app/model.ts';
import { launch, openPage, type Watched } from '../browser.ts';
import { type Harness, serveHarness } from './serve.ts';

export type Drawn = {
  /** The page of the present test. */
  readonly page: Page;
  readonly watched: Watched;
  show(view: AppView): Promise<void>;
  button(name: string): Locator;
  /** What the interface asked of the model under this name: the first that was given with it. */
  asked(name: string): Promise<readonly unknown[]>;
};

/** Call once in a `describe`. */
export function drawnInBrowser(): Drawn {
  let browser: Browser;
  let harness: Harness;
  let watched: Watched;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });
  beforeEach(async () => {
    watched = await openPage(browser, { locale: 'en', viewport: { width: 1000, height: 700 } });
    await watched.page.goto(harness.url);
  });
  afterEach(() => watched.page.context().close());

  return {
    get page() {
      return watched.page;
    },
    get watched() {
      return watched;
    },
    show: (view) => watched.page.evaluate((next) => window.harness.show(next), view),
    button: (name) => watched.page.getByRole('button', { name, exact: true }),
    asked: (name) =>
      watched.page.evaluate(
        (wanted) =>
          window.harness.calls.filter(([call]) => call === wanted).map(([, first]) => first),
        name,
      ),
  };
}
