/**
 * What is said gets across: two machines over paths that lose, repeat, overtake and break.
 * `DHCHAT_SIMULATIONS` makes it more conversations than a few.
 */
import { describe, expect, it } from 'vitest';
import { frameId } from '../../test/builders.ts';
import { linesOf, type Path, TwoTalking } from '../../test/two-talking.ts';
import type { PeerFrame } from '../wire/frames.ts';
import { encodeRecord } from './records.ts';

const SIMULATIONS = Number(process.env['DHCHAT_SIMULATIONS'] ?? 20);
const seeds = Array.from({ length: SIMULATIONS }, (_, n) => n + 1);

type Side = TwoTalking['alice'];

const statesOf = (side: Side) =>
  linesOf(side).flatMap(({ by, state }) => (by === 'me' ? state : []));
const textsOf = (world: TwoTalking, side: Side) =>
  world.frames.filter(({ from, frame }) => from === side.me && frame.label === 'message');
const hasRecord = ({ frame }: { frame: PeerFrame }) => frame.body[0] === 1;

/** Both talk for a while, on a path that their seed makes bad. */
function talkOver(seed: number, path: Path, outagesMs: number): TwoTalking {
  const world = new TwoTalking(seed);
  const { random } = world;
  world.path = path;
  const until = 60_000;
  for (const side of [world.alice, world.bob]) {
    for (let n = 0; n < 40; n += 1) {
      world.at(random.fraction() * until, () => world.say(side, `${seed} ${side.me} ${n}`));
    }
    for (let n = 0; n < 3 && outagesMs > 0; n += 1) {
      const from = (until / 3) * n + random.fraction() * 5_000;
      world.at(from, () => world.cut(side));
      world.at(from + random.fraction() * outagesMs, () => world.join(side));
    }
  }
  world.pass(until + 20_000);
  return world;
}

describe('what was said', () => {
  it('[CONV20] is heard once, whole and in order, over whatever path there is', () => {
    for (const seed of seeds) {
      const path = { dropped: 0.2, doubled: 0.1, delayMsMin: 5, delayMsMax: 400 };
      const world = talkOver(seed, path, 0);
      world.path = { ...path, dropped: 0 };
      world.pass(20_000);
      const { alice, bob } = world;
      expect([alice.state.at, bob.state.at]).toEqual(['secure', 'secure']);
      expect([alice.heard, bob.heard]).toEqual([bob.said, alice.said]);
      expect(new Set([...statesOf(alice), ...statesOf(bob)])).toEqual(new Set(['delivered']));
    }
  });

  it('[CONV11] is heard although links break again and again', () => {
    for (const seed of seeds) {
      const path = { dropped: 0.05, doubled: 0.1, delayMsMin: 5, delayMsMax: 200 };
      const world = talkOver(seed, path, 14_000);
      world.path = { ...path, dropped: 0 };
      world.pass(20_000);
      const { alice, bob } = world;
      expect([alice.state.at, bob.state.at]).toEqual(['secure', 'secure']);
      expect([alice.heard, bob.heard]).toEqual([bob.said, alice.said]);
      expect([alice.said.length, bob.said.length]).toEqual([40, 40]);
    }
  });

  it('[CONV20] is heard as far as it goes when the path breaks for good, and the rest is counted', () => {
    for (const seed of seeds) {
      const world = new TwoTalking(seed);
      const { alice, bob, random } = world;
      world.path = { dropped: 0.1, doubled: 0.1, delayMsMin: 5, delayMsMax: 200 };
      for (let n = 0; n < 30; n += 1) {
        world.at(random.fraction() * 10_000, () => world.say(alice, `${n}`));
      }
      world.at(random.fraction() * 10_000, () => {
        world.path = { ...world.path, dropped: 1 };
      });
      world.pass(50_000);
      expect(bob.heard).toEqual(alice.said.slice(0, bob.heard.length));
      const ended = alice.state.at === 'ended' ? alice.state : null;
      if (ended === null) expect(bob.heard).toEqual(alice.said);
      else {
        expect(ended.why).toBe('cutOff');
        expect(ended.unconfirmed).toBeGreaterThanOrEqual(alice.said.length - bob.heard.length);
      }
    }
  });

  it('[CONV1] turns the keys on its way, and loses nothing by it', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.path = { dropped: 0.1, doubled: 0.1, delayMsMin: 5, delayMsMax: 300 };
    for (let n = 0; n < 400; n += 1) {
      world.say(n % 7 < 4 ? alice : bob, `${n}`);
      world.pass(100);
    }
    world.pass(30_000);
    expect([alice.heard, bob.heard]).toEqual([bob.said, alice.said]);
    expect(alice.channel.epoch).toBe(bob.channel.epoch);
    expect(alice.channel.epoch).toBeGreaterThan(8);
  });
});

