/** Conversations that outlive the sockets they began on, and how they end when they do not. */
import { describe, expect, it, vi } from 'vitest';
import { CONTROL_CODES } from '../core/wire/generated.ts';
import { frameIdBytes } from '../core/wire/ids.ts';
import { type Browser, over, Story } from '../test/story.ts';
import { labelled } from '../test/test-server.ts';

/** The person's connection breaks and does not come back until the server takes it again. */
async function loseLink(story: Story, who: Browser): Promise<void> {
  story.server.refusing = true;
  story.server.cut(who.me.id);
  await story.until(() => !who.isOnline);
}

/** The server takes it again, within the longest wait of a link; no time passes once it is there. */
async function regainLink(story: Story, who: Browser): Promise<void> {
  story.server.refusing = false;
  for (let tries = 0; tries < 120 && !who.isOnline; tries += 1) await story.pass(250, 250);
  expect(who.isOnline).toBe(true);
}

describe('a lost link', () => {
  it('[CONV11] of either is waited for: nothing is lost, and both go on', async () => {
    for (const breaks of ['alice', 'bob'] as const) {
      const story = new Story();
      const people = await story.secured();
      const { alice, bob } = people;
      alice.model.say('before');
      await story.until(() => bob.lines.length === 1);
      await loseLink(story, people[breaks]);
      await story.until(() => alice.connection === 'reconnecting');
      await story.until(() => bob.connection === 'reconnecting');
      alice.model.say('in the dark');
      bob.model.say('here too');
      await story.pass(10_000, 500);
      expect([alice.lines.at(-1), bob.lines.at(-1)]).toEqual([
        'me: in the dark (sending)',
        'me: here too (sending)',
      ]);
      story.server.refusing = false;
      await story.pass(8_000, 500);
      expect([alice.connection, bob.connection]).toEqual(['up', 'up']);
      expect(alice.lines).toEqual([
        'me: before (delivered)',
        'me: in the dark (delivered)',
        'peer: here too (received)',
      ]);
      expect(bob.lines).toEqual([
        'peer: before (received)',
        'me: here too (delivered)',
        'peer: in the dark (received)',
      ]);
    }
  });

  it('[CONV11] that moves to another edge costs nothing', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    for (let n = 0; n < 5; n += 1) {
      alice.model.say(`${n}`);
      story.server.cut(alice.me.id, 1012);
      await story.pass(12_000, 500);
    }
    expect(alice.connection).toBe('up');
    const numbers = Array.from({ length: 5 }, (_, n) => `peer: ${n} (received)`);
    expect(bob.lines).toEqual(numbers);
    expect(alice.lines.every((line) => line.endsWith('(delivered)'))).toBe(true);
  });

  it('[CONV12] that does not come back for 30 s ends it as cut off, and the history is gone', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('soon forgotten');
    await story.until(() => alice.lines[0] === 'me: soon forgotten (delivered)');
    await loseLink(story, alice);
    alice.model.say('never heard');
    alice.model.say('nor this');
    await story.pass(29_000, 500);
    expect([alice.phase?.is, bob.phase?.is]).toEqual(['secure', 'secure']);
    await story.pass(2_000, 500);
    expect(alice.phase).toEqual(over('cutOff', 2));
    expect(bob.phase).toEqual(over('cutOff'));
    expect(JSON.stringify([alice.view, bob.view])).not.toContain('soon forgotten');
    story.server.refusing = false;
    await story.pass(30_000, 1_000);
    alice.model.retry();
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'secure' && bob.phase?.is === 'secure');
  });

  it('[CONV12] ends it at once where the deployment waits for nobody', async () => {
    const story = new Story();
    story.server.resumeWindowMs = 0;
    const { alice, bob } = await story.secured();
    story.server.cut(alice.me.id);
    await story.until(() => alice.phase?.is === 'ended' && bob.phase?.is === 'ended');
    expect([alice.phase, bob.phase]).toEqual([over('cutOff'), over('cutOff')]);
  });

  it('[CONV29] a refused record is no lost one', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    story.server.meddle = ({ from, frame }) => {
      const fields = { code: 'BUS_AWAY', id: frameIdBytes(frame.id) };
      story.server.tell(from, CONTROL_CODES.error, fields);
      return [];
    };
    alice.model.say('refused');
    await story.until(() => alice.connection === 'reconnecting');
    story.server.meddle = ({ frame }) => [frame];
    await story.pass(2_500, 500);
    expect(alice.connection).toBe('up');
    expect(bob.lines).toEqual(['peer: refused (received)']);
    expect(alice.lines).toEqual(['me: refused (delivered)']);
  });

  it('[CONV29] a peer that cannot be reached is asked soon at first, and then every 2 s', async () => {
    const story = new Story();
    const { alice } = await story.secured();
    const asked = new Set<number>();
    story.server.meddle = ({ from, frame }) => {
      asked.add(story.clock.now());
      const fields = { code: 'BUS_AWAY', id: frameIdBytes(frame.id) };
      story.server.tell(from, CONTROL_CODES.error, fields);
      return [];
    };
    alice.model.say('refused');
    await story.until(() => alice.connection === 'reconnecting');
    const since = story.clock.now();
    asked.clear();
    await story.pass(8_000, 100);
    expect([...asked].map((at) => at - since)).toEqual([500, 1_500, 3_500, 5_500, 7_500]);
  });

  it('[CONV30] records that arrive nowhere end it after the window', async () => {
    const story = new Story();
    const { alice } = await story.secured();
    story.server.meddle = () => [];
    alice.model.say('lost');
    await story.pass(29_000, 500);
    expect(alice.lines).toEqual(['me: lost (sending)']);
    await story.pass(1_000, 500);
    expect(alice.phase).toEqual(over('cutOff', 1));
  });
});

