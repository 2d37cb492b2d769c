/** Turns of the ratchet: who may, what counts as one, and which records open around it. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  anIdentity,
  aPair,
  frameId,
  type Pair,
  said,
  shakeHands,
  standing,
  turned,
} from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, equal, utf8 } from '../bytes.ts';
import { recordKeyOf } from './chain.ts';
import { Channel, type Opened } from './channel.ts';
import { signerOf } from './identity.ts';
import { directionFrom, makeTurn, type TurnGround } from './ratchet.ts';
import { type Lane, sealed } from './record-layout.ts';
import { noble } from './suite/noble.ts';

const outside = { label: 'message', id: frameId(1) } as const;
const forged = { is: 'forged' };
let pair: Pair;
let alice: Channel;
let bob: Channel;

beforeEach(async () => {
  pair = await aPair();
  ({ alice, bob } = await shakeHands(pair));
});

type Captured = ReturnType<typeof Channel.captured>;

/** A turn of Alice as somebody makes it who has captured all that she remembers. */
async function stolenTurn(
  captured: Captured,
  changed: Partial<TurnGround>,
  change: (content: Bytes) => Bytes = (content) => content,
): Promise<Bytes> {
  const { channelId, ratchet } = captured;
  const { signer } = pair.alices.self;
  const peerKey = pair.bob.publicKey;
  const ground = { primitives: noble, channelId, role: 'A', signer, peerKey } as const;
  const turn = await makeTurn({ ...ground, ...changed }, ratchet, seededRandom(77));
  return recordOf(captured, change(turn.content));
}

/** A turn record at the next place of whom was robbed, with any content. */
async function recordOf(
  { channelId, ratchet }: Captured,
  content: Bytes,
  { lane = 1, role = 'A' }: { lane?: Lane; role?: 'A' | 'B' } = {},
): Promise<Bytes> {
  const { epoch, sending } = ratchet;
  const chain = lane === 1 ? sending.talk : sending.control;
  const place = { lane, epoch, counter: chain.next };
  const key = await recordKeyOf(noble, chain.keys[0]);
  const way = { primitives: noble, channelId, direction: directionFrom(role) };
  return sealed(way, key, { place, outside }, { is: 'turn', bytes: content });
}

