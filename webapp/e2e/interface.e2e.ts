/**
 * What only a real browser can show of the interface, over a fake model: what is in sight, where
 * the list stands, what the keyboard reaches, and that a breach of the policy is noticed.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { AppView, Line } from '../src/app/model.ts';
import { bob, carol, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints, launch, openPage, type Watched } from './browser.ts';
import { eventually } from './eventually.ts';
import { type Harness, serveHarness } from './harness/serve.ts';
import { dictionaries, named } from './words.ts';

const words = dictionaries.en;
const talkOf = (lines: readonly Line[]): AppView => signedIn(withBob(secure(lines)));
const manyLines = () => Array.from({ length: 60 }, (_, n) => theirs(`line ${n + 1}`));

describe('the interface', () => {
  let browser: Browser;
  let harness: Harness;
  let watched: Watched;
  let page: Page;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });
  beforeEach(async () => {
    watched = await openPage(browser, { locale: 'en', viewport: { width: 1000, height: 700 } });
    page = watched.page;
    await page.goto(harness.url);
  });

  const show = (view: AppView) => page.evaluate((next) => window.harness.show(next), view);
  const asked = (name: string) =>
    page.evaluate(
      (wanted) =>
        window.harness.calls.filter(([call]) => call === wanted).map(([, first]) => first),
      name,
    );
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });

  it('tells of the newest line in sight, and follows the end', async () => {
    const lines = manyLines();
    await show(talkOf(lines));
    await eventually(async () => (await asked('seen')).at(-1), lines.at(-1)?.id);
    assert.equal((await asked('seen')).length, 1);
    const another = [...lines, theirs('one more')];
    await show(talkOf(another));
    await eventually(async () => (await asked('seen')).at(-1), another.at(-1)?.id);
    assertNoComplaints(watched);
  });

  it('tells nothing of a line below the fold until somebody goes there', async () => {
    const lines = manyLines();
    await show(talkOf(lines));
    await eventually(async () => (await asked('seen')).length, 1);
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -600);
    await button(words.lines.toEnd).waitFor();
    const another = [...lines, theirs('one more')];
    await show(talkOf(another));
    const toNew = button('1 new message');
    await toNew.waitFor();
    assert.equal((await asked('seen')).length, 1);
    await toNew.click();
    await eventually(async () => (await asked('seen')).at(-1), another.at(-1)?.id);
    await toNew.waitFor({ state: 'detached' });
  });

  it('tells of a line that is taller than the view', async () => {
    const tall = theirs('a line\n'.repeat(200));
    await show(talkOf([tall]));
    await eventually(() => asked('seen'), [tall.id]);
  });

  it('keeps the end in sight when the view becomes lower', async () => {
    await show(talkOf(manyLines()));
    await page.setViewportSize({ width: 1000, height: 420 });
    const toEndPx = () =>
      page
        .getByRole('log')
        .evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
    await eventually(toEndPx, 0);
  });

  it('gives the focus back when a dialog closes on Escape', async () => {
    const name = `${words.conversation.fingerprints}: ${words.key.notVerified}`;
    await show(talkOf([theirs('hello')]));
    await button(name).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.equal(await focused(), words.conversation.close);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await focused(), name);
    assert.deepEqual(await asked('leave'), []);
  });

  it('is reached by the keyboard alone, in the order it is read', async () => {
    await show(
      signedIn({
        incoming: [carol],
        search: { query: 'bo', people: { is: 'answered', value: [bob] } },
      }),
    );
    await page.getByRole('main').waitFor();
    await page.evaluate(
      () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
    );
    await button(named(words.key.ownOf, 'alice')).focus();
    const reached: string[] = [];
    for (let n = 0; n < 9; n += 1) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    assert.deepEqual(reached, [
      words.preferences.otherLanguage,
      words.settings.title,
      words.account.signOut,
      named(words.people.blockOf, 'carol'),
      named(words.incoming.declineFrom, 'carol'),
      named(words.incoming.acceptFrom, 'carol'),
      '',
      words.people.clear,
      named(words.people.talkTo, 'bob'),
    ]);
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked('open'), [bob]);
  });

  it('notices a breach of the policy', async () => {
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    await eventually(async () => watched.complaints.length, 1);
    assert.throws(() => assertNoComplaints(watched));
  });
});
