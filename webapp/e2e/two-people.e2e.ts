/**
 * Two people in two real browsers, against running servers: `BASE_URLS` (comma-separated; person
 * i uses the i-th, round and round). `PICTURES_DIR` keeps pictures of the steps. Alice sits at a
 * light desk and reads English; Bob holds a dark phone and reads Russian.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertNoComplaints, launch } from './browser.ts';
import { dialogue } from './dialogue.ts';
import { baseUrls, Person, type Somebody, talk } from './person.ts';

const ALICE: Somebody = { called: 'alice', place: 0, language: 'en' };
const BOB: Somebody = {
  called: 'bob',
  place: 1,
  language: 'ru',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
};

describe('two people', () => {
  let browser: Browser;

  before(async () => {
    for (const url of baseUrls) {
      const answer = await fetch(new URL('/api/config', url)).catch(() => null);
      assert.ok(answer?.ok, `no server answers at ${url}: start one, or set BASE_URLS`);
    }
    browser = await launch();
  });
  after(() => browser?.close());

  /** Two new accounts, each in a browser of its own. */
  async function meet(): Promise<[alice: Person, bob: Person]> {
    const alice = await Person.arrive(browser, ALICE);
    const bob = await Person.arrive(browser, BOB);
    await alice.register();
    await bob.register();
    return [alice, bob];
  }

  it('find each other, talk, and lose everything when one closes the page', async () => {
    const [alice, bob] = await meet();
    await alice.takePicture('1-home');
    await alice.find(bob);
    await alice.takePicture('2-found');
    await alice.open(bob);
    await alice.sees('waiting');
    await alice.takePicture('3-waiting');
    await bob.rings(alice);
    await bob.takePicture('4-incoming');
    await bob.accept(alice);
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);

    const [atAlice, atBob] = await Promise.all([
      alice.fingerprints('5-fingerprints'),
      bob.fingerprints(),
    ]);
    assert.notEqual(atAlice.own, atAlice.peer);
    assert.deepEqual(atAlice, { own: atBob.peer, peer: atBob.own });

    // Half of it both at once, the rest by turns.
    const byAlice = dialogue.map((turn) => turn.alice);
    const byBob = dialogue.map((turn) => turn.bob);
    const half = dialogue.length / 2;
    await Promise.all([sayAll(alice, byAlice.slice(0, half)), sayAll(bob, byBob.slice(0, half))]);
    for (let said = half + 1; said <= dialogue.length; said += 1) {
      await sayAll(alice, byAlice.slice(said - 1, said));
      await bob.reads('peer', byAlice.slice(0, said));
      await sayAll(bob, byBob.slice(said - 1, said));
      await alice.reads('peer', byBob.slice(0, said));
    }
    await Promise.all([alice.reads('me', byAlice), bob.reads('me', byBob)]);
    await Promise.all([alice.ownLinesAre('read'), bob.ownLinesAre('read')]);
    await alice.takePicture('6-secure');
    await bob.takePicture('7-secure-in-russian');

    await bob.closePage();
    await alice.seesEnded('left', bob);
    await alice.takePicture('8-disconnected');
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('meet in the middle when both ring at once', async () => {
    const [alice, bob] = await meet();
    await Promise.all([alice.find(bob), bob.find(alice)]);
    await Promise.all([alice.open(bob), bob.open(alice)]);
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);
    await Promise.all([alice.say('you first'), bob.say('no, you')]);
    await Promise.all([alice.reads('peer', ['no, you']), bob.reads('peer', ['you first'])]);
    await Promise.all([alice.ownLinesAre('read'), bob.ownLinesAre('read')]);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('are told when the other is offline, who is rung when they come', async () => {
    const [alice, bob] = await meet();
    await bob.closePage();
    await alice.find(bob);
    await alice.open(bob);
    await alice.sees('peerOffline');
    await bob.comeBack();
    await bob.rings(alice);
    await bob.accept(alice);
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('can try again after one closed the page', async () => {
    const [alice, bob] = await meet();
    await talk(alice, bob);
    await alice.say('are you still there?');
    await alice.ownLinesAre('read');
    await bob.closePage();
    await alice.seesEnded('left', bob);
    await bob.comeBack();
    await alice.retry();
    await bob.rings(alice);
    await bob.accept(alice);
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);
    await alice.reads('me', []);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('keep their key across signing out and in again', async () => {
    const alice = await Person.arrive(browser, ALICE);
    await alice.register();
    const before = await alice.ownFingerprint();
    await alice.signOut();
    await alice.signIn('not-the-password-1');
    const alert = alice.page.getByRole('alert');
    await alert.getByText(alice.words.fault.code.INVALID_CREDENTIALS).waitFor();
    await alice.signIn();
    await alice.isHome();
    assert.equal(await alice.ownFingerprint(), before);
    await alice.goHome();
  });

  it('say goodbye by leaving, and can talk anew', async () => {
    const [alice, bob] = await meet();
    await talk(alice, bob);
    await alice.say('goodbye');
    await bob.reads('peer', ['goodbye']);
    await alice.leave();
    await bob.seesEnded('left', alice);
    await bob.close();
    await talk(alice, bob);
    await alice.reads('me', []);
    await bob.reads('peer', []);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('are reached on the page they opened last, until they take it back', async () => {
    const [alice, bob] = await meet();
    const again = await alice.openAgain();
    await again.takeOverFrom(alice);
    await talk(bob, again);
    await alice.takeOverFrom(again);
    await bob.seesReconnecting();
    await bob.leave();
    await talk(bob, alice);
    assertNoComplaints(again.watched);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('may decline', async () => {
    const [alice, bob] = await meet();
    await alice.find(bob);
    await alice.open(bob);
    await bob.rings(alice);
    await bob.decline(alice);
    await alice.seesEnded('declined', bob);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });
});

async function sayAll(person: Person, texts: readonly string[]): Promise<void> {
  for (const text of texts) await person.say(text);
}