describe('a turn', () => {
  it('[CHAN8] is made by A in even epochs, by B in odd ones', async () => {
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
      [alice, bob],
    ] as const) {
      expect([from.mayTurn, to.mayTurn]).toEqual([true, false]);
      const before = standing(to);
      await expect(to.sealTurn(outside)).rejects.toThrow();
      expect(standing(to)).toEqual(before);
      await turned(from, to);
      expect(from.epoch).toBe(to.epoch);
      expect(await said(from, to, 'one', 'two')).toMatchObject([
        { is: 'opened' },
        { is: 'opened' },
      ]);
      expect(await said(to, from, 'three')).toMatchObject([{ is: 'opened' }]);
    }
  });

  it('[CHAN1] takes one counter of lane 1, which runs on', async () => {
    await said(alice, bob, 'zero');
    const { counter, body } = await alice.sealTurn(outside);
    expect(counter).toBe(1);
    expect(await bob.open(outside, body)).toEqual({ is: 'turned', counter: 1 });
    expect(await said(alice, bob, 'two')).toMatchObject([{ counter: 2 }]);
    expect(await said(bob, alice, 'zero')).toMatchObject([{ counter: 0 }]);
  });

  it('[CHAN9] counts when who captured the memory has the identity key too', async () => {
    const body = await stolenTurn(Channel.captured(alice), {});
    expect(await bob.open(outside, body)).toMatchObject({ is: 'turned' });
  });

  it('[CHAN9] counts under no other signature, channel, role, epoch or root', async () => {
    const captured = Channel.captured(alice);
    const before = standing(bob);
    const thief = signerOf(noble, await anIdentity(3));
    const otherId = captured.channelId.map((byte) => byte ^ 1);
    const bodies = [
      await stolenTurn(captured, { signer: thief }),
      await stolenTurn(captured, { role: 'B' }),
      await stolenTurn(captured, {}, (content) => content.map((b, at) => (at === 3 ? b ^ 1 : b))),
      await stolenTurn(captured, {}, (content) => content.map((b, at) => (at === 40 ? b ^ 1 : b))),
      await stolenTurn(captured, {}, (content) => content.slice(0, -1)),
      await stolenTurn(captured, {}, () => new Uint8Array()),
    ];
    const signedElsewhere = await makeTurn(
      { ...ground(captured), channelId: otherId },
      captured.ratchet,
      seededRandom(7),
    );
    bodies.push(await recordOf(captured, signedElsewhere.content));
    const otherRoot = { ...captured.ratchet, root: otherId };
    const { content } = await makeTurn(ground(captured), otherRoot, seededRandom(7));
    bodies.push(await recordOf(captured, content));
    for (const body of bodies) expect(await bob.open(outside, body)).toEqual(forged);
    expect(standing(bob)).toEqual(before);
    await turned(alice, bob);
  });

  it('[CHAN9] counts only with a key that can be used', async () => {
    const captured = Channel.captured(alice);
    const before = standing(bob);
    // 0xfff is no residue of ML-KEM; a point of zeros makes a secret of zeros.
    for (const [from, to, byte] of [
      [0, 3, 0xff],
      [1_184, 1_216, 0],
    ] as const) {
      const body = await stolenTurnWithKey(captured, (kemKey) => kemKey.fill(byte, from, to));
      expect(await bob.open(outside, body)).toEqual(forged);
    }
    expect(standing(bob)).toEqual(before);
    await turned(alice, bob);
  });

  it('[CHAN9] counts on lane 1 alone, and once', async () => {
    const captured = Channel.captured(alice);
    const { content } = await makeTurn(ground(captured), captured.ratchet, seededRandom(7));
    const astray = await recordOf(captured, content, { lane: 0 });
    expect(await bob.open(outside, astray)).toEqual(forged);
    const { body } = await alice.sealTurn(outside);
    const moved = body.slice();
    moved[1] = 0;
    expect(await bob.open(outside, moved)).toEqual(forged);
    expect(await bob.open(outside, body)).toMatchObject({ is: 'turned' });
    expect(await bob.open(outside, body)).toEqual({ is: 'repeat', lane: 1 });
    expect([bob.epoch, bob.mayTurn]).toEqual([1, true]);
  });

  it('[CHAN9] counts in a record of the epoch that it ends alone', async () => {
    const old = Channel.captured(bob);
    await turned(alice, bob);
    const { channelId, ratchet } = Channel.captured(bob);
    const bobs = { ...ground(old), role: 'B', signer: pair.bobs.self.signer } as const;
    const { content } = await makeTurn({ ...bobs, channelId }, ratchet, seededRandom(7));
    const before = standing(alice);
    expect(await alice.open(outside, await recordOf(old, content, { role: 'B' }))).toEqual(forged);
    expect(standing(alice)).toEqual(before);
    await turned(bob, alice);
  });

  it('[CHAN9] is not undone by one that was made twice', async () => {
    const captured = Channel.captured(alice);
    await turned(alice, bob);
    const again = await stolenTurn(captured, {});
    expect(await bob.open(outside, again)).toEqual({ is: 'repeat', lane: 1 });
  });
});