describe('an end', () => {
  it('[CONV31] that the peer did not hear of is told when it asks, as what it was', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    await loseLink(story, alice);
    bob.model.leave();
    await story.pass(8_000, 500);
    expect(alice.connection).toBe('reconnecting');
    story.server.refusing = false;
    await story.pass(20_000, 500);
    expect(alice.phase).toEqual(over('left'));
  });

  it('[CONV31] of the own side is told after the own link came back', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    await loseLink(story, alice);
    alice.model.leave();
    expect(alice.home.conversation).toBeNull();
    await story.until(() => bob.connection === 'reconnecting');
    story.server.refusing = false;
    await story.pass(25_000, 500);
    expect(bob.phase).toEqual(over('left'));
  });

  it('[CONV31] is told for 5 min, and never as the other kind', async () => {
    for (const [waitMs, heard] of [
      [4 * 60_000, over('left')],
      [5 * 60_000 + 10_000, null],
    ] as const) {
      const story = new Story();
      const { alice, bob } = await story.secured();
      story.server.meddle = () => [];
      alice.model.leave();
      await story.pass(waitMs, 2_000);
      expect(bob.phase?.is).toBe('secure');
      story.server.meddle = ({ frame }) => [frame];
      bob.model.say('are you there?');
      await story.pass(2_000, 500);
      if (heard === null) expect(bob.phase?.is).toBe('secure');
      else expect(bob.phase).toEqual({ ...heard, unconfirmed: 1 });
      await story.pass(30_000, 500);
      if (heard === null) expect(bob.phase).toEqual(over('cutOff', 1));
    }
  });

  it('[CONV31] is no question: two that have ended leave each other alone', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    story.server.meddle = () => [];
    alice.model.say('lost');
    bob.model.say('lost too');
    await story.pass(30_000, 500);
    expect([alice.phase, bob.phase]).toEqual([over('cutOff', 1), over('cutOff', 1)]);
    story.server.meddle = ({ frame }) => [frame];
    await story.pass(8_000, 500);
    // Each told the other at once and three times more, and nobody answered that.
    const farewells = story.server.relayed.filter(
      (r) => labelled('message', r) && r.frame.body[0] === 3,
    );
    expect(farewells.map(({ frame }) => frame.attempt).sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    const before = story.server.relayed.length;
    await story.pass(30_000, 500);
    expect(story.server.relayed.length).toBe(before);
  });

  it('[CONV31] is told to who talks in the channel, not to who rings anew', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.leave();
    await story.until(() => bob.phase?.is === 'ended');
    await story.pass(10_000, 1_000);
    const before = story.server.relayed.length;
    bob.model.retry();
    await story.until(() => alice.home.incoming.length === 1);
    const answers = story.server.relayed.slice(before).filter(({ from }) => from === alice.me.id);
    expect(new Set(answers.map(({ frame }) => frame.label))).toEqual(new Set(['ack']));
  });

  it('[CONV10] comes after what was said before it', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const seen: string[] = [];
    bob.model.subscribe(() => seen.push(...bob.lines));
    alice.model.say('the last word');
    alice.model.leave();
    await story.until(() => bob.phase?.is === 'ended');
    expect(seen).toContain('peer: the last word (received)');
  });

  it('[CONV10] is said again if it was lost', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    story.server.meddle = () => [];
    alice.model.leave();
    await story.quiet();
    story.server.meddle = ({ frame }) => [frame];
    await story.pass(1_000, 500);
    expect(bob.phase).toEqual(over('left'));
    const farewells = story.server.relayed.filter(
      (r) => labelled('message', r) && r.frame.body[0] === 2,
    );
    expect(farewells.map(({ frame }) => frame.attempt)).toEqual([0, 1]);
    expect(new Set(farewells.map(({ frame }) => `${frame.id} ${frame.body}`)).size).toBe(1);
  });

  it('[CONV10] is said when the link is back, if there was none, and begun anew with each link', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    // Nobody asks: it has to be said by itself.
    story.server.meddle = ({ from, frame }) => (from === bob.me.id ? [] : [frame]);
    await loseLink(story, alice);
    alice.model.leave();
    await story.pass(15_000, 500);
    expect(bob.phase?.is).toBe('secure');
    await regainLink(story, alice);
    expect(bob.phase).toEqual(over('left'));
    const said = () =>
      story.server.relayed.filter((r) => labelled('message', r) && r.frame.body[0] === 2).length;
    expect(said()).toBe(1);
    await loseLink(story, alice);
    await regainLink(story, alice);
    await story.pass(20_000, 500);
    expect(said()).toBe(1 + 4);
  });

  it('[LINK11] hurries the link as long as the peer may wait for it', async () => {
    const story = new Story();
    const { alice } = await story.secured();
    // The longest waits that the link may draw.
    vi.spyOn(alice.platform.random, 'fraction').mockReturnValue(0.999);
    await loseLink(story, alice);
    const since = story.clock.now();
    const tries = [since];
    const { connect } = alice.platform.sockets;
    vi.spyOn(alice.platform.sockets, 'connect').mockImplementation((handlers) => {
      tries.push(story.clock.now());
      return connect(handlers);
    });
    alice.model.leave();
    await story.pass(120_000, 250);
    const waits = tries.slice(1).map((at, n) => at - (tries[n] ?? 0));
    const hurried = waits.filter((_, n) => (tries[n] ?? 0) < since + 30_000);
    expect(Math.max(...hurried)).toBeLessThanOrEqual(4_000);
    expect(Math.max(...waits)).toBeGreaterThan(20_000);
  });

  it('[CONV43] is said by a page that is closed in the same moment', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('not even sealed');
    alice.closePage();
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('left'));
    expect(bob.lines).toEqual([]);
  });

  it('[CONV43] is not said by a page that has nothing to end', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    bob.model.leave();
    await story.until(() => alice.phase?.is === 'ended');
    const before = story.server.relayed.length;
    alice.closePage();
    bob.closePage();
    await story.quiet();
    expect(story.server.relayed.length).toBe(before);
  });

  it('[CONV41] comes when the chat is opened elsewhere, and on signing out', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const elsewhere = story.browser(bob);
    await story.until(() => elsewhere.isOnline);
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('cutOff'));
    expect(alice.connection).toBe('reconnecting');
    alice.model.signOut();
    await story.until(() => alice.view.at === 'signedOut');
  });
});

