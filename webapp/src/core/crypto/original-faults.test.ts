/**
 * What was wrong with the cryptography of the program that this one follows, fault by fault (K1 to
 * K19 of its list), as far as handshake and channel answer for it. The others: K3, K4, K16 and K17
 * are of keeping keys, K10 of files, K12 and K18 of conversations, K19 of the page.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  aPair,
  CAROL,
  frameId,
  makeIdentity,
  type Pair,
  said,
  shakeHands,
  standing,
  turned,
} from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, toHex, utf8 } from '../bytes.ts';
import { Channel } from './channel.ts';
import { fingerprintOf } from './fingerprint.ts';
import { Answer, Offer, Refused } from './handshake.ts';
import { type Signer, toSpki } from './identity.ts';

const outside = { label: 'message', id: frameId(1) } as const;
const random = seededRandom(21);
let pair: Pair;

beforeAll(async () => {
  pair = await aPair();
});

async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  return error instanceof Refused ? error.reason : String(error);
}

/** A signer that keeps what it signed. */
function keeping(signer: Signer): { signer: Signer; signatures: Bytes[] } {
  const signatures: Bytes[] = [];
  const sign = async (message: Bytes): Promise<Bytes> => {
    const signature = await signer.sign(message);
    signatures.push(signature);
    return signature;
  };
  return { signer: { ...signer, sign }, signatures };
}

