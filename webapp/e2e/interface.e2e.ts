/**
 * What only a real browser can show of the interface, over a fake model: what is in sight, where
 * the list stands, what the keyboard reaches, and that a breach of the policy is noticed.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppView, Line } from '../src/app/model.ts';
import { bob, carol, mine, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints } from './browser.ts';
import { eventually } from './eventually.ts';
import { drawnInBrowser } from './harness/drawn.ts';
import { dictionaries, named } from './words.ts';

const words = dictionaries.en;
const talkOf = (lines: readonly Line[]): AppView => signedIn(withBob(secure(lines)));
const manyLines = () => Array.from({ length: 60 }, (_, n) => theirs(`line ${n + 1}`));

describe('the interface', () => {
  const drawn = drawnInBrowser();
  const { show, button, asked } = drawn;
  const toEndPx = () =>
    drawn.page
      .getByRole('log')
      .evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
  const focused = () =>
    drawn.page.evaluate(() => {
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
    assertNoComplaints(drawn.watched);
  });

  it('tells nothing of a line below the fold until somebody goes there', async () => {
    const lines = manyLines();
    await show(talkOf(lines));
    await eventually(async () => (await asked('seen')).length, 1);
    await drawn.page.getByRole('log').hover();
    await drawn.page.mouse.wheel(0, -600);
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
    await drawn.page.setViewportSize({ width: 1000, height: 420 });
    await eventually(toEndPx, 0);
  });

  it('draws of a long talk what is in view, and leads to what an answer answers', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => theirs(`line ${n}`));
    const answer = { ...mine('an answer'), replyTo: lines[7]?.id ?? '' };
    await show(talkOf([...lines, answer]));
    await drawn.page.getByText('an answer').waitFor();
    assert.ok((await drawn.page.locator('[data-line-id]').count()) < 60);
    await drawn.page.getByTitle(words.lines.toQuoted).click();
    const there = drawn.page.locator(`[data-line-id="${lines[7]?.id}"]`);
    await eventually(() => there.evaluate((line) => line.contains(document.activeElement)), true);
    await drawn.page.locator('.outline-accent').getByText('line 7').waitFor();
    await drawn.page.locator('.outline-accent').waitFor({ state: 'detached' });
    await button(words.lines.toEnd).click();
    await drawn.page.getByText('an answer').waitFor();
    await eventually(toEndPx, 0);
    assertNoComplaints(drawn.watched);
  });

  it('stays where somebody reads while lines come, change and are drawn for the first time', async () => {
    const lines = Array.from({ length: 400 }, (_, n) =>
      theirs(`line ${n} `.repeat((n % 9) * 9 + 1)),
    );
    await show(talkOf(lines));
    await drawn.page.getByRole('log').hover();
    for (let n = 0; n < 10; n += 1) await drawn.page.mouse.wheel(0, -700);
    await button(words.lines.toEnd).waitFor();
    const reading = () =>
      drawn.page.getByRole('log').evaluate((log) => {
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
    const above = drawn.page.locator('[data-line-id]').first();
    const id = await above.getAttribute('data-line-id');
    assert.notEqual(id, before.id);
    const longer = 'much more than before '.repeat(40);
    const text = (line: Line) => (line.id === id ? longer : line.text);
    await show(talkOf(left.map((line) => ({ ...line, text: text(line) }))));
    await drawn.page.getByText(longer.trim()).waitFor();
    assert.ok(await isStill());
  });

  it('asks what can be done with a line by the keyboard, and leaves by Escape one at a time', async () => {
    const own = { ...mine('hello'), at: Date.now() };
    await show(talkOf([theirs('one'), own]));
    await drawn.page.getByRole('log').focus();
    await drawn.page.keyboard.press('Tab');
    assert.equal(await focused(), words.lines.actsOf.replace('{{text}}', 'hello'));
    await drawn.page.keyboard.press('Shift+F10');
    await drawn.page.getByRole('menu').waitFor();
    await drawn.page.keyboard.press('Escape');
    await drawn.page.getByRole('menu').waitFor({ state: 'detached' });
    assert.equal(await focused(), words.lines.actsOf.replace('{{text}}', 'hello'));
    await drawn.page.keyboard.press('Enter');
    await drawn.page.keyboard.press('ArrowDown');
    await drawn.page.keyboard.press('ArrowDown');
    assert.equal(await focused(), words.acts.edit);
    await drawn.page.keyboard.press('Enter');
    const field = drawn.page.locator('textarea');
    assert.equal(await field.inputValue(), 'hello');
    await drawn.page.keyboard.type('!');
    await drawn.page.keyboard.press('Escape');
    assert.equal(await field.inputValue(), '');
    await drawn.page.keyboard.press('Escape');
    assert.deepEqual(await asked('leave'), []);
    assertNoComplaints(drawn.watched);
  });

  it('gives the focus back when a dialog closes on Escape', async () => {
    const name = `${words.conversation.fingerprints}: ${words.key.notVerified}`;
    await show(talkOf([theirs('hello')]));
    await button(name).focus();
    await drawn.page.keyboard.press('Enter');
    await drawn.page.getByRole('dialog').waitFor();
    assert.equal(await focused(), words.conversation.close);
    await drawn.page.keyboard.press('Escape');
    await drawn.page.getByRole('dialog').waitFor({ state: 'detached' });
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
    await drawn.page.getByRole('main').waitFor();
    await drawn.page.evaluate(
      () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
    );
    await button(named(words.key.ownOf, 'alice')).focus();
    const reached: string[] = [];
    for (let n = 0; n < 9; n += 1) {
      await drawn.page.keyboard.press('Tab');
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
    await drawn.page.keyboard.press('Enter');
    assert.deepEqual(await asked('open'), [bob]);
  });

  it('notices a breach of the policy', async () => {
    await drawn.page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    await eventually(async () => drawn.watched.complaints.length, 1);
    assert.throws(() => assertNoComplaints(drawn.watched));
  });
});
