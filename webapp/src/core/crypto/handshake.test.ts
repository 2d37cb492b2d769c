/** The handshake between two honest browsers, and under the hands of everybody else. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ALICE,
  anIdentity,
  aPair,
  CAROL,
  flipped,
  frameId,
  type Pair,
  shakeHands,
} from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, compare, equal, fromHex, lengthPrefixed, toHex, utf8 } from '../bytes.ts';
import { Answer, Offer, Refused } from './handshake.ts';
import { signerOf } from './identity.ts';
import { readMessage } from './messages.ts';
import { noble } from './suite/noble.ts';
import type { Primitives } from './suite/primitives.ts';

const random = seededRandom(7);
const outside = { label: 'message', id: frameId(1) } as const;
let pair: Pair;

beforeAll(async () => {
  pair = await aPair();
});

/** The reason a handshake was refused for. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Refused)) throw new Error(`not refused, but: ${error}`);
  return error.reason;
}

/** Primitives whose first mac in this context is of another message. */
function withWrong(context: string): Primitives {
  const head = lengthPrefixed(utf8(context));
  let done = false;
  return {
    ...noble,
    hmac: (key, data) => {
      const wrong = !done && equal(data.slice(0, head.length), head);
      done ||= wrong;
      return noble.hmac(key, wrong ? flipped(data, -1) : data);
    },
  };
}

/** Everything up to the point where both may still be disturbed. */
async function begun() {
  const offer = await Offer.make(pair.alices, random);
  const answer = await Answer.to(offer.message, pair.bobs, random);
  return { offer, answer };
}

