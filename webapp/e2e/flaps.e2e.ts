/**
 * Two people whose connections come and go while they talk: nothing is lost, nothing is heard twice,
 * and it stays the same conversation. A page that the system froze comes back to it, too. Against
 * running servers; `FLAPS` is how often (8 in CI, 200 in `make long-flaps`), `FLAPS_SEED` when.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { seededRandom } from '../src/test/seeded-random.ts';
import { assertNoComplaints, DEADLINE_MS, launch } from './browser.ts';
import { behind, CuttableProxy } from './cuttable-proxy.ts';
import { Person, talk } from './person.ts';

const { FLAPS = '8', FLAPS_SEED = '1' } = process.env;
const flaps = Number(FLAPS);
/** A tunnel, a lift: short of the thirty seconds that a conversation waits. */
const AWAY_MS_MAX = 2_500;
/** Longer than browsers let a page be before they freeze it, shorter than a conversation waits. */
const FROZEN_MS = 20_000;

describe('connections that come and go', () => {
  let browser: Browser;
  let near: CuttableProxy;
  let far: CuttableProxy;

  before(async () => {
    [browser, near, far] = await Promise.all([
      launch(),
      CuttableProxy.start(),
      CuttableProxy.start(),
    ]);
  });
  after(async () => {
    await browser.close();
    await Promise.all([near.stop(), far.stop()]);
  });

  async function meet(): Promise<[alice: Person, bob: Person]> {
    const place = { place: 0, language: 'en' } as const;
    const alice = await Person.arrive(behind(browser, near), { called: 'alice', ...place });
    const bob = await Person.arrive(behind(browser, far), { called: 'bob', ...place });
    await Promise.all([alice.register(), bob.register()]);
    await talk(alice, bob);
    return [alice, bob];
  }

  it(`lose nothing and double nothing in ${flaps} flaps`, async () => {
    const [alice, bob] = await meet();
    const random = seededRandom(Number(FLAPS_SEED)).fraction;
    const said = { alice: [] as string[], bob: [] as string[] };
    const say = async (flap: number, moment: string) => {
      said.alice.push(`alice ${flap} ${moment}`);
      said.bob.push(`bob ${flap} ${moment}`);
      await Promise.all([alice.say(said.alice.at(-1) ?? ''), bob.say(said.bob.at(-1) ?? '')]);
    };
    for (let flap = 1; flap <= flaps; flap += 1) {
      const cut = [near, far].filter((_, side) => random() < 0.6 || side === flap % 2);
      await say(flap, 'before');
      for (const proxy of cut) proxy.cut();
      await say(flap, 'while away');
      // pause: how long somebody is away is what is tested
      await pause(random() * AWAY_MS_MAX);
      for (const proxy of cut) proxy.mend();
      await say(flap, 'after');
      // Some flaps come while the one before is still being mended.
      if (random() < 0.5) await Promise.all([isBack(alice), isBack(bob)]);
    }
    await Promise.all([isBack(alice), isBack(bob)]);
    await Promise.all([bob.reads('peer', said.alice), alice.reads('peer', said.bob)]);
    await Promise.all([alice.reads('me', said.alice), bob.reads('me', said.bob)]);
    await Promise.all([alice.ownLinesAre('read'), bob.ownLinesAre('read')]);
    await endAll(alice, bob);
  });

  it(`bring a page back that was frozen for ${FROZEN_MS / 1_000} s`, async () => {
    const [alice, bob] = await meet();
    await alice.say('before the tunnel');
    await bob.reads('peer', ['before the tunnel']);
    const session = await alice.page.context().newCDPSession(alice.page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await bob.say('are you there?');
    // pause: how long a page is frozen is what is tested
    await pause(FROZEN_MS);
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await alice.reads('peer', ['are you there?']);
    await alice.say('I am');
    await bob.reads('peer', ['before the tunnel', 'I am']);
    await Promise.all([alice.ownLinesAre('read'), bob.ownLinesAre('read')]);
    await endAll(alice, bob);
  });
});

/** The conversation goes on: it neither ended nor waits. */
async function isBack({ page }: Person): Promise<void> {
  await page.locator('[data-phase="secure"][data-connection="up"]').waitFor({
    timeout: 2 * DEADLINE_MS,
  });
}

async function endAll(...people: readonly Person[]): Promise<void> {
  for (const { page, watched } of people) {
    await page.context().close();
    // What a browser writes of a connection that broke is this story's matter.
    assertNoComplaints({
      ...watched,
      complaints: watched.complaints.filter(
        (what) => !/WebSocket|net::ERR_|status of 5/.test(what),
      ),
    });
  }
  assert.ok(people.length > 0);
}