/** What of the peer opens after we turned, and what of us before the peer has heard that. */
describe('around a turn', () => {
  const control = { label: 'typing', id: frameId(2) } as const;
  const results = (opened: readonly Opened[]) => opened.map(({ is }) => is);

  it('[CHAN10] opens what was on its way in the old epoch, until the new one is heard', async () => {
    const onItsWay = [
      await bob.seal(1, outside, utf8('0')),
      await bob.seal(0, control, utf8('typing')),
      await bob.seal(1, outside, utf8('1')),
      await bob.seal(0, control, utf8('typing')),
    ];
    const { body } = await alice.sealTurn(outside);
    for (const record of onItsWay.slice(0, 3)) {
      const { label } = record === onItsWay[1] ? control : outside;
      const id = label === 'typing' ? control.id : outside.id;
      expect(await alice.open({ label, id }, record.body)).toMatchObject({ is: 'opened' });
    }
    expect(await bob.open(outside, body)).toMatchObject({ is: 'turned' });
    expect(results(await said(bob, alice, 'new'))).toEqual(['opened']);
    const late = onItsWay[3]?.body ?? new Uint8Array();
    expect(await alice.open(control, late)).toEqual({ is: 'repeat', lane: 0 });
    expect(Channel.captured(alice).ratchet.receiving.map(({ epoch }) => epoch)).toEqual([1]);
  });

  it('[CHAN10] on lane 0 the new epoch ends the old one there, not on lane 1', async () => {
    const [talk, typing] = [
      await bob.seal(1, outside, utf8('late')),
      await bob.seal(0, control, utf8('late')),
    ];
    await turned(alice, bob);
    const fresh = await bob.seal(0, control, utf8('new'));
    expect(await alice.open(control, fresh.body)).toMatchObject({ is: 'opened', counter: 0 });
    expect(await alice.open(control, typing.body)).toEqual({ is: 'repeat', lane: 0 });
    expect(await alice.open(outside, talk.body)).toMatchObject({ is: 'opened' });
  });

  it('[CHAN10] holds that records of an epoch not known yet are early, and open after it', async () => {
    const turn = await alice.sealTurn(outside);
    const talk = await alice.seal(1, outside, utf8('new'));
    const typing = await alice.seal(0, control, utf8('new'));
    expect(await bob.open(outside, talk.body)).toEqual({ is: 'early', lane: 1, counter: 1 });
    expect(await bob.open(control, typing.body)).toEqual({ is: 'early', lane: 0, counter: 0 });
    expect(await bob.open(outside, turn.body)).toMatchObject({ is: 'turned' });
    expect(await bob.open(outside, talk.body)).toMatchObject({ is: 'opened' });
    expect(await bob.open(control, typing.body)).toMatchObject({ is: 'opened' });
  });

  it('[CHAN10] never keeps more than two epochs to open', async () => {
    for (let n = 0; n < 6; n += 1) {
      const [from, to] = n % 2 === 0 ? [alice, bob] : [bob, alice];
      const inFlight = await to.seal(1, outside, utf8('in flight'));
      const { body } = await from.sealTurn(outside);
      await to.open(outside, body);
      expect(await from.open(outside, inFlight.body)).toMatchObject({ is: 'opened' });
      for (const side of [alice, bob]) {
        expect(Channel.captured(side).ratchet.receiving.length).toBeLessThanOrEqual(2);
      }
    }
  });

  it('[CHAN10] the side that heard the turn takes nothing more of the old epoch', async () => {
    const captured = Channel.captured(alice);
    await turned(alice, bob);
    const { channelId, ratchet } = captured;
    const key = await recordKeyOf(noble, ratchet.sending.talk.keys[0]);
    const way = { primitives: noble, channelId, direction: directionFrom('A') };
    const place = { lane: 1, epoch: 0, counter: 1 } as const;
    const content = { is: 'content', bytes: utf8('of old') } as const;
    const body = await sealed(way, key, { place, outside }, content);
    expect(await bob.open(outside, body)).toEqual(forged);
  });
});

function ground({ channelId }: Captured): TurnGround {
  const { signer } = pair.alices.self;
  return { primitives: noble, channelId, role: 'A', signer, peerKey: pair.bob.publicKey };
}

/** A turn that is right in everything but its new key. */
async function stolenTurnWithKey(
  captured: Captured,
  spoil: (kemKey: Bytes) => void,
): Promise<Bytes> {
  const spoiled: typeof noble = {
    ...noble,
    mlKem: {
      ...noble.mlKem,
      publicKeyOf: async (seed) => {
        const key = new Uint8Array(1_216);
        key.set(await noble.mlKem.publicKeyOf(seed));
        spoil(key);
        return key.slice(0, 1_184);
      },
    },
    x25519: {
      ...noble.x25519,
      publicKeyOf: async (secret) => {
        const key = new Uint8Array(1_216);
        key.set(await noble.x25519.publicKeyOf(secret), 1_184);
        // The other point that a turn makes is of its ciphertext, and stays.
        if (equal(secret, entropyPoint)) return key.slice(1_184);
        spoil(key);
        return key.slice(1_184);
      },
    },
  };
  const chance = seededRandom(77);
  chance.bytes(32);
  const entropyPoint = chance.bytes(64).slice(32);
  return stolenTurn(captured, { primitives: spoiled });
}
