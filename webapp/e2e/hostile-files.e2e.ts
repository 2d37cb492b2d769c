/**
 * Somebody sends files that would run as a script in a careless page, by what is in them and by what
 * they are called: nothing runs, no report of the policy is left unexplained, and names and texts
 * are read as they were written. Over the harness: a client of ours sends no such names, and one
 * that was made for it does.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { aTransfer, secure, signedIn, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints, launch, openPage, type Watched } from './browser.ts';
import { eventually } from './eventually.ts';
import { type Harness, serveHarness } from './harness/serve.ts';
import { DOCUMENT_KINDS, type HostileDocument, hostileDocuments } from './hostile-documents.ts';
import { HOSTILE_NAMES } from './hostile-files.ts';
import { hostileWords } from './hostile-words.ts';
import { setTraps, type Traps } from './traps.ts';
import { dictionaries, filled } from './words.ts';

const words = dictionaries.en.files;
const documents = hostileDocuments();
const names = [...HOSTILE_NAMES, ...hostileWords];

/** As many as are near the window: the list draws no others. */
const AT_ONCE = 8;
/** What is opened is shown, or is said not to be. */
const SETTLED = 'canvas, img, video, audio, pre, [role=status] > :not(svg)';

describe('hostile files', () => {
  let browser: Browser;
  let harness: Harness;
  let watched: Watched;
  let traps: Traps;
  let page: Page;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });
  beforeEach(async () => {
    await page?.context().close();
    const trapping = {
      async newContext(options: Parameters<Browser['newContext']>[0]) {
        const context = await browser.newContext(options);
        traps = await setTraps(context);
        return context;
      },
    };
    watched = await openPage(trapping, { locale: 'en', viewport: { width: 1000, height: 4000 } });
    page = watched.page;
    await page.goto(harness.url);
  });

  const nothingHappened = async (what: string) => {
    assert.deepEqual([what, ...(await traps.sprung(page))], [what]);
    assert.equal(await page.evaluate(() => document.scripts.length), 1, what);
    assert.equal(await page.locator('iframe, object, embed').count(), 0, what);
    assertNoComplaints(watched);
  };

  it('are many, in every place', () => {
    const counts = Object.fromEntries(
      [...documents].map(([kind, all]) => [kind, all.reduce((sum, { words }) => sum + words, 0)]),
    );
    const all = { texts: hostileWords.length, names: hostileWords.length, files: names.length };
    process.stdout.write(`hostile payloads: ${JSON.stringify({ ...all, ...counts })}\n`);
    assert.deepEqual(Object.keys(counts), [...DOCUMENT_KINDS]);
    for (const count of Object.values({ ...all, ...counts })) assert.ok(count >= 500);
    for (const name of ['__proto__', 'constructor', 'toString']) assert.ok(names.includes(name));
  });

  it('do nothing where they are the names of files', async () => {
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE);
      await show(
        page,
        some.map((name) => ({ name, mime: name, bytes: Buffer.from('x') })),
      );
      const shown = () => page.locator('[data-file-name]').allTextContents();
      await eventually(shown, some);
    }
    await nothingHappened('names');
  });

  for (const [kind, files] of documents) {
    it(`do nothing where they stand in files: ${kind}`, async () => {
      for (const file of files) {
        await show(page, [file]);
        await page.locator(`[data-content="${file.is}"]`).waitFor();
        const press = pressOf(page, file);
        assert.equal(await press.count(), file.is === 'markup' ? 0 : 1, file.name);
        if (file.is !== 'markup') await openAndClose(page, press);
        await nothingHappened(file.name);
      }
    });
  }
});

function pressOf(page: Page, { is, name }: HostileDocument): Locator {
  const label = filled(is === 'video' ? words.playOf : words.viewOf, { file: name });
  return page.getByRole('button', { name: label, exact: true });
}

async function openAndClose(page: Page, press: Locator): Promise<void> {
  await press.click();
  await page.getByRole('dialog').locator(SETTLED).first().waitFor();
  await page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

type Shown = Pick<HostileDocument, 'name' | 'mime' | 'bytes'>;

/** These have come, and stand in the list. */
async function show(page: Page, files: readonly Shown[]): Promise<void> {
  const idOf = (place: number) => 3 + 2 * place;
  const contents = files.map(
    ({ bytes }, place) => [idOf(place), bytes.toString('base64')] as const,
  );
  const transfers = files.map(({ name, mime, bytes }, place) =>
    aTransfer({ id: idOf(place), name, mime, size: bytes.length, stage: { is: 'delivered' } }),
  );
  await page.evaluate((view) => window.harness.show(view), signedIn());
  await page.evaluate((all) => {
    window.harness.files.clear();
    for (const [id, base64] of all) {
      window.harness.files.set(
        id,
        Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
      );
    }
  }, contents);
  await page.evaluate(
    (view) => window.harness.show(view),
    signedIn(withBob({ ...secure([]), transfers })),
  );
}
