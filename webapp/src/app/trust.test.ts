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

  /** What the other screen would show. */
  const codeAt = (browser: Browser) => browser.home.conversation?.comparison?.qrText ?? '';
  const scanAt = (browser: Browser) => browser.home.conversation?.comparison?.scan ?? null;
  const pinAt = ({ phase }: Browser) => (phase?.is === 'secure' ? phase.pin : null);
  const swapped = (code: string, place: 2 | 4) =>
    code
      .split('/')
      .map((part, at) => (at === place ? 'E'.repeat(64) : part))
      .join('/');

  it('[TRUST57] a scanned code that agrees verifies the peer, on the side that scanned', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.scanned(codeAt(bob));
    await story.until(() => pinAt(alice) === 'verified');
    expect(scanAt(alice)).toEqual({ is: 'same' });
    expect([pinAt(bob), scanAt(bob)]).toEqual(['firstUse', null]);
    expect(alice.home.verified).toEqual([bob.me.id]);
  });

  it('[TRUST57] no other code verifies, whatever it says', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const code = codeAt(bob);
    const other = code.replace(/\/[0-9A-F]{32}\//, `/${'0'.repeat(12)}40008${'0'.repeat(15)}/`);
    const hostile: readonly [string, NonNullable<ReturnType<typeof scanAt>>['is']][] = [
      ['', 'unreadable'],
      ['verified', 'unreadable'],
      ['__proto__', 'unreadable'],
      ['<img src=x onerror=alert(1)>', 'unreadable'],
      [`${code}\u0000`, 'unreadable'],
      [code.toLowerCase(), 'unreadable'],
      [`DHCHAT:1/${'A'.repeat(10_000)}`, 'unreadable'],
      [other, 'otherPeople'],
      [swapped(code, 2), 'differs'],
    ];
    for (const [text, verdict] of hostile) {
      alice.model.scanned(text);
      await story.quiet();
      expect([text, scanAt(alice)?.is, pinAt(alice)]).toEqual([text, verdict, 'firstUse']);
    }
  });

  it('[TRUST58] after a code that differs nothing is confirmed until one agrees', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const code = codeAt(bob);
    const shown = alice.phase?.is === 'secure' ? alice.phase.peerFingerprint : '';
    for (const place of [2, 4] as const) {
      const isMine = code.split('/')[place]?.toLowerCase() !== shown;
      alice.model.scanned(swapped(code, place));
      expect(scanAt(alice)).toEqual({ is: 'differs', about: [isMine ? 'me' : 'peer'] });
    }
    alice.model.scanned('no code');
    alice.model.confirmPeer(shown);
    await story.quiet();
    expect([scanAt(alice)?.is, pinAt(alice)]).toEqual(['differs', 'firstUse']);
    alice.model.scanned(code);
    await story.until(() => pinAt(alice) === 'verified');
    expect(scanAt(alice)).toEqual({ is: 'same' });
  });

  it('[TRUST58] another conversation begins without what was scanned in the one before', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.scanned(swapped(codeAt(bob), 2));
    expect(scanAt(alice)?.is).toBe('differs');
    await meetAgain(story, alice, bob);
    expect(scanAt(alice)).toBeNull();
  });

  it('[TRUST59] the verified peers of an account are known without asking for each', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const { pins } = alice.platform;
    const verified = { fingerprint: 'ab'.repeat(32), standing: 'verified', history: [] } as const;
    const [known, carol] = [
      alice.me.id,
      '0190a000-0000-7000-8000-0000000000c3' as typeof alice.me.id,
    ];
    await pins.change(known, carol, () => verified);
    alice.model.useHere();
    await story.until(() => alice.home.verified.includes(carol));
    expect(alice.home.verified).toEqual([carol]);
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
