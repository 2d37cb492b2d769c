/**
 * What two people do with what they have said, in two real browsers and against running servers:
 * answers with jumps, changes, reactions, deleting, and that somebody writes. Alice has a mouse
 * and a keyboard and reads English; Bob has a phone and reads Russian.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from './browser.ts';
import { eventually } from './eventually.ts';
import { choose, react, remove, row, seesLines, seesReactions, write } from './line-hands.ts';
import { Person, type Somebody, talk } from './person.ts';

const ALICE: Somebody = { called: 'alice', place: 0, language: 'en' };
const BOB: Somebody = {
  called: 'bob',
  place: 1,
  language: 'ru',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
};

describe('what was said', () => {
  let browser: Browser;
  let alice: Person;
  let bob: Person;

  before(async () => {
    browser = await launch();
    alice = await Person.arrive(browser, ALICE);
    bob = await Person.arrive(browser, BOB);
    await alice.register();
    await bob.register();
    await talk(alice, bob);
  });
  after(() => browser?.close());

  it('is answered, and the answer leads back to it', async () => {
    await alice.say('which door?');
    for (let n = 1; n <= 40; n += 1) await alice.say(`between ${n}`);
    await bob.reads('peer', ['which door?', ...between()]);
    await bob.page.getByRole('log').evaluate((log) => log.scrollTo(0, 0));
    await choose(bob, 'which door?', 'reply');
    await write(bob, 'the green one');
    await alice.reads('peer', ['the green one']);
    assert.equal(await row(alice, 'which door?').count(), 0);
    await alice.takePicture('answer');
    const quote = row(alice, 'the green one').getByTitle(alice.words.lines.toQuoted);
    await quote.click();
    await row(alice, 'which door?').waitFor();
    const there = row(alice, 'which door?');
    await eventually(() => there.evaluate((line) => line.contains(document.activeElement)), true);
    await eventually(() => isInView(there), true);
    await alice.page.getByRole('button', { name: alice.words.lines.toEnd }).click();
    await eventually(() => isInView(row(alice, 'the green one')), true);
  });

  it('is changed by its author, with the arrow up, and both see so', async () => {
    await alice.say('on my wall');
    await bob.reads('peer', ['which door?', ...between(), 'on my wall']);
    await alice.page.locator('textarea').press('ArrowUp');
    await write(alice, 'on my way');
    await Promise.all([row(alice, 'on my way').waitFor(), row(bob, 'on my way').waitFor()]);
    for (const person of [alice, bob]) {
      const edited = row(person, 'on my way').getByText(person.words.lines.edited);
      await edited.waitFor();
    }
  });

  it('is reacted to by both, and either can take it back', async () => {
    await react(bob, 'on my way', '🙏');
    await seesReactions(alice, 'on my way', [`🙏 by ${bob.name}`]);
    await row(alice, 'on my way').locator('[aria-pressed]').click();
    await seesReactions(bob, 'on my way', [`🙏: ${bob.words.lines.you}, ${alice.name}`]);
    await row(bob, 'on my way').locator('[aria-pressed]').click();
    await seesReactions(alice, 'on my way', ['🙏 by You']);
    await bob.takePicture('reactions-in-russian');
  });

  it('is deleted for both by its author, and for oneself by anybody', async () => {
    await remove(alice, 'on my way', 'forBoth');
    await bob.say('shall I wait?');
    const all = ['which door?', ...between(), 'the green one', '', 'shall I wait?'];
    await Promise.all([seesLines(alice, all), seesLines(bob, all)]);
    await remove(alice, 'shall I wait?', 'forMe');
    await seesLines(alice, all.slice(0, -1));
    await alice.say('wait');
    await seesLines(bob, [...all, 'wait']);
    await seesLines(alice, [...all.slice(0, -1), 'wait']);
  });

  it('is seen to be written', async () => {
    const writes = alice.words.activity.writing.replace('{{name}}', bob.name);
    await bob.page.locator('textarea').pressSequentially('so');
    await alice.page.getByText(writes).waitFor();
    await bob.page.locator('textarea').fill('');
    await alice.page.getByText(writes).waitFor({ state: 'detached' });
  });

  it('leaves no complaint of either browser behind', async () => {
    await Promise.all([alice.goHome(), bob.goHome()]);
  });
});

const between = () => Array.from({ length: 40 }, (_, n) => `between ${n + 1}`);

function isInView(line: ReturnType<typeof row>): Promise<boolean> {
  return line.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const view = element.closest('[role="log"]')?.getBoundingClientRect();
    return view !== undefined && top >= view.top - 1 && bottom <= view.bottom + 1;
  });
}
