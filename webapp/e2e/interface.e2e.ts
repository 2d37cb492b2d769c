/**
 * What only a real browser can show of the interface, over a fake model: what is in sight, where
 * the list stands, what the keyboard reaches, and that a breach of the policy is noticed.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { AppView, Line } from '../src/app/model.ts';
import { bob, carol, mine, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
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
  const toEndPx = () =>
    page
      .getByRole('log')
      .evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
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
    await eventually(toEndPx, 0);
  });

  it('draws of a long talk what is in view, and leads to what an answer answers', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => theirs(`line ${n}`));
    const answer = { ...mine('an answer'), replyTo: lines[7]?.id ?? '' };
    await show(talkOf([...lines, answer]));
    await page.getByText('an answer').waitFor();
    assert.ok((await page.locator('[data-line-id]').count()) < 60);
    await page.getByTitle(words.lines.toQuoted).click();
    const there = page.locator(`[data-line-id="${lines[7]?.id}"]`);
    await eventually(() => there.evaluate((line) => line.contains(document.activeElement)), true);
    await page.locator('.outline-accent').getByText('line 7').waitFor();
    await page.locator('.outline-accent').waitFor({ state: 'detached' });
    await button(words.lines.toEnd).click();
    await page.getByText('an answer').waitFor();
    await eventually(toEndPx, 0);
    assertNoComplaints(watched);
  });

  it('stays where somebody reads while lines come, change and are drawn for the first time', async () => {
    const lines = Array.from({ length: 400 }, (_, n) =>
      theirs(`line ${n} `.repeat((n % 9) * 9 + 1)),
    );
    await show(talkOf(lines));
    await page.getByRole('log').hover();
    for (let n = 0; n < 10; n += 1) await page.mouse.wheel(0, -700);
    await button(words.lines.toEnd).waitFor();
    const reading = () =>
      page.getByRole('log').evaluate((log) => {
        const view = log.getBoundingClientRect();
        const rows = [...log.querySelectorAll('[data-line-id]')];
        const row = rows.find((each) => each.getBoundingClientRect().top >= view.top);
        const id = row?.getAttribute('data-line-id') ?? '';
        return { id, px: Math.round((row?.getBoundingClientRect().top ?? 0) - view.top) };
      });
    let before = await reading();
    await eventually(async () => {
      const now = await reading();
      const isStill = now.id === before.id && now.px === before.px;
      before = now;
      return isStill;
    }, true);
    /** Half a pixel may be rounded either way. */
    const isStill = async () => {
      const { id, px } = await reading();
      return id === before.id && Math.abs(px - before.px) <= 1;
    };
    const left = [...lines.slice(50), theirs('one more')];
    await show(talkOf(left));
    await button('1 new message').waitFor();
    assert.ok(await isStill());
    // One that is drawn above what is in view becomes much higher.
    const above = page.locator('[data-line-id]').first();
    const id = await above.getAttribute('data-line-id');
    assert.notEqual(id, before.id);
    const longer = 'much more than before '.repeat(40);
    const text = (line: Line) => (line.id === id ? longer : line.text);
    await show(talkOf(left.map((line) => ({ ...line, text: text(line) }))));
    await page.getByText(longer.trim()).waitFor();
    assert.ok(await isStill());
  });

  it('asks what can be done with a line by the keyboard, and leaves by Escape one at a time', async () => {
    const own = { ...mine('hello'), at: Date.now() };
    await show(talkOf([theirs('one'), own]));
    await page.getByRole('log').focus();
    await page.keyboard.press('Tab');
    assert.equal(await focused(), words.lines.actsOf.replace('{{text}}', 'hello'));
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menu').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    assert.equal(await focused(), words.lines.actsOf.replace('{{text}}', 'hello'));
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), words.acts.edit);
    await page.keyboard.press('Enter');
    const field = page.locator('textarea');
    assert.equal(await field.inputValue(), 'hello');
    await page.keyboard.type('!');
    await page.keyboard.press('Escape');
    assert.equal(await field.inputValue(), '');
    await page.keyboard.press('Escape');
    assert.deepEqual(await asked('leave'), []);
    assertNoComplaints(watched);
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