describe('a record', () => {
  it('[CONV28] that is missing is sent again as soon as the peer says so', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.say(alice, 'zero');
    world.pass(500);
    world.path = { ...world.path, dropped: 1 };
    world.say(alice, 'one');
    world.path = { ...world.path, dropped: 0 };
    world.say(alice, 'two');
    world.pass(20);
    expect(bob.heard).toEqual(['zero', 'one', 'two']);
    const texts = textsOf(world, alice);
    expect(texts.map(({ frame }) => frame.attempt)).toEqual([0, 0, 0, 1]);
    expect(texts[3]?.frame).toEqual({ ...texts[1]?.frame, attempt: 1 });
  });

  it('[CONV28] that nobody acknowledged is sent again after twice the round trip, doubling', () => {
    const world = new TwoTalking();
    world.path = { ...world.path, delayMsMin: 200, delayMsMax: 200 };
    world.say(world.alice, 'measured');
    world.pass(1_000);
    world.path = { ...world.path, dropped: 1 };
    world.say(world.alice, 'lost');
    const start = world.now;
    world.pass(15_000);
    const [, ...lost] = textsOf(world, world.alice);
    expect(lost.map(({ at }) => at - start)).toEqual([0, 800, 2_400, 5_600, 9_600, 13_600]);
    expect(lost.map(({ frame }) => frame.attempt)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('[CONV26] is acknowledged at once, and a burst of them together', () => {
    const world = new TwoTalking();
    const acks = () => world.frames.filter(({ frame }) => frame.label === 'ack');
    world.say(world.alice, 'one');
    world.pass(5);
    expect(acks().map(({ at }) => at)).toEqual([5]);
    for (let n = 0; n < 50; n += 1) world.say(world.alice, `${n}`);
    world.pass(99);
    expect(acks()).toHaveLength(1);
    world.pass(1);
    expect(acks().map(({ at }) => at)).toEqual([5, 105]);
    world.pass(1_000);
    expect(acks()).toHaveLength(2);
    expect(statesOf(world.alice).every((state) => state === 'delivered')).toBe(true);
  });

  it('[CONV19] that comes again is acknowledged again, and heard once', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.say(alice, 'once');
    world.pass(1_000);
    const [text] = textsOf(world, alice);
    if (text === undefined) throw new Error('it was sent');
    const before = world.frames.length;
    world.tell(bob, { type: 'frame', frame: { ...text.frame, peer: alice.me, attempt: 1 } });
    expect(world.frames.slice(before).map(({ frame }) => frame.label)).toEqual(['ack']);
    expect(bob.heard).toEqual(['once']);
  });

  it('[CONV30] that is never acknowledged ends it after the resume window', () => {
    const world = new TwoTalking();
    const { alice } = world;
    world.path = { ...world.path, dropped: 1 };
    world.say(alice, 'one');
    world.say(alice, 'two');
    world.pass(29_999);
    expect(alice.state.at).toBe('secure');
    world.pass(1);
    expect(alice.state).toEqual({ at: 'ended', why: 'cutOff', unconfirmed: 2 });
    expect(alice.channel.erased).toBe(true);
  });

  it('[CONV30] that stays missing ends it after the resume window', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    alice.channel.sealNow(1, new Uint8Array(1));
    const { counter, body } = alice.channel.sealNow(1, new Uint8Array(1));
    expect(counter).toBe(1);
    world.say(bob, 'hello');
    const id = textsOf(world, bob)[0]?.frame.id;
    if (id === undefined) throw new Error('it was sent');
    const frame = { type: 'peer', label: 'message', attempt: 0, peer: alice.me, id, body } as const;
    world.tell(bob, { type: 'frame', frame });
    world.pass(29_999);
    expect(bob.state.at).toBe('secure');
    world.pass(1);
    expect(bob.state).toEqual({ at: 'ended', why: 'cutOff', unconfirmed: 0 });
  });
});

