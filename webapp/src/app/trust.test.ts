/** Whose key it is: pinned at first use, and what happens when it changes. */
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../core/bytes.ts';
import { makeIdentity, toSpki } from '../core/crypto/identity.ts';
import { type Browser, over, Story } from '../test/story.ts';

/** Bob loses his storage, signs in elsewhere and publishes a new key. */
async function bobOnNewDevice(story: Story, bob: Browser): Promise<Browser> {
  const device = story.browser();
  await story.until(() => device.view.at === 'signedOut');
  device.signIn(bob.me.name);
  await story.until(() => device.isOnline);
  expect(device.home.key).toEqual({ is: 'elsewhere' });
  device.model.publishKey();
  await story.until(() => device.home.key.is === 'ready');
  return device;
}

describe('trust', () => {
  it('[TRUST1] the first key is pinned, and known from then on', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    expect(alice.phase).toMatchObject({ pin: 'firstUse' });
    const bobs = bob.home.key;
    if (bobs.is !== 'ready') throw new Error('Bob has his key');
    expect(alice.phase).toMatchObject({ peerFingerprint: bobs.fingerprint });
    bob.model.leave();
    await story.until(() => alice.phase?.is === 'ended');
    alice.model.retry();
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
    expect(alice.phase).toMatchObject({ pin: 'known' });
    expect(bob.phase).toMatchObject({ pin: 'known' });
  });

  it('[TRUST2] a changed key blocks before a word is exchanged, until it is accepted', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const { phase } = alice;
    const pinned = phase?.is === 'secure' ? phase.peerFingerprint : '';
    const device = await bobOnNewDevice(story, bob);
    await story.pass(31_000, 1_000);
    expect(alice.phase?.is).toBe('ended');
    const said = story.server.relayed.length;
    alice.model.retry();
    await story.until(() => alice.phase?.is === 'blocked');
    const offered = device.home.key.is === 'ready' ? device.home.key.fingerprint : '';
    expect(alice.phase).toEqual({ is: 'blocked', pinned, offered });
    expect(story.server.relayed.length).toBe(said);

    alice.model.acceptKey();
    await story.until(() => device.home.incoming.length === 1);
    device.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
    expect(alice.phase).toMatchObject({ pin: 'known', peerFingerprint: offered });
  });

  it('[TRUST2] a changed key blocks the answering side too', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const device = await bobOnNewDevice(story, bob);
    await story.pass(31_000, 1_000);
    expect(alice.phase?.is).toBe('ended');
    device.model.open(alice.me);
    await story.until(() => alice.home.incoming.length === 1);
    alice.model.accept(bob.me.id);
    await story.until(() => alice.phase?.is === 'blocked');
    alice.model.acceptKey();
    await story.until(() => alice.phase?.is === 'secure' && device.phase?.is === 'secure');
  });

  it('[TRUST2] a changed key blocks who is answered beside an open channel', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const device = await bobOnNewDevice(story, bob);
    device.model.open(alice.me);
    await story.until(() => alice.home.incoming.length === 1);
    alice.model.accept(bob.me.id);
    await story.until(() => alice.phase?.is === 'blocked');
    alice.model.leave();
    expect(alice.connection).toBe('reconnecting');
    await story.until(() => device.phase?.is === 'ended');
    expect(device.phase).toEqual(over('declined'));
    device.model.retry();
    await story.until(() => alice.home.incoming.length === 1);
    alice.model.accept(bob.me.id);
    await story.until(() => alice.phase?.is === 'blocked');
    alice.model.acceptKey();
    await story.until(() => device.phase?.is === 'secure' && alice.connection === 'up');
  });

  it('[TRUST3] a key is pinned only when its holder has proven it', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const account = story.server.users.get(bob.me.id);
    const genuine = account?.key ?? null;
    if (account) account.key = toBase64(toSpki((await makeIdentity()).publicKey));
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'ended');
    if (account) account.key = genuine;
    bob.model.leave();
    alice.model.retry();
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
    expect(alice.phase).toMatchObject({ pin: 'firstUse' });
  });

  it('[TRUST4] pins belong to an account: another one on the same browser has its own', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.signOut();
    await story.until(() => alice.view.at === 'signedOut');
    alice.model.register('carol', 'correct horse 1');
    await story.until(() => alice.isOnline);
    bob.model.leave();
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
    expect(alice.phase).toMatchObject({ pin: 'firstUse' });
  });
});
