/**
 * The main path in Firefox: two accounts, each other found, a talk, the key compared and confirmed,
 * a goodbye; and a talk between the two engines. Against running servers.
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Contexts, launch } from './browser.ts';
import { launchFirefox, launchFirefoxKeepingIn, typing } from './firefox.ts';
import { PASSWORD, Person, talk } from './person.ts';
import { aFolder, canary, foundInFiles, waitUntilKept } from './stored.ts';

describe('in Firefox', () => {
  let firefox: Browser;
  let chromium: Browser;

  before(async () => {
    firefox = await launchFirefox();
    chromium = await launch();
  });
  after(() => Promise.all([firefox?.close(), chromium?.close()]));

  async function meet(one: Contexts, other: Contexts): Promise<[alice: Person, bob: Person]> {
    const alice = await Person.arrive(one, { called: 'alice', place: 0, language: 'en' });
    const bob = await Person.arrive(other, { called: 'bob', place: 1, language: 'ru' });
    await alice.register();
    await bob.register();
    await talk(alice, bob);
    return [alice, bob];
  }

  async function sayAndHear(alice: Person, bob: Person): Promise<void> {
    const [byAlice, byBob] = [
      ['one', 'два', '三'],
      ['I hear you', '<b>and see</b>'],
    ];
    for (const text of byAlice) await alice.say(text);
    for (const text of byBob) await bob.say(text);
    await Promise.all([bob.reads('peer', byAlice), alice.reads('peer', byBob)]);
    await Promise.all([alice.ownLinesAre('read'), bob.ownLinesAre('read')]);
  }

  it('is Firefox that is driven', () => {
    assert.match(`${firefox.browserType().name()} ${firefox.version()}`, /^firefox \d+/);
  });

  it('two people register, talk, verify each other and leave', async () => {
    const [alice, bob] = await meet(typing(firefox), typing(firefox));
    await sayAndHear(alice, bob);
    const [atAlice, atBob] = await Promise.all([alice.fingerprints(), bob.fingerprints()]);
    assert.deepEqual(atAlice, { own: atBob.peer, peer: atBob.own });
    await Promise.all([alice.confirm(bob), bob.confirm(alice)]);
    await alice.leave();
    await bob.seesEnded('left', alice);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('somebody talks with somebody in Chromium', async () => {
    const [alice, bob] = await meet(typing(firefox), chromium);
    await sayAndHear(alice, bob);
    await bob.confirm(alice);
    await bob.closePage();
    await alice.seesEnded('left', bob);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('[PAGE9] what is written and not said is not kept to open the page again', async () => {
    const folder = await aFolder();
    const [alice, bob] = await meet(typing(launchFirefoxKeepingIn(folder)), chromium);
    const unsaid = canary('unsaid');
    await alice.draft(unsaid);
    await waitUntilKept(alice.page, folder);
    assert.deepEqual(await foundInFiles(folder, [unsaid, PASSWORD]), []);
    await Promise.all([alice.goHome(), bob.goHome()]);
    await rm(folder, { recursive: true });
  });

  it('the key stays across a reload', async () => {
    const alice = await Person.arrive(typing(firefox), {
      called: 'alice',
      place: 0,
      language: 'en',
    });
    await alice.register();
    const before = await alice.ownFingerprint();
    await alice.page.reload();
    await alice.isHome();
    assert.equal(await alice.ownFingerprint(), before);
    await alice.goHome();
  });
});