describe('an offer on an open channel', () => {
  /** Bob's page is loaded anew: his keys are gone, and nobody said goodbye. */
  async function reloaded(story: Story, bob: Browser): Promise<Browser> {
    const page = story.browser(bob);
    await story.until(() => page.isOnline);
    return page;
  }

  it('[CONV14] is shown beside it, and takes its place once it has led to a channel', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.say('of the old channel');
    await story.until(() => alice.lines.length === 1);
    const page = await reloaded(story, bob);
    page.model.open(alice.me);
    await story.until(() => alice.home.incoming.length === 1);
    expect(alice.lines.length).toBe(1);
    story.server.meddle = ({ frame }) => (frame.body[0] === 3 ? [] : [frame]);
    alice.model.accept(bob.me.id);
    await story.until(() => story.server.relayed.some(({ frame }) => frame.body[0] === 3));
    expect(alice.lines.length).toBe(1);
    story.server.meddle = ({ frame }) => [frame];
    await story.pass(2_000, 500);
    await story.until(() => page.phase?.is === 'secure');
    expect([alice.lines, alice.connection]).toEqual([[], 'up']);
    page.model.say('of the new one');
    await story.until(() => alice.lines.length === 1);
    expect(alice.lines).toEqual(['peer: of the new one (received)']);
  });

  it('[CONV14] that fails leaves the channel as it is', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const offer = story.server.relayed.find((r) => labelled('ephemeral_key', r))?.frame;
    if (offer === undefined) throw new Error('an offer was relayed');
    const forged = offer.body.map((byte, at) => (at > 1 && at < 20 ? byte ^ 1 : byte));
    story.server.inject(bob.me.id, { ...offer, peer: alice.me.id, body: forged });
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.pass(20_000, 500);
    alice.model.say('still here');
    await story.until(() => bob.lines.length === 1);
    expect([bob.connection, bob.home.incoming]).toEqual(['up', []]);
  });

  it('[CONV40] is heard 6 times a minute of one person', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const offer = story.server.relayed.find((r) => labelled('ephemeral_key', r))?.frame;
    if (offer === undefined) throw new Error('an offer was relayed');
    const rang = () =>
      story.server.relayed.filter((r) => labelled('ack', r) && r.from === bob.me.id);
    const before = rang().length;
    const ring = (n: number) => {
      const body = offer.body.map((byte, at) => (at === 10 ? n : byte));
      const bytes = frameIdBytes(offer.id).map((byte, at) => (at === 0 ? byte ^ (n + 1) : byte));
      const id = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      story.server.inject(bob.me.id, {
        ...offer,
        id: id as typeof offer.id,
        peer: alice.me.id,
        body,
      });
    };
    for (let n = 0; n < 20; n += 1) ring(n);
    await story.quiet();
    // The offer of the open channel was one of them.
    expect(rang().length - before).toBe(5);
    await story.pass(61_000, 5_000);
    for (let n = 20; n < 40; n += 1) ring(n);
    await story.quiet();
    expect(rang().length - before).toBe(11);
  });
});