describe('of the faults of the original', () => {
  it('[HS12] [HS3] K1: the fingerprint is of the very key that the handshake demands', async () => {
    const { publicKey } = pair.alices.peer;
    const spki = await crypto.subtle.digest('SHA-256', toSpki(publicKey));
    expect(await fingerprintOf(publicKey)).toBe(toHex(new Uint8Array(spki)));
    const another = { ...pair.alices.peer, publicKey: pair.alice.publicKey };
    const alices = { ...pair.alices, peer: another };
    expect(await refusal(shakeHands({ ...pair, alices }))).toBe('identity');
  });

  it('[HS20] K2: the private key cannot leave the browser', async () => {
    const { signingKey } = await makeIdentity();
    if (signingKey.is !== 'handle') throw new Error('this browser has handles');
    for (const format of ['pkcs8', 'jwk'] as const) {
      await expect(crypto.subtle.exportKey(format, signingKey.key)).rejects.toThrow();
    }
  });

  it('[HS4] K5: a signature for one peer is none for another', async () => {
    // Bob forwards what Alice says to Carol as if Alice called her.
    const carols = {
      ...pair.bobs,
      self: { ...pair.bobs.self, id: CAROL },
    };
    expect(await refusal(shakeHands({ alices: pair.alices, bobs: carols }))).toBe('box');
  });

  it('[HS6] K5: an old signature serves no second time, even with the old secrets', async () => {
    const kept = keeping(pair.alices.self.signer);
    const alices = { ...pair.alices, self: { ...pair.alices.self, signer: kept.signer } };
    await shakeHands({ ...pair, alices }, undefined, seededRandom(5));
    const [old] = kept.signatures;
    if (old === undefined) throw new Error('Alice signed');
    // The thief has all of Alice's chance of then; Bob has chance of his own.
    const thief = { publicKey: pair.alice.publicKey, sign: async () => old };
    const thieves = { ...pair.alices, self: { ...pair.alices.self, signer: thief } };
    const offer = await Offer.make(thieves, seededRandom(5));
    const answer = await Answer.to(offer.message, pair.bobs, random);
    const { message } = await offer.accept(answer.message);
    expect(await refusal(answer.confirm(message))).toBe('signature');
  });

  it('[HS3] K6: nobody believes in a channel before the other has shown its keys', async () => {
    const offer = await Offer.make(pair.alices, random);
    const answer = await Answer.to(offer.message, pair.bobs, random);
    const confirmation = await offer.accept(answer.message);
    // There is nothing on the way that seals: a channel comes of M3 and M4 alone.
    for (const step of [offer, answer, confirmation]) expect('seal' in step).toBe(false);
    const guess = new Uint8Array(65).fill(4, 0, 1);
    guess.set(confirmation.tag, 1);
    expect(await refusal(confirmation.finish(guess))).toBe('box');
  });

  it('[HS1] K7: an offer said again changes nothing of an open channel, nor its keys', async () => {
    const { alice, bob, messages } = await shakeHands(pair);
    const before = standing(bob);
    const again = await Answer.to(messages[0], pair.bobs, random);
    expect(await refusal(again.confirm(messages[2]))).toBe('box');
    expect(standing(bob)).toEqual(before);
    expect(await said(alice, bob, 'still here')).toMatchObject([{ is: 'opened' }]);
    expect(again.message).not.toEqual(messages[1]);
  });

  it('[CHAN2] [CHAN3] K8: nothing is reflected, replayed, reordered or passed off', async () => {
    const { alice, bob } = await shakeHands(pair);
    const first = await alice.seal(1, outside, utf8('first'));
    const second = await alice.seal(1, outside, utf8('second'));
    expect((await alice.open(outside, first.body)).is).toBe('forged');
    expect((await bob.open(outside, second.body)).is).toBe('early');
    expect((await bob.open(outside, first.body)).is).toBe('opened');
    expect((await bob.open(outside, first.body)).is).toBe('repeat');
    const edit = { ...outside, label: 'message_edit' } as const;
    expect((await bob.open(edit, second.body)).is).toBe('forged');
    expect((await bob.open({ ...outside, id: frameId(7) }, second.body)).is).toBe('forged');
    expect((await bob.open(outside, second.body)).is).toBe('opened');
  });

  it('[CHAN2] K9: what a stranger sends opens in no channel of another', async () => {
    const { bob } = await shakeHands(pair);
    const { alice: stranger } = await shakeHands(pair, undefined, seededRandom(8));
    const { body } = await stranger.seal(1, outside, utf8('hello'));
    expect((await bob.open(outside, body)).is).toBe('forged');
  });

  it('[CHAN4] K11: control is sealed like talk, and a farewell cannot be made', async () => {
    const { alice, bob } = await shakeHands(pair);
    const ack = { label: 'ack', id: frameId(2) } as const;
    const { body } = await alice.seal(0, ack, utf8('next 3'));
    for (const at of [1, 9, 12, body.length - 1]) {
      const forged = body.slice();
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect((await bob.open(ack, forged)).is).not.toBe('opened');
    }
    for (const kind of [2, 3]) {
      expect(bob.farewellOf(new Uint8Array(33).fill(kind, 0, 1))).toBeNull();
    }
    expect((await bob.open(ack, body)).is).toBe('opened');
  });

  it('[HS12] [HS15] K13: 256 bits are shown, or 42 that nobody can try for', async () => {
    expect(await fingerprintOf(pair.alice.publicKey)).toMatch(/^[0-9a-f]{64}$/);
    // The share that decides the code is fixed before the other is known.
    const offer = await Offer.make(pair.alices, random);
    const [one, two] = [
      await Answer.to(offer.message, pair.bobs, random),
      await Answer.to(offer.message, pair.bobs, random),
    ];
    await offer.accept(one.message);
    expect(await refusal(offer.accept(two.message))).toBe('spent');
  });

  it('[CHAN5] K14: two contents of one size class look alike', async () => {
    const { alice } = await shakeHands(pair);
    const lengths = new Set<number>();
    for (const content of ['', '👋', 'a file name.pdf', 'x'.repeat(240)]) {
      lengths.add((await alice.seal(1, outside, utf8(content))).body.length);
    }
    expect(lengths.size).toBe(1);
  });

  it('[CHAN13] [CHAN17] K15: no key lives longer than its record, no root longer than its epoch', async () => {
    const { alice, bob } = await shakeHands(pair);
    const seen: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { ratchet } = Channel.captured(alice);
      for (const key of [ratchet.root, ...ratchet.sending.talk.keys]) {
        expect(seen).not.toContain(toHex(key));
        seen.push(toHex(key));
      }
      await said(alice, bob, 'word');
      await turned(...(n % 2 === 0 ? ([alice, bob] as const) : ([bob, alice] as const)));
    }
  });
});