describe('room', () => {
  it('[CONV24] is for 512 records; then nothing is taken until the peer has some', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.path = { ...world.path, dropped: 1 };
    const taken = Array.from({ length: 600 }, (_, n) => world.say(alice, `${n}`));
    // A turn of the keys has its place among them.
    expect(taken.filter(Boolean).length).toBe(511);
    expect(taken.indexOf(false)).toBe(511);
    world.path = { ...world.path, dropped: 0 };
    world.pass(5_000);
    expect(bob.heard).toEqual(alice.said);
    expect(world.say(alice, 'more')).toBe(true);
  });

  it('[CONV24] is for 1 MiB', () => {
    const world = new TwoTalking();
    const { alice } = world;
    world.path = { ...world.path, dropped: 1 };
    const long = '€'.repeat(4_000);
    const taken = Array.from({ length: 100 }, () => world.say(alice, long)).filter(Boolean).length;
    const bytes = textsOf(world, alice).reduce((sum, { frame }) => sum + frame.body.length, 0);
    expect(bytes).toBeLessThanOrEqual(1_048_576);
    expect(taken).toBeGreaterThan(50);
    expect(world.say(alice, 'short')).toBe(false);
  });
});

describe('a word about a file', () => {
  it('[CONV44] waits for room, and keeps its order among the others', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    const { channel } = alice;
    const pause = (on: boolean) => {
      const record = { is: 'filePause', lane: 2, on } as const;
      world.tell(alice, { type: 'carry', channel, lane: 1, record });
      return record;
    };
    const first = pause(true);
    world.pass(1_000);
    expect(bob.delivered).toEqual([first]);
    world.path = { ...world.path, dropped: 1 };
    while (world.say(alice, 'more'));
    const [second, third] = [pause(false), pause(true)];
    expect(alice.state.at === 'secure' && alice.state.delivery.outbox.kept.length).toBe(512);
    world.path = { ...world.path, dropped: 0 };
    world.pass(10_000);
    expect(bob.delivered).toEqual([first, second, third]);
    expect(bob.heard).toEqual(alice.said);
  });
});

