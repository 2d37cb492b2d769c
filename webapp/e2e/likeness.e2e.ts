/**
 * Every screen, and the living page, on three sizes, in both themes and both languages, against
 * the committed pictures in `e2e/likeness`. `UPDATE=1` takes them anew; whoever does looks at them.
 * `LIKENESS_DIR` keeps what was seen beside what was expected.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launch, openPage } from './browser.ts';
import { drawScreen } from './draw-screen.ts';
import { type Harness, serveHarness } from './harness/serve.ts';
import { CELL_PX, DIFFERENT_SHARE_MAX, differentShare, fromAfar } from './likeness.ts';
import { type Picture, readPng, writePng } from './png.ts';
import { NOW, screens } from './screens.ts';
import { readSheet, type Sheet, writeSheet } from './sheet.ts';
import { dictionaries } from './words.ts';

const { UPDATE, LIKENESS_DIR: seenFolder } = process.env;
/** A button on a desktop is two dozen squares. */
const DIFFERENT_CELLS_MAX = 12;
const FOLDER = join(import.meta.dirname, 'likeness');

const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1_024 },
  desktop: { width: 1_280, height: 800 },
} as const;
/** Half the size is as good from afar, and a quarter of the work. */
const SCALE = 0.5;
const THEMES = ['light', 'dark'] as const;
const LANGUAGES = ['en', 'ru'] as const;

type Theme = (typeof THEMES)[number];
type Size = { readonly width: number; readonly height: number };
type Look = { readonly size: keyof typeof SIZES; readonly language: 'en' | 'ru' };

/** A theme is another colour on the same page; a size and a language are another page. */
const looks: readonly Look[] = (['phone', 'tablet', 'desktop'] as const).flatMap((size) =>
  LANGUAGES.map((language) => ({ size, language })),
);

describe('every screen looks as it did', { concurrency: 3 }, () => {
  let browser: Browser;
  let harness: Harness;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });

  for (const look of looks) {
    const name = `${look.size}-${look.language}`;
    it(name, async () => {
      const page = await openLook(browser, look);
      await page.goto(`${harness.url}?fixed`);
      await page.waitForFunction(() => window.harness !== undefined);
      const seen = await seeScreens(page, look);
      await page.context().close();
      await judge(
        new Map(THEMES.map((theme) => [`${look.size}-${theme}-${look.language}`, seen[theme]])),
      );
    });
  }

  it('and so do the pieces', async () => {
    const page = await openLook(browser, { size: 'desktop', language: 'en' });
    await page.goto(`${harness.url}gallery.html?fixed`);
    await page.locator('[data-piece="Thread"]').last().waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[data-picture]').length === 64);
    await page.locator('[data-qr]').last().waitFor();
    const { height } = await page.evaluate(() => document.body.getBoundingClientRect());
    const size = { width: SIZES.desktop.width, height: Math.ceil(height) };
    await page.setViewportSize(size);
    const camera = await page.context().newCDPSession(page);
    const seen = new Map<string, Picture>();
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      seen.set(`pieces-${theme}`, await see(camera, size));
    }
    await judge(new Map([['pieces', seen]]));
    await page.context().close();
  });
});

async function openLook(browser: Browser, { size, language }: Look): Promise<Page> {
  const { page } = await openPage(browser, {
    viewport: SIZES[size],
    locale: language,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    hasTouch: size !== 'desktop',
  });
  await page.clock.setFixedTime(NOW);
  return page;
}

async function seeScreens(page: Page, { size, language }: Look): Promise<Record<Theme, Sheet>> {
  const camera = await page.context().newCDPSession(page);
  const seen = { light: new Map<string, Picture>(), dark: new Map<string, Picture>() };
  for (const screen of screens) {
    await drawScreen(page, screen, dictionaries[language]);
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      seen[theme].set(screen.name, await see(camera, SIZES[size]));
    }
  }
  return seen;
}

async function see(camera: CDPSession, { width, height }: Size): Promise<Picture> {
  const clip = { x: 0, y: 0, width, height, scale: SCALE };
  const how = { format: 'png', optimizeForSpeed: true, clip } as const;
  const { data } = await camera.send('Page.captureScreenshot', how);
  return fromAfar(readPng(Buffer.from(data, 'base64')), CELL_PX * SCALE);
}

async function judge(looks: ReadonlyMap<string, Sheet>): Promise<void> {
  const changed: string[] = [];
  for (const [look, seen] of looks) {
    const path = join(FOLDER, look);
    if (UPDATE === undefined) changed.push(...(await changes(look, seen, await readSheet(path))));
    else await mkdir(FOLDER, { recursive: true }).then(() => writeSheet(path, seen));
  }
  assert.deepEqual(changed, [], 'if this is meant, take the pictures with UPDATE=1');
}

/** What looks different on this sheet. */
async function changes(look: string, seen: Sheet, known: Sheet | null): Promise<string[]> {
  assert.ok(known, `there is no picture of ${look} yet: take them with UPDATE=1, and look at them`);
  assert.deepEqual([...seen.keys()], [...known.keys()], 'other screens: take them with UPDATE=1');
  const changed: string[] = [];
  for (const [screen, picture] of seen) {
    const share = differentShare(picture, known.get(screen) ?? picture);
    // A large picture may not hide what would be seen in a small one.
    const cells = picture.width * picture.height;
    if (share <= Math.min(DIFFERENT_SHARE_MAX, DIFFERENT_CELLS_MAX / cells)) continue;
    changed.push(`${look}, ${screen}: ${(share * 100).toFixed(1)} % of it looks different`);
    await keepBoth(`${look}-${screen}`, picture, known.get(screen));
  }
  return changed;
}

async function keepBoth(name: string, seen: Picture, known: Picture | undefined): Promise<void> {
  if (seenFolder === undefined) return;
  await mkdir(seenFolder, { recursive: true });
  await writeFile(join(seenFolder, `${name}-seen.png`), writePng(seen));
  if (known !== undefined) await writeFile(join(seenFolder, `${name}-known.png`), writePng(known));
}
