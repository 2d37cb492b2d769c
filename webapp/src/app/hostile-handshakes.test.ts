/** A relay that meddles with handshakes and with the directory: it comes to no channel of its own. */
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, fromBase64, toBase64 } from '../core/bytes.ts';
import { fromSpki, toSpki } from '../core/crypto/identity.ts';
import { readMessage } from '../core/crypto/messages.ts';
import { anIdentity, flipped } from '../test/builders.ts';
import { Mallory } from '../test/mallory.ts';
import { Scene } from '../test/scene.ts';
import type { Browser, Story } from '../test/story.ts';
import type { Relayed } from '../test/test-server.ts';
import { type Played, type Plot, playedAt, plotted, type Trick } from '../test/trick.ts';

/** At how many moments, or in how many variants, each trick is played. */
const MOMENTS = Number(process.env['DHCHAT_MOMENTS'] ?? 20);
const SLOW = { timeout: 600_000 };

const HANDSHAKE = ['ephemeral_key', 'session_established'];
const isHandshake = ({ frame }: Relayed) => HANDSHAKE.includes(frame.label);
const stepOf = ({ frame }: Relayed) => readMessage(frame.body)?.step ?? null;
const isAny = ({ frame }: Relayed) => frame.label !== 'declined' && frame.body.length > 16;

const TRICKS: readonly Trick[] = [
  {
    name: 'changes a byte of a message',
    at: isHandshake,
    play: (scene, { frame }) => {
      const at = Math.floor(scene.random.fraction() * frame.body.length);
      return [{ ...frame, body: flipped(frame.body, at) }];
    },
    shows: ['failed', 'recovered'],
  },
  {
    name: 'changes a byte of a message however often it is said',
    at: isHandshake,
    play: (scene, relayed) => {
      const share = scene.random.fraction();
      const changed = ({ frame }: Relayed) => ({
        ...frame,
        body: flipped(frame.body, Math.floor(share * frame.body.length)),
      });
      scene.meddle = (next) => [stepOf(next) === stepOf(relayed) ? changed(next) : next.frame];
      return [changed(relayed)];
    },
    shows: ['failed', 'timeout', 'cutOff'],
  },
  {
    name: 'asks for another version',
    at: (relayed) => stepOf(relayed) === 'offer',
    play: (scene) => {
      const version = scene.pick([0, 2, 255]);
      const changed = (body: Bytes) =>
        concat(body.slice(0, 1), Uint8Array.of(version), body.slice(2));
      scene.meddle = (next) => {
        const { frame } = next;
        return [stepOf(next) === 'offer' ? { ...frame, body: changed(frame.body) } : frame];
      };
      return [];
    },
    shows: ['timeout'],
  },
  {
    name: 'takes the strength out of a key',
    at: (relayed) => ['offer', 'answer', 'confirmation'].includes(stepOf(relayed) ?? ''),
    play: (scene, relayed) => {
      const step = stepOf(relayed);
      // Where the point of X25519 ends, in the key of the offer and in what is encapsulated to it.
      const end = step === 'offer' ? -32 : step === 'answer' ? 17 + 32 + 1_216 : 17 + 1_120;
      const weak = (body: Bytes) => {
        const copy = body.slice();
        const last = end < 0 ? copy.length + end : end;
        return copy.fill(0, last - scene.pick([32, 1_000]), last);
      };
      scene.meddle = (next) => {
        const { frame } = next;
        return [stepOf(next) === step ? { ...frame, body: weak(frame.body) } : frame];
      };
      return [{ ...relayed.frame, body: weak(relayed.frame.body) }];
    },
    shows: ['failed', 'timeout'],
  },
  {
    name: 'gives a message back to its sender',
    at: isHandshake,
    play: (scene, { from, frame }) => {
      scene.inject(from, frame);
      return [frame];
    },
    shows: ['counted'],
  },
  {
    name: 'says a message of an earlier handshake',
    at: isAny,
    play: (scene, { frame }) => {
      const old = scene.pick(scene.earlier.filter(isHandshake));
      scene.inject(old.to, { ...old.frame, attempt: 3 });
      return [frame];
    },
    shows: ['counted'],
    isKnown: true,
  },
  {
    name: 'says a message of this handshake again',
    at: (relayed, scene) =>
      isAny(relayed) && scene.relayed.some((each) => stepOf(each) === 'finish'),
    play: (scene, { frame }) => {
      const old = scene.pick(scene.relayed.filter(isHandshake));
      scene.inject(old.to, { ...old.frame, attempt: 9 });
      return [frame];
    },
    shows: ['counted'],
  },
  {
    name: 'mends a message out of two handshakes',
    at: isHandshake,
    play: (scene, relayed) => {
      const { frame } = relayed;
      const old = scene.earlier.find((each) => stepOf(each) === stepOf(relayed))?.frame.body;
      if (old === undefined) throw new Error('there was such a message before');
      const at = 17 + Math.floor(scene.random.fraction() * (old.length - 34));
      const body = scene.pick([
        concat(frame.body.slice(0, at), old.slice(at)),
        concat(old.slice(0, at), frame.body.slice(at)),
      ]);
      return [{ ...frame, body }];
    },
    shows: ['failed', 'recovered'],
    isKnown: true,
  },
  {
    name: 'drops a message',
    at: isHandshake,
    play: () => [],
    shows: ['recovered'],
  },
  {
    name: 'keeps a message back for a while',
    at: isHandshake,
    play: (scene, { to, frame }) => {
      scene.story.clock.after(300 + scene.random.fraction() * 4_000, () => scene.inject(to, frame));
      return [];
    },
    shows: ['recovered'],
  },
];

