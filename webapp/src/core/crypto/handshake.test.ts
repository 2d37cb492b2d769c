/** The handshake between two honest browsers, and under the hands of everybody else. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ALICE,
  anIdentity,
  aPair,
  CAROL,
  flipped,
  frameId,
  isWithin,
  makeIdentity,
  type Pair,
  shakeHands,
  turned,
} from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, compare, equal, fromHex, lengthPrefixed, utf8 } from '../bytes.ts';
import type { Random } from '../ports.ts';
import { Answer, Offer, Refused } from './handshake.ts';
import { signerOf } from './identity.ts';
import { readMessage } from './messages.ts';
import { noble } from './suite/noble.ts';
import type { Primitives } from './suite/primitives.ts';

const random = seededRandom(7);
const outside = { label: 'message', id: frameId(1) } as const;
let pair: Pair;
/** The same two, with primitives for which the chance that they are given decides all. */
let certain: Pair;

beforeAll(async () => {
  pair = await aPair();
  certain = await aPair(noble);
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
    const shown: Bytes[] = [];
    const noting = { ...random, bytes: (length: number) => noted(shown, random.bytes(length)) };
    const { messages } = await shakeHands(pair, undefined, noting);
    const share = shown[2] ?? new Uint8Array();
    for (const secret of [pair.alice.publicKey, pair.bob.publicKey, share]) {
      for (const message of messages) {
        expect(isWithin(secret, message)).toBe(false);
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
      for (let at = 0; at < messages[(step - 1) as 0].length; at += at < 20 ? 8 : 61) {
        const tampered = shakeHands(pair, (s, m) => (s === step ? flipped(m, at) : m));
        reasons.add(await refusal(tampered));
      }
    }
    expect([...reasons].sort()).toEqual(['box', 'malformed', 'stale']);
  });

  it('[HS5] refuses a changed offer at the latest when it is answered', async () => {
    const { messages } = await shakeHands(pair);
    for (let at = 0; at < messages[0].length; at += 43) {
      const reason = await refusal(shakeHands(pair, (s, m) => (s === 1 ? flipped(m, at) : m)));
      expect(['key', 'malformed', 'stale']).toContain(reason);
    }
  });

  it('[HS5] refuses a box that says more than this version knows', async () => {
    const ext = 32;
    for (const [step, at] of [
      [2, ext],
      [3, ext + 32],
    ] as const) {
      // The boxes of an honest side, but for the last byte of the empty field's length.
      const change = (plain: Bytes) => flipped(plain, at + 3);
      const side = step === 2 ? 'bobs' : 'alices';
      const parties = { ...pair[side], primitives: withSealed(step === 2 ? 132 : 164, change) };
      expect(await refusal(shakeHands({ ...pair, [side]: parties }))).toBe('malformed');
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

  it('[HS7] refuses malformed keys, also of those who signed them', async () => {
    const spoiled: Primitives = {
      ...noble,
      mlKem: {
        ...noble.mlKem,
        // 0xfff is no residue of ML-KEM (FIPS 203, section 7.2).
        publicKeyOf: async (seed) => (await noble.mlKem.publicKeyOf(seed)).fill(0xff, 0, 3),
      },
    };
    for (const side of ['alices', 'bobs'] as const) {
      const parties = { ...pair[side], primitives: spoiled };
      expect(await refusal(shakeHands({ ...pair, [side]: parties }))).toBe('key');
    }
    const zeroed = shakeHands(pair, (step, m) => (step === 3 ? m.fill(0, 1_105, 1_137) : m));
    expect(await refusal(zeroed)).toBe('key');
  });

  it('[HS8] opens the share of the short code to one answer alone', async () => {
    const { offer, answer } = await begun();
    const other = await Answer.to(offer.message, pair.bobs, random);
    await offer.accept(answer.message);
    for (const m2 of [other.message, answer.message, other.message]) {
      expect(await refusal(offer.accept(m2))).toBe('spent');
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

  it('[HS14] holds the caller to all that its first message committed it to', async () => {
    // Share, identity key, nonce and KEM key, each behind its length and after the context.
    for (const at of [18, 54, 90, 126]) {
      const primitives = withHashed('dhsc/1 sas', (data) => flipped(data, at));
      const alices = { ...pair.alices, primitives };
      expect(await refusal(shakeHands({ ...pair, alices }))).toBe('commitment');
      const mallory = { ...pair.alices.self, signer: signerOf(noble, await anIdentity(3)) };
      // Before it looks at who it is.
      const strangers = { ...alices, self: mallory };
      expect(await refusal(shakeHands({ ...pair, alices: strangers }))).toBe('commitment');
    }
  });

  it('[HS15] gives both the same seven numbers, and others each time', async () => {
    const codes = new Set<string>();
    for (const seed of [1, 2, 3]) {
      const { alice, bob } = await shakeHands(pair, undefined, seededRandom(seed));
      expect(alice.shortCode).toEqual(bob.shortCode);
      expect(alice.shortCode.length).toBe(7);
      for (const number of alice.shortCode) {
        expect(Number.isInteger(number) && number >= 0 && number < 64).toBe(true);
      }
      codes.add(alice.shortCode.join(' '));
    }
    expect(codes.size).toBe(3);
  });

  it('[HS15] makes the code of everything up to the second message, and of nothing later', async () => {
    const { alice } = await shakeHands(certain, undefined, seededRandom(1));
    const plain = alice.shortCode;
    // The chance that is asked for: nA, seed, sA; nB, seed, entropy, sB; the caller's entropy.
    const codes = [];
    for (let changed = 0; changed < 8; changed += 1) {
      codes.push((await shakeHands(certain, undefined, changedAt(changed))).bob.shortCode);
    }
    const isPlain = codes.map((code) => code.join() === plain.join());
    expect(isPlain).toEqual([false, false, false, false, false, false, false, true]);
  });

  it('[HS15] gives two whom somebody stands between different codes', async () => {
    const mallory = await anIdentity(3);
    const as = (id: typeof ALICE) => ({ id, signer: signerOf(noble, mallory) });
    const { publicKey } = mallory;
    const alices = { ...certain.alices, peer: { ...certain.alices.peer, publicKey } };
    const bobs = { ...certain.bobs, peer: { ...certain.bobs.peer, publicKey } };
    const toAlice = { ...certain.bobs, self: as(certain.bobs.self.id) };
    const toBob = { ...certain.alices, self: as(certain.alices.self.id) };
    const left = await shakeHands({ alices, bobs: toAlice });
    const right = await shakeHands({ alices: toBob, bobs });
    // Under the very same chance: only the keys differ.
    expect(left.alice.shortCode).not.toEqual(right.bob.shortCode);
  });

  it('[HS16] makes the same messages under the same chance, and others under another', async () => {
    const [first, again, other] = [
      await shakeHands(certain, undefined, seededRandom(1)),
      await shakeHands(certain, undefined, seededRandom(1)),
      await shakeHands(certain, undefined, seededRandom(2)),
    ];
    expect(first.messages).toEqual(again.messages);
    for (const n of [0, 1, 2, 3] as const) {
      expect(first.messages[n]).not.toEqual(other.messages[n]);
    }
  });

  it('[HS17] says the same to everybody, whatever the reason', async () => {
    const words = new Set<string>();
    for (const step of [2, 3, 4] as const) {
      for (const at of [0, 3, 20, -1]) {
        const attempt = shakeHands(pair, (s, m) => (s === step ? flipped(m, at) : m));
        words.add(await attempt.then(String, String));
      }
    }
    expect(words).toEqual(new Set(['Error: handshake refused']));
  });

  it('[HS18] overwrites what it drew when it has served', async () => {
    const drawn: Bytes[] = [];
    const noting = { ...random, bytes: (length: number) => kept(drawn, random.bytes(length)) };
    const { alice, bob } = await shakeHands(pair, undefined, noting);
    const [, seedA, sA, , seedB, entropyA, , entropyB] = drawn;
    for (const secret of [seedA, sA, entropyA, entropyB]) expect(isWiped(secret)).toBe(true);
    // The answerer's seed is the one that the caller's first turn is made for.
    expect(isWiped(seedB)).toBe(false);
    await turned(alice, bob);
    expect(isWiped(seedB)).toBe(true);
  });

  it('[HS18] overwrites it also when the step failed', async () => {
    for (const [step, names] of [
      [2, [1, 2]],
      [3, [4]],
    ] as const) {
      const drawn: Bytes[] = [];
      const noting = { ...random, bytes: (length: number) => kept(drawn, random.bytes(length)) };
      const tampered = shakeHands(pair, (s, m) => (s === step ? flipped(m, -1) : m), noting);
      expect(await refusal(tampered)).toBe('box');
      for (const n of names) expect(isWiped(drawn[n])).toBe(true);
    }
  });

  it('[HS20] a key that is a handle signs like one that is bytes', async () => {
    const bob = await makeIdentity();
    const { publicKey } = bob;
    const bobs = { ...pair.bobs, self: { ...pair.bobs.self, signer: signerOf(noble, bob) } };
    const alices = { ...pair.alices, peer: { ...pair.alices.peer, publicKey } };
    const channels = await shakeHands({ alices, bobs });
    await turned(channels.alice, channels.bob);
    await turned(channels.bob, channels.alice);
  });
});

function isWiped(secret: Bytes | undefined): boolean {
  return secret?.every((byte) => byte === 0) ?? false;
}

/** Keeps what was drawn itself, to see what becomes of it. */
function kept(drawn: Bytes[], bytes: Bytes): Bytes {
  drawn.push(bytes);
  return bytes;
}

function noted(drawn: Bytes[], bytes: Bytes): Bytes {
  drawn.push(bytes.slice());
  return bytes;
}

/** The chance of `seededRandom(1)`, but for one thing that is drawn. */
function changedAt(changed: number): Random {
  const plain = seededRandom(1);
  let n = -1;
  return {
    ...plain,
    bytes: (length) => {
      n += 1;
      const bytes = plain.bytes(length);
      return n === changed ? flipped(bytes, 5) : bytes;
    },
  };
}

/** Primitives that hash something else in this context. */
function withHashed(context: string, change: (data: Bytes) => Bytes): Primitives {
  const head = lengthPrefixed(utf8(context));
  return {
    ...noble,
    sha256: (data) => {
      const meant = equal(data.slice(0, head.length), head);
      return noble.sha256(meant ? change(data) : data);
    },
  };
}

/** Primitives that seal something else where the content has this length. */
function withSealed(length: number, change: (plain: Bytes) => Bytes): Primitives {
  return {
    ...noble,
    aead: async (key) => {
      const { open, seal } = await noble.aead(key);
      return {
        open,
        seal: (nonce, associated, plain) =>
          seal(nonce, associated, plain.length === length ? change(plain) : plain),
      };
    },
  };
}