describe('a lost link', () => {
  it('[CONV11] is waited for, and what was said meanwhile follows', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.cut(alice);
    world.say(alice, 'said in the dark');
    world.pass(29_000);
    expect([alice.state.at, bob.state.at]).toEqual(['secure', 'secure']);
    expect(connectionsOf(world)).toEqual(['reconnecting', 'reconnecting']);
    world.join(alice);
    world.pass(20);
    expect(connectionsOf(world)).toEqual(['up', 'up']);
    world.pass(100);
    expect([bob.heard, statesOf(alice)]).toEqual([['said in the dark'], ['delivered']]);
  });

  it('[CONV12] ends it as cut off on both sides after 30 s, and what is not confirmed is counted', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.cut(alice);
    world.say(alice, 'never heard');
    world.pass(29_999);
    expect(alice.state.at).toBe('secure');
    world.pass(11);
    expect(alice.state).toEqual({ at: 'ended', why: 'cutOff', unconfirmed: 1 });
    expect(bob.state).toEqual({ at: 'ended', why: 'cutOff', unconfirmed: 0 });
  });

  it('[CONV12] ends it at once where the window is 0', () => {
    const world = new TwoTalking(1, 0);
    const { alice, bob } = world;
    world.say(alice, 'hello');
    world.pass(5);
    world.cut(alice);
    world.pass(10);
    expect(alice.state).toEqual({ at: 'ended', why: 'cutOff', unconfirmed: 1 });
    expect(bob.state).toEqual({ at: 'ended', why: 'cutOff', unconfirmed: 0 });
  });

  it('[CONV29] has both state what they expect, and the peer that is away asked soon, then every 2 s', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.cut(alice);
    world.pass(9_000);
    const asks = world.frames.filter(hasRecord);
    expect(asks.map(({ from, at }) => [from, at])).toEqual(
      [510, 1_510, 3_510, 5_510, 7_510].map((at) => [bob.me, at]),
    );
    world.join(alice);
    const after = world.frames.length;
    world.pass(6);
    const labels = world.frames.slice(after - 1).map(({ from, frame }) => [from, frame.label]);
    expect(labels).toEqual([
      [alice.me, 'ack'],
      [bob.me, 'ack'],
    ]);
    world.pass(10_000);
    expect(connectionsOf(world)).toEqual(['up', 'up']);
  });

  it('[CONV29] sends again what was on the old path when the link moves to another', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.path = { ...world.path, dropped: 1 };
    world.say(alice, 'on the old path');
    world.path = { ...world.path, dropped: 0 };
    world.tell(alice, { type: 'linkOnline' });
    world.pass(120);
    expect([bob.heard, statesOf(alice)]).toEqual([['on the old path'], ['delivered']]);
  });

  it('[CONV12] is not needed for it: a refused frame is sent again when the peer answers', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.path = { ...world.path, dropped: 1 };
    world.say(alice, 'refused');
    world.tell(alice, { type: 'refused', code: 'BUS_AWAY' });
    expect(connectionsOf(world)).toEqual(['reconnecting', 'up']);
    world.path = { ...world.path, dropped: 0 };
    world.pass(2_100);
    expect([bob.heard, connectionsOf(world)]).toEqual([['refused'], ['up', 'up']]);
  });

  it('[CONV30] gives what was missing its whole time again when it is back', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    alice.channel.sealNow(1, new Uint8Array(1));
    const id = frameId(3);
    const { body } = alice.channel.sealNow(1, new Uint8Array(1));
    const frame = { type: 'peer', label: 'message', attempt: 0, peer: alice.me, id, body } as const;
    world.tell(bob, { type: 'frame', frame });
    world.pass(20_000);
    world.cut(alice);
    world.pass(1_000);
    world.join(alice);
    world.pass(29_000);
    expect(bob.state.at).toBe('secure');
    world.pass(1_100);
    expect(bob.state.at).toBe('ended');
  });

  it('[CONV29] whoever hears of the other again by any record asks what it has', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.path = { ...world.path, dropped: 1 };
    world.say(alice, 'lost');
    world.path = { ...world.path, dropped: 0 };
    world.tell(alice, { type: 'peerGone' });
    world.say(bob, 'never noticed');
    world.pass(120);
    expect([connectionsOf(world), bob.heard]).toEqual([['up', 'up'], ['lost']]);
  });

  it('[CONV33] lets the control lane of an epoch wait until the turn has come', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.say(bob, 'hello');
    world.pass(1_000);
    world.path = { ...world.path, dropped: 1 };
    for (let n = 0; n < 101; n += 1) world.say(alice, `${n}`);
    expect(alice.channel.epoch).toBe(1);
    world.path = { ...world.path, dropped: 0 };
    // Said in the new epoch, which Bob does not know yet.
    world.tell(alice, { type: 'typing', on: true });
    world.pass(10);
    const isTyping = () => bob.state.at === 'secure' && bob.state.typing.peerUntil !== null;
    expect(isTyping()).toBe(false);
    const missing = world.frames.filter(
      ({ from, frame }) => from === alice.me && frame.label === 'message',
    );
    for (const { frame } of missing) {
      if (bob.channel.epoch === 1) break;
      world.tell(bob, { type: 'frame', frame: { ...frame, peer: alice.me } });
    }
    expect(bob.channel.epoch).toBe(1);
    expect(isTyping()).toBe(true);
  });

  it('[CONV31] a side that comes back too late hears how it ended: cut off', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    // Bob learns of the cut long before Alice does.
    bob.isLinked = true;
    world.tell(bob, { type: 'peerGone' });
    alice.isLinked = false;
    world.pass(20_000);
    world.tell(alice, { type: 'linkLost' });
    world.pass(10_500);
    expect([alice.state.at, bob.state.at]).toEqual(['secure', 'ended']);
    world.join(alice);
    world.pass(100);
    expect(alice.state).toMatchObject({ at: 'ended', why: 'cutOff' });
  });

  it('[CONV31] a side that comes back after the other left hears that it left', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.cut(alice);
    world.pass(1_000);
    world.tell(bob, { type: 'leave' });
    expect(bob.state).toMatchObject({ at: 'ended', why: null });
    world.pass(5_000);
    expect(alice.state.at).toBe('secure');
    world.join(alice);
    world.pass(100);
    expect(alice.state).toMatchObject({ at: 'ended', why: 'left' });
  });
});

