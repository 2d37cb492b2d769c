/**
 * Draws every screen on a phone and a desktop, light and dark, in both languages: the browser may
 * not complain, and axe may find nothing. `SCREENSHOTS_DIR` keeps the pictures,
 * `SCREENSHOTS_ONLY=home,secure` draws some.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { assertNoComplaints, launch, openPage } from './browser.ts';
import { drawScreen } from './draw-screen.ts';
import { type Harness, serveHarness } from './harness/serve.ts';
import { NOW, screens } from './screens.ts';
import { dictionaries } from './words.ts';

const { SCREENSHOTS_DIR: directory, SCREENSHOTS_ONLY } = process.env;
const only = SCREENSHOTS_ONLY?.split(',');

const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
  /** The narrowest that has to work, and a page that is enlarged to 400 %. */
  narrow: { width: 320, height: 568 },
} as const;

type Look = {
  readonly size: keyof typeof SIZES;
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'ru';
};

/** Any two of size, theme and language come together in one of the first four. */
const looks: readonly Look[] = [
  { size: 'phone', theme: 'light', language: 'en' },
  { size: 'phone', theme: 'dark', language: 'ru' },
  { size: 'desktop', theme: 'light', language: 'ru' },
  { size: 'desktop', theme: 'dark', language: 'en' },
  { size: 'narrow', theme: 'light', language: 'ru' },
];

describe('every screen', () => {
  let browser: Browser;
  let harness: Harness;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
    if (directory !== undefined) await mkdir(directory, { recursive: true });
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });

  it('is made of pieces that are sound, light and dark', async () => {
    const watched = await openPage(browser, { viewport: SIZES.desktop, reducedMotion: 'reduce' });
    const { page } = watched;
    await page.goto(new URL('gallery.html', harness.url).href);
    await page.locator('[data-qr]').last().waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[data-picture]').length === 64);
    const shown = await page
      .locator('[data-piece]')
      .evaluateAll((pieces) => pieces.map((piece) => piece.getAttribute('data-piece')));
    const ui = await readdir(join(import.meta.dirname, '../src/ui'));
    const pieces = ui
      .filter((file) => file.endsWith('.tsx'))
      .map((file) => file.slice(0, -4))
      .sort();
    assert.deepEqual(shown, ['colors', ...pieces], 'a piece is not shown');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Colors that change take their time, and have no contrast until then. A spinner has no end.
      await page.waitForFunction(() =>
        document.getAnimations().every((each) => !(each instanceof CSSTransition)),
      );
      if (directory !== undefined) {
        const path = join(directory, `gallery-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
      }
      assert.equal((await findFaults(page, `gallery ${colorScheme}`)).join('\n'), '');
    }
    assertNoComplaints(watched);
    await page.context().close();
  });

  for (const { size, theme, language } of looks) {
    const look = `${size}-${theme}-${language}`;
    it(`is sound: ${look}`, async () => {
      const watched = await openPage(browser, {
        viewport: SIZES[size],
        colorScheme: theme,
        locale: language,
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
        hasTouch: size !== 'desktop',
      });
      const { page } = watched;
      await page.clock.setFixedTime(NOW);
      await page.goto(harness.url);
      const faults: string[] = [];
      for (const screen of screens.filter(({ name }) => only?.includes(name) ?? true)) {
        await drawScreen(page, screen, dictionaries[language]);
        if (directory !== undefined) {
          await page.screenshot({ path: join(directory, `${screen.name}-${look}.png`) });
        }
        faults.push(...(await findFaults(page, screen.name)));
      }
      assert.equal(faults.join('\n'), '');
      assertNoComplaints(watched);
      await page.context().close();
    });
  }
});

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

async function findFaults(page: Page, screen: string): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in window);
  if (!isThere) await page.evaluate(axeSource);
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: RunOptions): Promise<AxeResults> };
    };
    return axe.run({ resultTypes: ['violations'] });
  });
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  const violations = results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${screen}: ${id}: ${html}`),
  );
  return wide ? [...violations, `${screen}: wider than the page`] : violations;
}
