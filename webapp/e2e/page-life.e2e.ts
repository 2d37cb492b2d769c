/**
 * Pages that are closed, left, put aside and shown again while their worker holds a conversation.
 * `DHCHAT_CLOSES` says how often each way of going is tried. Against running servers, like
 * `two-people.e2e.ts`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Ending } from '../src/app/model.ts';
import { launch, launchPuttingAside } from './browser.ts';
import { eventually } from './eventually.ts';
import { Person, type Somebody, talk } from './person.ts';

const ALICE: Somebody = { called: 'alice', place: 0, language: 'en' };
const BOB: Somebody = { called: 'bob', place: 1, language: 'en' };

const CLOSES = Number(process.env['DHCHAT_CLOSES'] ?? 1);

/** What the other sees: the last words were ready before the page began to go. */
const GONE: Ending = 'left';

const WAYS: Record<string, (page: Page) => Promise<unknown>> = {
  closed: (page) => page.close(),
  reloaded: (page) => page.reload(),
  left: (page) => page.goto(new URL('/favicon.svg', page.url()).href),
  'left for another origin': (page) => page.goto('about:blank'),
  'closed with its browser profile': (page) => page.context().close(),
};

describe('a page', () => {
  let browser: Browser;
  let puttingAside: Browser;

  before(async () => {
    [browser, puttingAside] = await Promise.all([launch(), launchPuttingAside()]);
  });
  after(() => Promise.all([browser?.close(), puttingAside?.close()]));

  for (const [going, act] of Object.entries(WAYS)) {
    it(`[PAGE6] that is ${going} ends its conversation`, async () => {
      const alice = await Person.arrive(browser, ALICE);
      await alice.register();
      for (let time = 0; time < CLOSES; time += 1) {
        const bob = await Person.arrive(browser, BOB);
        await bob.register();
        await talk(alice, bob);
        await act(bob.page);
        await alice.seesEnded(GONE, bob);
        await alice.close();
        await bob.page.context().close();
      }
      await alice.goHome();
    });
  }

  it('[PAGE6] that was put aside is reached again when it comes back', async () => {
    const alice = await Person.arrive(puttingAside, ALICE);
    const bob = await Person.arrive(browser, BOB);
    await alice.register();
    await bob.register();
    await alice.page.evaluate(() => Object.assign(window, { same: true }));
    await alice.page.goto('about:blank');
    await bob.find(alice);
    await bob.open(alice);
    await bob.sees('peerOffline');
    // The answer may be lost with the page that gives it.
    await alice.page.evaluate(() => history.back()).catch(() => {});
    const isSame = () => alice.page.evaluate(() => 'same' in window).catch(() => false);
    await eventually(isSame, true);
    await alice.rings(bob);
    await alice.accept(bob);
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);
    assert.equal(await isSame(), true);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });
});