describe('a line', () => {
  it('[CONV42] has a name of its own: a second one of the same name is none', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    const said = { type: 'say', id: frameId(1), replyTo: null, wall: 0 } as const;
    world.tell(alice, { ...said, text: 'first' });
    world.tell(alice, { ...said, text: 'second' });
    world.pass(1_000);
    expect(bob.heard).toEqual(['first']);
    world.tell(bob, { ...said, text: 'under the name of hers' });
    world.pass(1_000);
    expect(alice.heard).toEqual([]);
    expect(statesOf(alice)).toEqual(['delivered', 'delivered']);
  });
});

describe('an edit', () => {
  it('[CONV34] that comes too late is none, whatever its sender thinks', () => {
    for (const [lateMs, text] of [
      [15 * 60_000 + 29_000, 'edited'],
      [15 * 60_000 + 31_000, 'as it was'],
    ] as const) {
      const world = new TwoTalking();
      const { alice, bob } = world;
      const id = frameId(1);
      world.tell(alice, { type: 'say', id, text: 'as it was', replyTo: null, wall: 0 });
      world.pass(lateMs);
      const edit = encodeRecord({ is: 'edit', line: id, text: 'edited' });
      const { body } = alice.channel.sealNow(1, edit);
      const route = { type: 'peer', label: 'message_edit', attempt: 0, peer: alice.me } as const;
      world.tell(bob, { type: 'frame', frame: { ...route, id: frameId(2), body } });
      expect(linesOf(bob).map((line) => line.text)).toEqual([text]);
    }
  });
});

describe('leaving', () => {
  it('[CONV10] is said at once, and heard as such', () => {
    const world = new TwoTalking();
    const { alice, bob } = world;
    world.tell(alice, { type: 'leave' });
    expect(alice.state).toEqual({ at: 'ended', why: null, unconfirmed: 0 });
    world.pass(5);
    expect(bob.state).toEqual({ at: 'ended', why: 'left', unconfirmed: 0 });
    expect([alice.channel.erased, bob.channel.erased]).toEqual([true, true]);
  });
});

function connectionsOf({ alice, bob }: TwoTalking) {
  return [alice, bob].map(({ state }) =>
    state.at === 'secure' ? state.delivery.connection.is : null,
  );
}
