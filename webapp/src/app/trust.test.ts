/** Whose key it is: pinned at first use, and what happens when it changes. */

import { describe, expect, it } from 'vitest';
import { toBase64 } from '../core/bytes.ts';
import { toSpki } from '../core/crypto/identity.ts';
import { makeIdentity } from '../test/builders.ts';
import { memoryPins } from '../test/memory-vault.ts';
import { type Browser, over, PASSWORD, Story } from '../test/story.ts';

/** Bob loses his storage, signs in elsewhere and publishes a new key. */
async function bobOnNewDevice(story: Story, bob: Browser): Promise<Browser> {
  const device = story.browser();
  await story.until(() => device.view.at === 'signedOut');
  device.signIn(bob.me.name);
  await story.until(() => device.isOnline);
  expect(device.home.key).toEqual({ is: 'elsewhere' });
  device.model.publishKey(PASSWORD);
  await story.until(() => device.home.key.is === 'ready');
  return device;
}

/** The conversation of before has ended, or ends; another one is secure. */
async function meetAgain(story: Story, alice: Browser, bob: Browser): Promise<void> {
  bob.model.leave();
  await story.until(() => alice.phase?.is !== 'secure');
  alice.model.open(bob.me);
  await story.until(() => bob.home.incoming.length === 1);
  bob.model.accept(alice.me.id);
  await story.until(() => alice.phase?.is === 'secure');
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

  it('[TRUST5] a key is verified once the person confirms it, and in later conversations', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const shown = alice.phase?.is === 'secure' ? alice.phase.peerFingerprint : '';
    alice.model.confirmPeer('00'.repeat(32));
    await story.quiet();
    expect(alice.phase).toMatchObject({ pin: 'firstUse' });
    alice.model.confirmPeer(shown);
    await story.until(() => alice.phase?.is === 'secure' && alice.phase.pin === 'verified');
    expect(bob.phase).toMatchObject({ pin: 'firstUse' });
    const changes = alice.home.conversation?.keyHistory;
    expect(changes?.map(({ is }) => is)).toEqual(['pinned', 'verified']);
    await meetAgain(story, alice, bob);
    expect(alice.phase).toMatchObject({ pin: 'verified' });
    expect(alice.home.conversation?.keyHistory).toEqual(changes);
  });

  it('[TRUST6] a verified key that changes blocks, and the accepted one is not verified', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const shown = alice.phase?.is === 'secure' ? alice.phase.peerFingerprint : '';
    alice.model.confirmPeer(shown);
    await story.until(() => alice.phase?.is === 'secure' && alice.phase.pin === 'verified');
    const device = await bobOnNewDevice(story, bob);
    await story.pass(31_000, 1_000);
    expect(alice.phase?.is).toBe('ended');
    alice.model.retry();
    await story.until(() => alice.phase?.is === 'blocked');
    alice.model.confirmPeer(shown);
    alice.model.acceptKey();
    await story.until(() => device.home.incoming.length === 1);
    device.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
    expect(alice.phase).toMatchObject({ pin: 'known' });
    const changes = alice.home.conversation?.keyHistory.map(({ is }) => is);
    expect(changes).toEqual(['pinned', 'verified', 'accepted']);
  });

  it('[TRUST8] a conversation ends when another page pinned another key meanwhile', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    const other = 'ee'.repeat(32);
    const pin = { fingerprint: other, standing: 'notVerified', history: [] } as const;
    await alice.platform.pins.change(alice.me.id, bob.me.id, () => pin);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'ended');
    expect(alice.phase).toEqual(over('failed'));
    expect((await alice.platform.pins.load(alice.me.id, bob.me.id))?.fingerprint).toBe(other);
  });

  it('[TRUST15] both see the same QR code', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const [one, other] = [alice.home.conversation?.comparison, bob.home.conversation?.comparison];
    expect(one?.qrText).toMatch(/^DHCHAT:1/);
    expect(one?.qrText).toBe(other?.qrText);
    expect([one?.ownPictures, one?.peerPictures]).toEqual([
      other?.peerPictures,
      other?.ownPictures,
    ]);
    expect(one?.ownPictures).toHaveLength(22);
  });

  it('[TRUST9] verified people are carried to a second device with the key', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const shown = alice.phase?.is === 'secure' ? alice.phase.peerFingerprint : '';
    alice.model.confirmPeer(shown);
    await story.until(() => alice.phase?.is === 'secure' && alice.phase.pin === 'verified');
    alice.model.exportPeers('for the trip');
    await story.until(() => alice.home.keyWork.is === 'done');
    const work = alice.home.keyWork;
    const device = story.browser(alice, { pins: memoryPins() });
    await story.until(() => device.isOnline);
    if (work.is !== 'done' || !('file' in work)) throw new Error('a file');
    device.model.importPeers(work.file, 'for the trip');
    await story.until(() => device.home.keyWork.is === 'done');
    const report = { added: 1, raised: 0, same: 0, conflicts: [] };
    expect(device.home.keyWork).toMatchObject({ what: 'importPeers', report });
    bob.model.leave();
    await meetAgain(story, device, bob);
    expect(device.phase).toMatchObject({ pin: 'verified' });
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
