/** Conversations between whole browsers over an honest server. */
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../core/bytes.ts';
import { CONTROL_CODES } from '../core/wire/generated.ts';
import { frameIdBytes } from '../core/wire/ids.ts';
import { type Browser, over, Story } from '../test/story.ts';
import { labelled } from '../test/test-server.ts';

/** Alice rings Bob, and Bob's browser has rung. */
async function ringing(story: Story): Promise<{ alice: Browser; bob: Browser }> {
  const [alice, bob] = [await story.person('alice'), await story.person('bob')];
  alice.model.open(bob.me);
  await story.until(() => bob.home.incoming.length === 1 && alice.phase?.is === 'waiting');
  return { alice, bob };
}

describe('a conversation', () => {
  it('[CONV1] carries a hundred lines each way, in order, until all are read', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    for (let n = 0; n < 100; n += 1) {
      alice.model.say(`a${n}`);
      bob.model.say(`b${n}`);
      if (n % 7 === 0) await story.quiet();
    }
    await story.until(() => alice.lines.length === 200 && bob.lines.length === 200);
    alice.look();
    bob.look();
    const readBy = ({ lines }: Browser) => lines.filter((line) => line.endsWith('(read)')).length;
    await story.until(() => readBy(alice) === 100 && readBy(bob) === 100);
    const heard = ({ lines }: Browser) => lines.filter((line) => line.startsWith('peer'));
    const said = (who: string) =>
      Array.from({ length: 100 }, (_, n) => `peer: ${who}${n} (received)`);
    expect(heard(alice)).toEqual(said('b'));
    expect(heard(bob)).toEqual(said('a'));
  });

  it('[CONV2] a line is sending until the other browser has it, then delivered, then read', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('hello');
    expect(alice.lines).toEqual(['me: hello (sending)']);
    await story.until(() => bob.lines.length === 1);
    await story.until(() => alice.lines[0] === 'me: hello (delivered)');
    bob.look();
    await story.until(() => alice.lines[0] === 'me: hello (read)');
  });

  it('[CONV3] is secure for the answerer after M3 and for the caller after M4, not before', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    story.server.meddle = (relayed) =>
      labelled('session_established', relayed) ? [] : [relayed.frame];
    bob.model.accept(alice.me.id);
    await story.until(() => bob.phase?.is === 'secure');
    await story.quiet();
    expect(alice.phase?.is).toBe('establishing');
    story.server.meddle = ({ frame }) => [frame];
    await story.pass(1_000);
    expect(alice.phase?.is).toBe('secure');
  });

  it('[CONV4] repeats every handshake message, byte for byte, until it is answered', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const dropped = new Set<string>();
    story.server.meddle = ({ frame }) => {
      const message = `${frame.label} ${frame.body[0]} ${frame.id}`;
      if (frame.label === 'ack' || dropped.has(message)) return [frame];
      dropped.add(message);
      return [];
    };
    alice.model.open(bob.me);
    await story.pass(1_000);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.pass(6_000);
    await story.until(() => alice.phase?.is === 'secure' && bob.phase?.is === 'secure');
    expect(dropped.size).toBe(4);
    const byId = Map.groupBy(story.server.relayed, ({ frame }) => frame.id);
    for (const repeats of byId.values()) {
      const bodies = new Set(repeats.map(({ frame }) => `${frame.body}`));
      const attempts = new Set(repeats.map(({ frame }) => frame.attempt));
      expect([bodies.size, attempts.size]).toEqual([1, repeats.length]);
    }
  });

  it('[CONV4] repeats after 1, 2, 4 … seconds and never faster', async () => {
    const story = new Story();
    const { alice } = await ringing(story);
    const before = story.server.relayed.length;
    const offers = () =>
      story.server.relayed.slice(before).filter((r) => labelled('ephemeral_key', r));
    const counts: number[] = [];
    for (let second = 1; second <= 16; second += 1) {
      await story.pass(1_000, 1_000);
      counts.push(offers().length);
    }
    expect(counts).toEqual([1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]);
    expect(alice.phase?.is).toBe('waiting');
  });

  it('[CONV5] rings for 60 s, then ends and takes the ring back', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    await story.pass(59_000, 1_000);
    expect(alice.phase?.is).toBe('waiting');
    await story.pass(2_000, 1_000);
    expect(alice.phase).toEqual(over('timeout'));
    expect(bob.home.incoming).toEqual([]);
  });

  it('[CONV5] takes the ring back when its caller leaves', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    alice.model.leave();
    await story.until(() => bob.home.incoming.length === 0);
    expect(alice.home.conversation).toBeNull();
  });

  it('[CONV5] a caller that leaves before it has a channel takes the answerer along', async () => {
    for (const leaves of [true, false]) {
      const story = new Story();
      const { alice, bob } = await ringing(story);
      story.server.meddle = (relayed) =>
        labelled('session_established', relayed) ? [] : [relayed.frame];
      bob.model.accept(alice.me.id);
      await story.until(() => bob.phase?.is === 'secure');
      if (leaves) alice.model.leave();
      else await story.pass(16_000, 1_000);
      await story.until(() => bob.phase?.is === 'ended');
      expect(bob.phase).toEqual(over('cutOff'));
    }
  });

  it('[CONV5] a ring ends when the connection of either breaks', async () => {
    for (const breaks of ['alice', 'bob'] as const) {
      const story = new Story();
      const people = await ringing(story);
      story.server.refusing = true;
      story.server.cut(people[breaks].me.id);
      await story.until(() => !people[breaks].isOnline);
      await story.until(() => people.bob.home.incoming.length === 0);
    }
  });

  it('[CONV6] ends as declined when the peer declines, and stays so', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    bob.model.decline(alice.me.id);
    await story.until(() => alice.phase?.is === 'ended');
    expect(alice.phase).toEqual(over('declined'));
    expect(bob.home.incoming).toEqual([]);
    alice.model.retry();
    await story.until(() => bob.home.incoming.length === 1);
  });

  it('[CONV7] fails visibly when the handshake takes more than 15 s after it was answered', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    story.server.meddle = ({ frame }) => (frame.body[0] === 3 ? [] : [frame]);
    bob.model.accept(alice.me.id);
    await story.pass(16_000, 500);
    expect(alice.phase).toEqual(over('failed'));
    expect(bob.phase).toEqual(over('failed'));
  });

  it('[CONV8] two who ring each other at once get one channel', async () => {
    for (let round = 0; round < 6; round += 1) {
      const story = new Story();
      const [alice, bob] = [await story.person(`alice${round}`), await story.person(`bob${round}`)];
      alice.model.open(bob.me);
      bob.model.open(alice.me);
      await story.until(() => alice.phase?.is === 'secure' && bob.phase?.is === 'secure');
      alice.model.say('one');
      bob.model.say('two');
      await story.until(() => alice.lines.length === 2 && bob.lines.length === 2);
      expect([alice.home.incoming, bob.home.incoming]).toEqual([[], []]);
    }
  });

  it('[CONV9] names an absent peer and rings again by itself when it comes', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const { me } = bob;
    story.server.refusing = true;
    story.server.cut(me.id);
    await story.until(() => !bob.isOnline);
    alice.model.open(me);
    await story.until(() => alice.phase?.is === 'peerOffline');
    story.server.refusing = false;
    await story.pass(1_000);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
  });

  it('[CONV9] answers an offer of a peer thought absent without asking', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const { me } = bob;
    story.server.refusing = true;
    story.server.cut(me.id);
    alice.model.open(me);
    await story.until(() => alice.phase?.is === 'peerOffline');
    // Bob comes back, but nobody tells Alice.
    story.server.cut(alice.me.id);
    await story.until(() => !alice.isOnline && !bob.isOnline);
    story.server.refusing = false;
    await story.pass(1_000);
    await story.until(() => alice.isOnline && bob.isOnline);
    bob.model.open(alice.me);
    await story.until(() => bob.phase?.is === 'secure' && alice.phase?.is === 'secure');
  });

  it('[CONV10] ends as left on both sides when one leaves, and the history is gone', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('the last word');
    alice.model.leave();
    expect(alice.home.conversation).toBeNull();
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('left'));
    expect(JSON.stringify(bob.view)).not.toContain('the last word');
  });

  it('[CONV10] says goodbye when another conversation is opened, and on signing out', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const carol = await story.person('carol');
    alice.model.open(carol.me);
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('left'));
    await story.until(() => carol.home.incoming.length === 1);
    carol.model.accept(alice.me.id);
    await story.until(() => carol.phase?.is === 'secure' && alice.phase?.is === 'secure');
    alice.model.signOut();
    await story.until(() => carol.phase?.is === 'ended');
    expect(carol.phase).toEqual(over('left'));
    await story.until(() => alice.view.at === 'signedOut');
  });

  it('[CONV5] goes on ringing over a new link, but not with a handshake that was answered', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    story.server.cut(alice.me.id);
    await story.until(() => bob.home.incoming.length === 0);
    await story.pass(1_000);
    await story.until(() => bob.home.incoming.length === 1);
    story.server.meddle = ({ frame }) => (frame.body[0] === 3 ? [] : [frame]);
    bob.model.accept(alice.me.id);
    await story.until(() => story.server.relayed.some(({ frame }) => frame.body[0] === 3));
    story.server.refusing = true;
    story.server.cut(alice.me.id);
    await story.until(() => alice.phase?.is === 'ended');
    expect(alice.phase).toEqual(over('cutOff'));
    await story.until(() => bob.phase?.is === 'peerOffline');
  });

  it('[CONV13] names a peer whose client or key is of another kind', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    story.server.meddle = ({ from, frame }) => {
      const fields = { code: 'PEER_CLIENT_DIFFERS', id: frameIdBytes(frame.id) };
      story.server.tell(from, CONTROL_CODES.error, fields);
      return [];
    };
    alice.model.open(bob.me);
    await story.until(() => alice.phase?.is === 'ended');
    expect(alice.phase).toEqual(over('differs'));
    const account = story.server.users.get(bob.me.id);
    for (const key of [null, toBase64(new Uint8Array(91))]) {
      if (account) account.key = key;
      const said = story.server.relayed.length;
      alice.model.retry();
      await story.until(() => alice.phase?.is === 'ended');
      expect(alice.phase).toEqual(over('keyMissing'));
      expect(story.server.relayed.length).toBe(said);
    }
  });

  it('[CONV14] shows the offer beside the open conversation', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const offer = story.server.relayed.find((r) => labelled('ephemeral_key', r))?.frame;
    if (offer === undefined) throw new Error('an offer was relayed');
    const newer = {
      ...offer,
      peer: alice.me.id,
      body: offer.body.map((b, i) => (i > 1 ? b ^ 1 : b)),
    };
    story.server.inject(bob.me.id, newer);
    await story.until(() => bob.home.incoming.length === 1);
    alice.model.say('still here');
    await story.until(() => bob.lines.length === 1);
  });

  it('[CONV15] says 1 to 4,000 characters, and only while secure', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    alice.model.say('too early');
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure');
    alice.model.say('');
    alice.model.say('x'.repeat(4_001));
    alice.model.say('€'.repeat(4_000));
    await story.until(() => bob.lines.length === 1);
    expect(alice.lines.length).toBe(1);
  });

  it('[CONV16] says that it read a line once, and only forward', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('one');
    alice.model.say('two');
    await story.until(() => bob.lines.length === 2);
    const { phase } = bob;
    const [one, two] = phase?.is === 'secure' ? phase.lines : [];
    const receipts = () => story.server.relayed.filter((r) => labelled('message_read', r)).length;
    bob.model.seen(two?.id ?? '');
    bob.model.seen(two?.id ?? '');
    bob.model.seen(one?.id ?? '');
    bob.model.seen('no line');
    await story.until(() => alice.lines.every((line) => line.endsWith('(read)')));
    await story.quiet();
    expect(receipts()).toBe(1);
  });

  it('[CONV17] holds records that overtake M4', async () => {
    const story = new Story();
    const { alice, bob } = await ringing(story);
    let m4: (() => void) | null = null;
    story.server.meddle = ({ to, frame }) => {
      if (frame.label !== 'session_established') return [frame];
      m4 ??= () => story.server.inject(to, frame);
      return [];
    };
    bob.model.accept(alice.me.id);
    await story.until(() => bob.phase?.is === 'secure');
    bob.model.say('early');
    await story.quiet();
    expect(alice.phase?.is).toBe('establishing');
    (m4 as (() => void) | null)?.();
    await story.until(() => alice.lines.length === 1);
    expect(alice.lines).toEqual(['peer: early (received)']);
    await story.until(() => bob.lines[0] === 'me: early (delivered)');
  });

  it('[CONV4] keeps M4 for 60 s, whatever is said meanwhile, and answers M3 with it', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('it arrived');
    await story.until(() => bob.lines.length === 1);
    const m3 = story.server.relayed.find(({ frame }) => frame.body[0] === 3)?.frame;
    if (m3 === undefined) throw new Error('M3 was relayed');
    const m4s = () => story.server.relayed.filter((r) => labelled('session_established', r));
    const again = { ...m3, peer: alice.me.id };
    await story.pass(59_000, 1_000);
    story.server.inject(bob.me.id, { ...again, attempt: 7 });
    await story.until(() => m4s().length === 2);
    expect(new Set(m4s().map(({ frame }) => `${frame.id} ${frame.body}`)).size).toBe(1);
    await story.pass(1_000, 1_000);
    story.server.inject(bob.me.id, { ...again, attempt: 8 });
    await story.quiet();
    expect(m4s().length).toBe(2);
  });

  it('[CONV22] hears a goodbye before the news that its sender has gone', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.leave();
    await story.until(() => story.server.relayed.some((r) => labelled('message', r)));
    // Both reach Bob's browser in one turn; opening the goodbye takes longer than reading the news.
    story.server.cut(alice.me.id);
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('left'));
  });
});
