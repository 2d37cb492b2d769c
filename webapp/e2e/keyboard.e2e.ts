/**
 * Two people who have no mouse: they make accounts, find each other, talk, compare and confirm the
 * key, and leave. Against running servers, like `two-people.e2e.ts`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from './browser.ts';
import { eventually } from './eventually.ts';
import { Keyboard } from './keyboard.ts';
import { PASSWORD, Person } from './person.ts';
import { named } from './words.ts';

describe('without a mouse', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  it('two people go the whole way', async () => {
    const alice = await Person.arrive(browser, { called: 'alice', place: 0, language: 'en' });
    const bob = await Person.arrive(browser, { called: 'bob', place: 1, language: 'ru' });
    const keys = { alice: await arrived(alice), bob: await arrived(bob) };
    await Promise.all([refuseMouse(alice.page), refuseMouse(bob.page)]);
    await register(alice, keys.alice);
    await register(bob, keys.bob);

    const { words } = alice;
    await keys.alice.reach(words.people.title);
    await keys.alice.type(bob.name);
    await keys.alice.press(named(words.people.talkTo, bob.name));
    await keys.alice.hasFocus(bob.name);

    await keys.bob.press(named(bob.words.incoming.acceptFrom, alice.name));
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);
    await keys.alice.hasFocus(named(words.composer.label, bob.name));
    await keys.alice.type('no mouse here');
    await keys.alice.key('Enter');
    await bob.reads('peer', ['no mouse here']);
    await keys.bob.hasFocus(named(bob.words.composer.label, alice.name));
    await keys.bob.type('и здесь нет');
    await keys.bob.key('Enter');
    await alice.reads('peer', ['и здесь нет']);

    const badge = `${words.conversation.fingerprints}: ${words.key.notVerified}`;
    const verified = `${words.conversation.fingerprints}: ${words.key.verifiedMark}`;
    await keys.alice.press(badge);
    await keys.alice.reach(words.scan.title);
    await keys.alice.key('Enter');
    await alice.page.locator('[data-qr]').waitFor();
    await keys.alice.press(named(words.key.confirm, bob.name));
    await keys.alice.key('Escape');
    await keys.alice.hasFocus(verified);

    await keys.alice.press(words.conversation.leave);
    await keys.alice.press(words.conversation.leave);
    await bob.seesEnded('left', alice);
    await keys.bob.press(bob.words.conversation.close);
    await eventually(() => bob.page.locator('[data-phase]').count(), 0);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });
});

async function arrived(person: Person): Promise<Keyboard> {
  await person.page.getByRole('heading', { level: 1 }).waitFor();
  return new Keyboard(person.page);
}

async function register({ name, page, words }: Person, keys: Keyboard): Promise<void> {
  await keys.press(words.account.toRegister);
  await keys.reach(words.account.username);
  await keys.type(name);
  await keys.reach(words.account.password);
  await keys.type(PASSWORD);
  await keys.key('Enter');
  await page.getByRole('button', { name: named(words.key.ownOf, name), exact: true }).waitFor();
}

/** Whatever a pointer would do fails the test: a press of Enter clicks too, and has no pointer. */
async function refuseMouse(page: Page): Promise<void> {
  await page.evaluate(() => {
    addEventListener(
      'pointerdown',
      () => {
        throw new Error('a pointer was used');
      },
      true,
    );
  });
  assert.ok(page);
}
