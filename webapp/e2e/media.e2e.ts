/**
 * Two people who record for each other, with the browser's own fake camera and microphone, against
 * running servers like `two-people.e2e.ts`. Alice sits at a desk; Bob holds a dark phone and reads
 * Russian.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from './browser.ts';
import { eventually } from './eventually.ts';
import { Person, type Somebody, talk } from './person.ts';
import {
  devicesOf,
  itemsOf,
  lengthOf,
  record,
  recorderOf,
  sendIt,
  watchDevices,
} from './recording.ts';
import { named } from './words.ts';

/** What a person answers when the browser asks: nothing is allowed without it. */
const ALLOWS = { permissions: ['microphone', 'camera'] };
const ALICE: Somebody = { ...ALLOWS, called: 'alice', place: 0, language: 'en' };
const BOB: Somebody = {
  ...ALLOWS,
  called: 'bob',
  place: 1,
  language: 'ru',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
};

/** What is shown as three seconds, less what a busy machine loses of them. */
const RECORDED_MS_MIN = 1_500;

describe('two people who record', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function talking(asAlice = ALICE): Promise<[alice: Person, bob: Person]> {
    const alice = await Person.arrive(browser, asAlice);
    const bob = await Person.arrive(browser, BOB);
    await alice.register();
    await bob.register();
    await talk(alice, bob);
    await Promise.all([watchDevices(alice.page), watchDevices(bob.page)]);
    return [alice, bob];
  }

  it('[UI91, UI94, UI96] hear a voice, as long as it was', async () => {
    const [alice, bob] = await talking();
    const begunAt = performance.now();
    await record(alice, 'voice', bob, 3_000);
    await alice.takePicture('media-1-recording-a-voice');
    await sendIt(alice);
    const tookMs = performance.now() - begunAt;
    assert.deepEqual(await devicesOf(alice.page), ['audio ended']);

    for (const person of [alice, bob]) {
      await itemsOf(person).locator('[data-voice="ready"]').waitFor();
      await itemsOf(person).locator('[data-waveform="known"]').waitFor();
      const lengthMs = await lengthOf(person);
      assert.ok(lengthMs >= RECORDED_MS_MIN && lengthMs <= tookMs, `${lengthMs} ms`);
    }
    await bob.takePicture('media-2-a-voice-in-russian');

    const item = itemsOf(bob);
    const position = item.getByRole('slider');
    await item.getByRole('button').first().press('Enter');
    await eventually(async () => Number(await position.inputValue()) > 500, true);
    await item.getByRole('button', { name: bob.words.playing.pause.voice }).press('Enter');
    await item.getByRole('button').first().press('Enter');
    // It comes to its end, and is at its beginning again.
    await eventually(async () => Number(await position.inputValue()), 0);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('[UI91, UI97] see a video in its circle', async () => {
    const [alice, bob] = await talking();
    const begunAt = performance.now();
    await record(bob, 'video', alice, 3_000);
    await bob.takePicture('media-3-recording-a-video-in-russian');
    await sendIt(bob);
    const tookMs = performance.now() - begunAt;
    assert.deepEqual((await devicesOf(bob.page)).toSorted(), ['audio ended', 'video ended']);

    const item = itemsOf(alice);
    await item.locator('[data-frame]').waitFor();
    const lengthMs = await lengthOf(alice);
    assert.ok(lengthMs >= RECORDED_MS_MIN && lengthMs <= tookMs, `${lengthMs} ms`);
    await alice.takePicture('media-4-a-video');
    await item.getByRole('button').click();
    await item.locator('[data-video="playing"]').waitFor();
    const video = item.locator('video');
    const at = () => video.evaluate((element: HTMLVideoElement) => element.currentTime);
    await eventually(async () => (await at()) > 0.5, true);
    assert.equal(await video.evaluate((element: HTMLVideoElement) => element.videoWidth > 0), true);
    await item.locator('[data-video="resting"]').waitFor();
    await video.waitFor({ state: 'detached' });
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('[UI91] throw away what they do not want to send, and nothing stays on', async () => {
    const [alice, bob] = await talking();
    await record(alice, 'voice', bob, 1_000);
    await alice.page.keyboard.press('Escape');
    await recorderOf(alice).waitFor({ state: 'detached' });
    await record(alice, 'video', bob, 1_000);
    await recorderOf(alice).getByRole('button', { name: alice.words.recording.discard }).click();
    await recorderOf(alice).waitFor({ state: 'detached' });
    assert.deepEqual((await devicesOf(alice.page)).toSorted(), [
      'audio ended',
      'audio ended',
      'video ended',
    ]);
    // What is said after it comes after it.
    await alice.say('never mind');
    await bob.reads('peer', ['never mind']);
    assert.deepEqual([await itemsOf(alice).count(), await itemsOf(bob).count()], [0, 0]);

    // Whoever records to somebody who leaves stops recording.
    await record(alice, 'voice', bob, 1_000);
    await bob.leave();
    await recorderOf(alice).waitFor({ state: 'detached' });
    await alice.seesEnded('left', bob);
    assert.equal((await devicesOf(alice.page)).at(-1), 'audio ended');
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('[UI90] are told that the browser allows no microphone, and go on writing', async () => {
    const [alice, bob] = await talking({ ...ALICE, permissions: [] });
    const { words } = alice;
    const name = named(words.recording.record.voice, bob.name);
    await alice.page.getByRole('button', { name }).click();
    await recorderOf(alice).getByRole('alert').getByText(words.recording.refused.denied).waitFor();
    await alice.page.keyboard.press('Escape');
    await recorderOf(alice).waitFor({ state: 'detached' });
    await alice.say('then I write');
    await bob.reads('peer', ['then I write']);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });
});