/** What a server may show in place of somebody's key. */
async function falseKey(scene: Scene, whose: Browser, variant: number): Promise<string> {
  const true_ = fromBase64(keyOf(scene.story, whose)) ?? new Uint8Array();
  const others = [
    toSpki((await anIdentity(600 + variant)).publicKey),
    fromBase64(keyOf(scene.story, scene.other(whose.me.id))) ?? new Uint8Array(),
    flipped(true_, -1 - (variant % 32)),
    true_.slice(0, -1),
  ];
  return toBase64(scene.pick(others));
}

function keyOf({ server }: Story, { me }: Browser): string {
  return server.users.get(me.id)?.key ?? '';
}

function publish({ server }: Story, { me }: Browser, key: string): void {
  const account = server.users.get(me.id);
  if (account !== undefined) account.key = key;
}

/** Whoever stands between the two, with keys of her own. */
async function mallory(scene: Scene, isBelieved: boolean): Promise<Mallory> {
  const [caller, answerer] = [scene.alice, scene.bob].map((browser) => ({
    id: browser.me.id,
    publicKey: fromSpki(fromBase64(keyOf(scene.story, browser)) ?? new Uint8Array()),
  }));
  if (!caller?.publicKey || !answerer?.publicKey) throw new Error('both have keys');
  const people = {
    caller: { id: caller.id, publicKey: caller.publicKey },
    answerer: { id: answerer.id, publicKey: answerer.publicKey },
  };
  const between = await Mallory.between(people, (to, frame) => scene.inject(to, frame));
  if (isBelieved) {
    for (const browser of [scene.alice, scene.bob]) {
      publish(scene.story, browser, toBase64(toSpki(between.publicKey)));
    }
  }
  scene.meddle = ({ from, frame }) => {
    const isTold = frame.label === 'ack' && frame.body.length === 16;
    if (isTold || frame.label === 'declined') return [frame];
    between.hear(from, frame);
    return [];
  };
  return between;
}

