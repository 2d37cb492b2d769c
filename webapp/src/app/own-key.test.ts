/** The own key as a person meets it: lost, locked, published, and carried to another browser. */
import { describe, expect, it } from 'vitest';
import { memoryVault } from '../test/memory-vault.ts';
import { type Browser, PASSWORD, Story } from '../test/story.ts';
import type { KeyTask, KeyWork } from './model.ts';

/** Alice's second device, signed in and without the key. */
async function secondDevice(story: Story): Promise<Browser> {
  const device = story.browser();
  await story.until(() => device.view.at === 'signedOut');
  device.signIn('alice');
  await story.until(() => device.isOnline);
  return device;
}

async function workOf(story: Story, browser: Browser): Promise<KeyWork> {
  await story.until(() => !['idle', 'busy'].includes(browser.home.keyWork.is));
  return browser.home.keyWork;
}

async function fileOf(story: Story, browser: Browser) {
  const work = await workOf(story, browser);
  if (work.is !== 'done' || !('file' in work)) throw new Error(JSON.stringify(work));
  return work.file;
}

describe('the own key', () => {
  it('[ID7] is said to be lost when the storage was cleared, and stays until it is replaced', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const account = story.server.users.get(alice.me.id);
    const published = account?.key;
    const cleared = story.browser(alice, { vault: memoryVault() });
    await story.until(() => cleared.isOnline);
    expect(cleared.home.key).toEqual({ is: 'lost' });
    expect(account?.key).toBe(published);
    cleared.model.publishKey(PASSWORD);
    await story.until(() => cleared.home.key.is === 'ready');
    expect(account?.key).not.toBe(published);
  });

  it('[ID7] that another device replaced is elsewhere, though one was here', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const device = await secondDevice(story);
    device.model.publishKey(PASSWORD);
    await story.until(() => device.home.key.is === 'ready');
    const reloaded = story.browser(alice);
    await story.until(() => reloaded.view.at === 'signedIn');
    expect(reloaded.home.key).toEqual({ is: 'elsewhere' });
  });

  it('[ID4] is asked for on each load where nothing better is held, and opened by signing in', async () => {
    const story = new Story();
    const alice = story.browser(undefined, { holding: async () => 'password' });
    await story.until(() => alice.view.at === 'signedOut');
    alice.model.register('alice', PASSWORD);
    await story.until(() => alice.isOnline);
    const fingerprint = alice.home.key.is === 'ready' ? alice.home.key.fingerprint : '';

    const reloaded = story.browser(alice);
    await story.until(() => reloaded.isOnline);
    expect(reloaded.home.key).toEqual({ is: 'locked', fingerprint });
    reloaded.model.open(alice.me);
    reloaded.model.unlock('correct horse 2');
    expect(reloaded.home.keyWork).toEqual({ is: 'busy', what: 'unlock' });
    const why = 'wrongPassword';
    expect(await workOf(story, reloaded)).toEqual({ is: 'failed', what: 'unlock', why });
    expect(reloaded.home.key.is).toBe('locked');
    reloaded.model.unlock(PASSWORD);
    await story.until(() => reloaded.home.key.is === 'ready');

    reloaded.model.signOut();
    await story.until(() => reloaded.view.at === 'signedOut' && !reloaded.view.busy);
    reloaded.signIn('alice');
    await story.until(() => reloaded.isOnline);
    expect(reloaded.home.key).toMatchObject({ is: 'ready', fingerprint });
  });

  it('[ID4] talks all the same', async () => {
    const story = new Story();
    const bob = await story.person('bob');
    for (const holding of ['wrapped', 'password'] as const) {
      const alice = story.browser(undefined, { holding: async () => holding });
      await story.until(() => alice.view.at === 'signedOut');
      alice.model.register(`alice-${holding}`, PASSWORD);
      await story.until(() => alice.isOnline);
      alice.model.open(bob.me);
      await story.until(() => bob.home.incoming.length === 1);
      bob.model.accept(alice.me.id);
      await story.until(() => alice.phase?.is === 'secure' && bob.phase?.is === 'secure');
    }
  });

  it('[ID11] is made and published only once the server has checked the password', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const account = story.server.users.get(alice.me.id);
    if (account) account.key = null;
    const device = await secondDevice(story);
    expect(device.home.key).toEqual({ is: 'missing' });
    device.model.publishKey('correct horse 2');
    await story.until(() => device.home.publishing.is === 'failed');
    expect(device.home.publishing).toMatchObject({ fault: { code: 'INVALID_CREDENTIALS' } });
    expect([account?.key, await device.platform.vault.load(alice.me.id)]).toEqual([null, null]);
    device.model.publishKey(PASSWORD);
    await story.until(() => device.home.key.is === 'ready');
    device.model.exportIdentity(PASSWORD);
    expect((await fileOf(story, device)).length).toBeGreaterThan(100);
  });

  it('[ID9] is carried to a second device in a file, and no peer is warned', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.exportIdentity(PASSWORD);
    const file = await fileOf(story, alice);
    alice.model.leave();
    await story.until(() => bob.phase?.is === 'ended');
    const device = await secondDevice(story);
    expect(device.home.key).toEqual({ is: 'elsewhere' });
    device.model.importIdentity(file, PASSWORD);
    await story.until(() => device.home.key.is === 'ready');
    expect(device.home.key).toEqual(alice.home.key);
    bob.model.open(device.me);
    await story.until(() => device.home.incoming.length === 1);
    device.model.accept(bob.me.id);
    await story.until(() => bob.phase?.is === 'secure');
    expect(bob.phase).toMatchObject({ pin: 'known' });
  });

  it('[ID10] is not taken from a file when the server has another one by now', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    alice.model.exportIdentity(PASSWORD);
    const file = await fileOf(story, alice);
    const device = await secondDevice(story);
    device.model.publishKey(PASSWORD);
    await story.until(() => device.home.key.is === 'ready');
    const third = await secondDevice(story);
    third.model.importIdentity(file, PASSWORD);
    const what: KeyTask = 'importIdentity';
    expect(await workOf(story, third)).toEqual({ is: 'failed', what, why: 'otherKey' });
    story.server.down = true;
    third.model.importIdentity(file, PASSWORD);
    const unreachable = { is: 'failed', what, why: 'unreachable' };
    await story.until(() => third.home.keyWork.is !== 'busy');
    expect(third.home.keyWork).toEqual(unreachable);
    expect(third.home.key).toEqual({ is: 'elsewhere' });
  });

  it('[ID13] is worked on one thing at a time, and what came of it is seen until put away', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    expect(alice.home.keyWork).toEqual({ is: 'idle' });
    alice.model.exportIdentity(PASSWORD);
    alice.model.exportPeers(PASSWORD);
    alice.model.putAway();
    expect(alice.home.keyWork).toEqual({ is: 'busy', what: 'exportIdentity' });
    expect(await workOf(story, alice)).toMatchObject({ is: 'done', what: 'exportIdentity' });
    alice.model.putAway();
    expect(alice.home.keyWork).toEqual({ is: 'idle' });
  });

  it('[ID13] that the browser cannot read is said to be broken, and nothing else happens', async () => {
    const story = new Story();
    const { vault } = (await story.person('alice')).platform;
    let failing = false;
    const load: typeof vault.load = (account) =>
      failing ? Promise.reject(new Error('gone')) : vault.load(account);
    const page = story.browser(undefined, { vault: { ...vault, load } });
    await story.until(() => page.view.at === 'signedOut');
    page.signIn('alice');
    await story.until(() => page.isOnline);
    failing = true;
    page.model.exportIdentity(PASSWORD);
    const what: KeyTask = 'exportIdentity';
    expect(await workOf(story, page)).toEqual({ is: 'failed', what, why: 'broken' });
    expect(page.home.key.is).toBe('ready');
  });
});