describe('a handshake', () => {
  it('[HS1] leads both sides to one channel that carries words both ways', async () => {
    const { alice, bob } = await shakeHands(pair);
    const there = await alice.seal(1, outside, utf8('hello'));
    expect(await bob.open(outside, there.body)).toMatchObject({ is: 'opened', counter: 0 });
    const back = await bob.seal(1, outside, utf8('hi'));
    expect(await alice.open(outside, back.body)).toMatchObject({ is: 'opened', counter: 0 });
  });

  it('[HS1] gives other keys each time', async () => {
    const first = await shakeHands(pair);
    const second = await shakeHands(pair, undefined, seededRandom(2));
    const sealed = await first.alice.seal(1, outside, utf8('hello'));
    expect(await second.bob.open(outside, sealed.body)).toEqual({ is: 'forged' });
  });

  it('[HS2] shows identities to nobody on the way', async () => {
    const { messages } = await shakeHands(pair);
    for (const key of [pair.alice.publicKey, pair.bob.publicKey]) {
      for (const message of messages) {
        expect(toHex(message)).not.toContain(toHex(key));
      }
    }
  });

  it('[HS3] refuses an answerer who is somebody else', async () => {
    const mallory = signerOf(noble, await anIdentity(3));
    const impostor = { ...pair.bobs, self: { ...pair.bobs.self, signer: mallory } };
    expect(await refusal(shakeHands({ alices: pair.alices, bobs: impostor }))).toBe('identity');
  });

  it('[HS3] refuses a caller who is somebody else', async () => {
    const mallory = signerOf(noble, await anIdentity(3));
    const impostor = { ...pair.alices, self: { ...pair.alices.self, signer: mallory } };
    expect(await refusal(shakeHands({ alices: impostor, bobs: pair.bobs }))).toBe('identity');
  });

  it('[HS3] refuses who names the right key without holding it', async () => {
    const mallory = signerOf(noble, await anIdentity(3));
    const forged = { ...mallory, publicKey: pair.bob.publicKey };
    const bobs = { ...pair.bobs, self: { ...pair.bobs.self, signer: forged } };
    expect(await refusal(shakeHands({ alices: pair.alices, bobs }))).toBe('signature');
    const claimed = { ...mallory, publicKey: pair.alice.publicKey };
    const alices = { ...pair.alices, self: { ...pair.alices.self, signer: claimed } };
    expect(await refusal(shakeHands({ alices, bobs: pair.bobs }))).toBe('signature');
  });

  it('[HS13] refuses a proof whose mac shows that its signer has other keys', async () => {
    for (const mac of ['dhsc/1 mac', 'dhsc/1 finished']) {
      for (const side of ['alices', 'bobs'] as const) {
        if (mac === 'dhsc/1 finished' && side === 'alices') continue;
        const parties = { ...pair[side], primitives: withWrong(mac) };
        expect(await refusal(shakeHands({ ...pair, [side]: parties }))).toBe('mac');
      }
    }
  });

  it('[HS4] takes place at one deployment only', async () => {
    const elsewhere = { ...pair.bobs, deployment: 'f'.repeat(32) };
    expect(await refusal(shakeHands({ alices: pair.alices, bobs: elsewhere }))).toBe('box');
  });

  it('[HS4] binds both user ids', async () => {
    const other = { ...pair.bobs, peer: { ...pair.bobs.peer, id: CAROL } };
    expect(await refusal(shakeHands({ alices: pair.alices, bobs: other }))).toBe('box');
    const renamed = { ...pair.bobs, self: { ...pair.bobs.self, id: CAROL } };
    expect(await refusal(shakeHands({ alices: pair.alices, bobs: renamed }))).toBe('box');
  });

  it('[HS4] binds the roles: two who both think they called, or answered, never agree', async () => {
    const { offer } = await begun();
    const swapped = {
      ...pair.bobs,
      self: { ...pair.bobs.self, id: ALICE },
      peer: { id: pair.bobs.self.id, publicKey: pair.alice.publicKey },
    };
    const answer = await Answer.to(offer.message, swapped, random);
    expect(await refusal(offer.accept(answer.message))).toBe('box');
  });

  it('[HS5] refuses each message with any one byte changed', async () => {
    const reasons = new Set<string>();
    for (const step of [2, 3, 4] as const) {
      const { messages } = await shakeHands(pair);
      for (let at = 0; at < messages[(step - 1) as 0].length; at += 13) {
        const tampered = shakeHands(pair, (s, m) => (s === step ? flipped(m, at) : m));
        reasons.add(await refusal(tampered));
      }
    }
    expect([...reasons].sort()).toEqual(['box', 'malformed', 'stale']);
  });

  it('[HS5] refuses a changed offer at the latest when it is answered', async () => {
    const { messages } = await shakeHands(pair);
    for (let at = 0; at < messages[0].length; at += 11) {
      const reason = await refusal(shakeHands(pair, (s, m) => (s === 1 ? flipped(m, at) : m)));
      expect(['key', 'malformed', 'stale']).toContain(reason);
    }
  });

  it('[HS5] refuses truncated, padded and empty messages', async () => {
    for (const step of [1, 2, 3, 4] as const) {
      const changes: ((m: Bytes) => Bytes)[] = [
        (m) => m.slice(0, -1),
        (m) => Uint8Array.of(...m, 0),
        () => new Uint8Array(),
      ];
      for (const change of changes) {
        const attempt = shakeHands(pair, (s, m) => (s === step ? change(m) : m));
        expect(await refusal(attempt)).toBe('malformed');
      }
    }
  });

  it('[HS6] refuses a message reflected to its sender', async () => {
    const { offer, answer } = await begun();
    expect(await refusal(offer.accept(offer.message))).toBe('malformed');
    expect(await refusal(answer.confirm(answer.message))).toBe('malformed');
    const confirmation = await offer.accept(answer.message);
    expect(await refusal(confirmation.finish(confirmation.message))).toBe('malformed');
  });

  it('[HS6] refuses messages of another handshake between the same two', async () => {
    const [first, second] = [await begun(), await begun()];
    expect(await refusal(first.offer.accept(second.answer.message))).toBe('stale');
    const confirmation = await second.offer.accept(second.answer.message);
    expect(await refusal(first.answer.confirm(confirmation.message))).toBe('stale');
  });

  it('[HS6] refuses two answers to one offer: the second cannot end the first', async () => {
    const { offer, answer } = await begun();
    const other = await Answer.to(offer.message, pair.bobs, random);
    const confirmation = await offer.accept(answer.message);
    expect(await refusal(other.confirm(confirmation.message))).toBe('box');
    await answer.confirm(confirmation.message);
  });

  it('[HS7] refuses points that make the secret zero', async () => {
    const points = ['00', '01', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'];
    for (const point of points) {
      const bytes = new Uint8Array(32);
      bytes.set(fromHex(point) ?? new Uint8Array());
      const { offer, answer } = await begun();
      const m1 = offer.message.slice();
      m1.set(bytes, 2 + 32 + 1_184);
      expect(await refusal(Answer.to(m1, pair.bobs, random))).toBe('key');
      const m2 = answer.message.slice();
      m2.set(bytes, 1 + 16 + 32 + 1_216 + 1_088);
      expect(await refusal(offer.accept(m2))).toBe('key');
    }
  });

  it('[HS8] takes each step once, and a stray message takes none', async () => {
    const { offer, answer } = await begun();
    expect(await refusal(offer.accept(new Uint8Array(3)))).toBe('malformed');
    const confirmation = await offer.accept(answer.message);
    expect(await refusal(offer.accept(answer.message))).toBe('spent');
    const { message } = await answer.confirm(confirmation.message);
    expect(await refusal(answer.confirm(confirmation.message))).toBe('spent');
    await confirmation.finish(message);
    expect(await refusal(confirmation.finish(message))).toBe('spent');
  });

  it('[HS9] orders two offers that met by the hashes of their nonces', async () => {
    const [first, second] = [
      await Offer.make(pair.alices, random),
      await Offer.make(pair.bobs, random),
    ];
    expect(compare(first.order, second.order)).not.toBe(0);
    expect(compare(first.order, second.order) < 0).toBe(compare(second.order, first.order) > 0);
    expect(readMessage(first.message)).toMatchObject({ step: 'offer' });
  });

  it('[HS10] knows one version', async () => {
    const { offer } = await begun();
    const newer = offer.message.slice();
    newer[1] = 2;
    expect(await refusal(Answer.to(newer, pair.bobs, random))).toBe('malformed');
  });
});