const PLOTS: readonly Plot[] = [
  {
    name: 'shows another key of somebody at first sight',
    prepare: async (scene, variant) => {
      const whose = variant % 2 === 0 ? scene.bob : scene.alice;
      publish(scene.story, whose, await falseKey(scene, whose, variant));
    },
    shows: ['failed', 'keyMissing'],
  },
  {
    name: 'shows another key of somebody who is known',
    prepare: async (scene, variant) => {
      const whose = variant % 2 === 0 ? scene.bob : scene.alice;
      publish(scene.story, whose, await falseKey(scene, whose, variant));
    },
    shows: ['blocked', 'keyMissing'],
    isKnown: true,
    isHopeless: true,
  },
  {
    name: 'shakes hands with both in the name of the other',
    prepare: async (scene) => void (await mallory(scene, false)),
    shows: ['failed'],
    isHopeless: true,
  },
  {
    name: 'shakes hands with both who know each other, and shows its own keys',
    prepare: async (scene) => void (await mallory(scene, true)),
    shows: ['blocked'],
    isKnown: true,
    isHopeless: true,
  },
  {
    name: 'lets Alice call one and reach another',
    prepare: async (scene) => {
      const carol = await scene.story.person('carol');
      publish(scene.story, carol, keyOf(scene.story, scene.bob));
      scene.callee = carol.me;
      const { server } = scene.story;
      scene.meddle = ({ from, frame }) => {
        if (from === scene.alice.me.id) server.inject(scene.bob.me.id, { ...frame, peer: from });
        else server.inject(scene.alice.me.id, { ...frame, peer: carol.me.id });
        return [];
      };
      // Carol has her own browser, which hears nothing of it.
    },
    shows: ['failed'],
    isHopeless: true,
  },
  {
    name: 'tells the two that they are on different servers',
    prepare: () => {},
    deployments: ['one', 'another'],
    shows: ['failed'],
    isHopeless: true,
  },
];

describe('a relay that meddles with handshakes', SLOW, () => {
  const table: Played[] = [];

  for (const trick of TRICKS) {
    it(`[HOSTILE2] ${trick.name}`, async () => {
      const played = await playedAt(trick, MOMENTS);
      table.push(...played);
      expect(played.filter(({ outcome }) => outcome !== 'noticed')).toEqual([]);
    });
  }

  for (const plot of PLOTS) {
    it(`[HOSTILE3] ${plot.name}`, async () => {
      const played = await plotted(plot, MOMENTS);
      table.push(...played);
      expect(played.filter(({ outcome }) => outcome !== 'noticed')).toEqual([]);
    });
  }

  it('[HOSTILE2, HOSTILE3] every trick at every moment was noticed', () => {
    const noticed = table.filter(({ outcome }) => outcome === 'noticed');
    expect(noticed).toHaveLength((TRICKS.length + PLOTS.length) * MOMENTS);
  });

  it('[HOSTILE4] between strangers it is seen by whoever compares, and nothing is called known', async () => {
    for (let n = 0; n < Math.min(MOMENTS, 5); n += 1) {
      const scene = await Scene.of(n, { isKnown: false });
      const { alice, bob, story } = scene;
      const between = await mallory(scene, true);
      alice.model.open(bob.me);
      await story.until(() => bob.home.incoming.length === 1);
      bob.model.accept(alice.me.id);
      await story.until(() => alice.phase?.is === 'secure' && bob.phase?.is === 'secure');
      alice.model.say('hello');
      await story.until(() => between.read.includes('hello'));
      const [hers, his] = [alice, bob].map(({ phase, home }) => ({ phase, key: home.key }));
      if (hers?.phase?.is !== 'secure' || his?.phase?.is !== 'secure') throw new Error('secure');
      expect(hers.phase.shortCode).not.toEqual(his.phase.shortCode);
      for (const [seen, other] of [[hers, his] as const, [his, hers] as const]) {
        if (seen.phase?.is !== 'secure' || other.key.is !== 'ready') throw new Error('secure');
        expect(seen.phase.pin).toBe('firstUse');
        expect(seen.phase.peerFingerprint).not.toBe(other.key.fingerprint);
      }
    }
  });
});
