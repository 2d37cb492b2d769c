/**
 * Two people send each other files by what they see on the screen: offered, accepted, declined,
 * paused, cancelled, looked at and saved. Against running servers, like `two-people.e2e.ts`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch, launchKeepingIn } from './browser.ts';
import { eventually } from './eventually.ts';
import { Hand, sha256, withoutPicker } from './hand.ts';
import { Person, talk } from './person.ts';
import { pdf, png } from './sample-files.ts';
import { canary, foundInFiles, foundStored } from './stored.ts';
import { filled, named } from './words.ts';

/** Long enough on its way for a person to press something, as fast as one machine is. */
const LONG_BYTES = 45 * 1024 * 1024;

describe('two people with files', () => {
  let browser: Browser;
  let folder: string;
  /** Those whose browsers are their own: a story that fails leaves them open. */
  const kept: Hand[] = [];

  before(async () => {
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), 'dhchat-files-'));
  });
  after(async () => {
    await browser.close();
    for (const { page } of kept) await page.context().close();
    await rm(folder, { recursive: true });
  });

  /** Alice and Bob talk, each with a hand for files. */
  async function talking(): Promise<readonly [Hand, Hand]> {
    const contexts = withoutPicker(browser);
    const alice = await Person.arrive(contexts, { called: 'alice', place: 0, language: 'en' });
    const bob = await Person.arrive(contexts, { called: 'bob', place: 1, language: 'ru' });
    await alice.register();
    await bob.register();
    await talk(alice, bob);
    return [new Hand(alice, bob), new Hand(bob, alice)];
  }

  async function aFile(name: string, bytes: Buffer): Promise<string> {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  }

  it('sends several: one is accepted, looked at and saved as it was, one is declined', async () => {
    const [alice, bob] = await talking();
    const waves = png(500, 300);
    await alice.choose([
      await aFile('waves.png', waves),
      await aFile('list.pdf', pdf(['The list'])),
      await aFile('empty.txt', Buffer.alloc(0)),
    ]);
    await alice.person.takePicture('files-chosen');
    await alice.offers(2);
    await bob.sees('waves.png', 'offered');
    await alice.sees('list.pdf', 'queued');
    await bob.person.takePicture('files-offered');
    await bob.press('acceptOf', 'waves.png');
    await bob.press('declineOf', 'list.pdf');
    await bob.sees('waves.png', 'delivered');
    await alice.says('list.pdf', named(alice.person.words.files.ended.declined.peer, bob.name));
    await alice.says('waves.png', alice.person.words.files.delivered.me);

    await bob.press('viewOf', 'waves.png');
    const picture = bob.dialog.getByRole('img');
    await eventually(
      () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth),
      500,
    );
    await bob.person.takePicture('files-picture');
    await alice.says('waves.png', named(alice.person.words.files.read, bob.name));
    await bob.closesView();
    assert.equal(await bob.saves('waves.png'), sha256(waves));

    // Whoever sent it may look at it, too, also at what was declined.
    await alice.press('viewOf', 'list.pdf');
    await alice.dialog.getByRole('img', { name: /The list/ }).waitFor();
    await alice.closesView();
    await alice.press('viewOf', 'waves.png');
    await alice.dialog.getByRole('img').waitFor();
    await alice.closesView();
    await goHome(alice, bob);
  });

  it('sends a long one that is paused and goes on, and one that is cancelled and sent again', async () => {
    const [alice, bob] = await talking();
    const long = randomBytes(LONG_BYTES);
    await alice.choose([await aFile('long.bin', long), await aFile('stopped.bin', long)]);
    await alice.offers(2);
    await bob.acceptsAndPauses('long.bin');
    await alice.says('long.bin', named(alice.person.words.files.paused.peer, bob.name));
    await alice.person.takePicture('files-paused');
    const stood = await alice.progress('long.bin');
    assert.ok(stood < LONG_BYTES);
    await bob.press('resumeOf', 'long.bin');
    await bob.has('long.bin');
    assert.equal(await bob.saves('long.bin'), sha256(long));

    await bob.acceptsAndPauses('stopped.bin');
    await alice.press('cancelOf', 'stopped.bin');
    await bob.says('stopped.bin', named(bob.person.words.files.ended.cancelled.peer, alice.name));
    await alice.press('againOf', 'stopped.bin');
    await bob.press('acceptOf', 'stopped.bin');
    await bob.has('stopped.bin');
    await goHome(alice, bob);
  });

  it('[PAGE9] leaves nothing of a file that was looked at where a browser stores things', async () => {
    const folders = [join(folder, 'profile-alice'), join(folder, 'profile-bob')] as const;
    const [alice, bob] = await meetIn(folders);
    kept.push(alice, bob);
    const word = canary('file');
    const path = await aFile('secret.txt', Buffer.from(`${word}\n`.repeat(9)));
    await alice.choose([path]);
    await alice.offers(1);
    await bob.press('acceptOf', 'secret.txt');
    for (const hand of [bob, alice]) {
      await hand.press('viewOf', 'secret.txt');
      await hand.dialog.getByText(word).waitFor();
      assert.deepEqual(await foundStored(hand.page, [word]), []);
      await hand.closesView();
    }
    await alice.person.leave();
    await bob.person.seesEnded('left', alice.person);
    await goHome(alice, bob);
    for (const profile of folders) assert.deepEqual(await foundInFiles(profile, [word]), []);
  });

  it('sends a picture that is only to be looked at: it is drawn, marked, and cannot be saved', async () => {
    const [alice, bob] = await talking();
    await alice.choose([await aFile('secret.png', png(500, 300))]);
    await alice.mayOnly('secret.png', 'view_only');
    await alice.dialog.getByText(named(alice.person.words.files.wish, bob.name)).waitFor();
    await alice.offers(1);
    await bob.press('acceptOf', 'secret.png');
    await bob.press('viewOf', 'secret.png');
    await bob.dialog.locator('canvas[data-watermark]').waitFor();
    await bob.dialog.getByText(bob.person.words.files.guarded).waitFor();
    await bob.person.takePicture('files-guarded');
    assert.equal(await bob.dialog.locator('img').count(), 0);
    const name = filled(bob.person.words.files.saveOf, { file: 'secret.png' });
    assert.equal(await bob.page.getByRole('button', { name, exact: true }).count(), 0);
    const downloads: string[] = [];
    bob.page.on('download', (download) => downloads.push(download.suggestedFilename()));
    await bob.page.keyboard.press('Control+KeyS');
    await alice.says('secret.png', named(alice.person.words.files.read, bob.name));
    // Somebody looks elsewhere.
    await bob.page.evaluate(() => window.dispatchEvent(new Event('blur')));
    await bob.dialog.waitFor({ state: 'detached' });
    assert.deepEqual(downloads, []);
    await goHome(alice, bob);
  });
});

/** Two browsers whose profiles lie in folders of their own. */
async function meetIn(folders: readonly [string, string]): Promise<readonly [Hand, Hand]> {
  const [atAlice, atBob] = folders;
  const places = { place: 0, language: 'en' } as const;
  const alice = await Person.arrive(launchKeepingIn(atAlice), { called: 'alice', ...places });
  const bob = await Person.arrive(launchKeepingIn(atBob), { called: 'bob', ...places, place: 1 });
  await alice.register();
  await bob.register();
  await talk(alice, bob);
  return [new Hand(alice, bob), new Hand(bob, alice)];
}

async function goHome(...hands: readonly Hand[]): Promise<void> {
  for (const { person } of hands) await person.goHome();
}
