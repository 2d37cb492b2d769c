/** What the port promises beyond right answers: what is refused, kept inside, and not kept. */
import { describe, expect, it } from 'vitest';
import { allImplementations, mainImplementations } from '../../../test/implementations.ts';
import { seededRandom } from '../../../test/seeded-random.ts';
import { type Bytes, concat, fromHex, utf8 } from '../../bytes.ts';
import { noble } from './noble.ts';
import type { SigningKey } from './primitives.ts';
import { webCrypto } from './web-crypto.ts';
import { decapsulate, encapsulate, kemPublicKeyOf } from './x-wing.ts';

const random = seededRandom(4);
const entropy = random.bytes(64);
const seed = random.bytes(32);

function hex(text: string): Bytes {
  return fromHex(text) ?? new Uint8Array();
}

/** The points of small order of Curve25519, in every way that 32 bytes can write them (Wycheproof). */
const SMALL_POINTS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(hex);

/** The same of Ed25519, reduced and not, with either sign of `x`. */
const SMALL_KEYS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((y) => [hex(y), Uint8Array.from(hex(y), (byte, i) => (i === 31 ? byte | 0x80 : byte))]);

describe.each(await allImplementations())('%s', (_, primitives) => {
  it('[SUITE4] refuses an X-Wing key with a part that is malformed', async () => {
    const publicKey = await kemPublicKeyOf(primitives, seed);
    const unreduced = concat(new Uint8Array(1_184).fill(0xff), publicKey.slice(1_184));
    const short = publicKey.slice(1);
    const long = concat(publicKey, Uint8Array.of(0));
    const small = SMALL_POINTS.map((point) => concat(publicKey.slice(0, 1_184), point));
    for (const odd of [unreduced, short, long, new Uint8Array(), ...small]) {
      expect(await encapsulate(primitives, odd, entropy)).toBeNull();
    }
    expect(await encapsulate(primitives, publicKey, entropy)).not.toBeNull();
  });

  it('[SUITE4] refuses an X-Wing ciphertext of another length, or with such a point', async () => {
    const publicKey = await kemPublicKeyOf(primitives, seed);
    const { ciphertext } = (await encapsulate(primitives, publicKey, entropy)) ?? {};
    const whole = ciphertext ?? new Uint8Array();
    const small = SMALL_POINTS.map((point) => concat(whole.slice(0, 1_088), point));
    for (const odd of [whole.slice(1), concat(whole, Uint8Array.of(0)), ...small]) {
      expect(await decapsulate(primitives, seed, odd)).toBeNull();
    }
    expect(await decapsulate(primitives, seed, whole)).not.toBeNull();
  });

  it('[SUITE4] verifies nothing under a key of small order or of no point', async () => {
    // R the neutral point and S zero: it fits whatever is signed, if the key is of small order.
    const anySignature = concat(Uint8Array.of(1), new Uint8Array(63));
    const { verify, publicKeyOf, sign } = primitives.ed25519;
    for (const key of [...SMALL_KEYS, new Uint8Array(), new Uint8Array(31), random.bytes(33)]) {
      for (const message of ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']) {
        expect(await verify(key, utf8(message), anySignature)).toBe(false);
      }
    }
    const [publicKey, message] = [await publicKeyOf(seed), utf8('signed')];
    const signature = await sign({ is: 'seed', seed }, message);
    expect(await verify(publicKey, message, signature)).toBe(true);
    for (const odd of [signature.slice(1), concat(signature, signature), new Uint8Array()]) {
      expect(await verify(publicKey, message, odd)).toBe(false);
    }
  });

  it('[SUITE4] opens nothing that is too short to be sealed', async () => {
    const cipher = await primitives.aead(seed);
    for (const length of [0, 1, 15, 16]) {
      const odd = new Uint8Array(length);
      expect(await cipher.open(new Uint8Array(12), seed, odd)).toBeNull();
    }
  });

  it('[SUITE9] may be given secrets that are overwritten at once', async () => {
    const secret = seed.slice();
    const cipher = await primitives.aead(secret);
    const signing = await primitives.ed25519.signingKeyOf(secret);
    secret.fill(0);
    const nonce = new Uint8Array(12);
    const expected = await (await noble.aead(seed)).seal(nonce, nonce, utf8('kept'));
    expect(await cipher.seal(nonce, nonce, utf8('kept'))).toEqual(expected);
    const publicKey = await noble.ed25519.publicKeyOf(seed);
    const signature = await primitives.ed25519.sign(signing, utf8('kept'));
    expect(await noble.ed25519.verify(publicKey, utf8('kept'), signature)).toBe(true);
  });

  it('[SUITE9] leaves what it was given as it was', async () => {
    const given = [random.bytes(32), random.bytes(64), entropy, random.bytes(12)];
    const [secret, wide, chance, nonce] = given as [Bytes, Bytes, Bytes, Bytes];
    const before = given.map((bytes) => bytes.slice());
    await primitives.hmac(secret, wide);
    await (await primitives.aead(secret)).seal(nonce, wide, chance);
    const point = await primitives.x25519.publicKeyOf(secret);
    await primitives.x25519.agree(secret, point);
    const publicKey = await primitives.mlKem.publicKeyOf(wide);
    await primitives.mlKem.encapsulate(publicKey, chance.slice(0, 32));
    await primitives.ed25519.sign({ is: 'seed', seed: secret }, wide);
    expect(given).toEqual(before);
  });

  it('[SUITE6] takes an HMAC key of no length for one of zeros', async () => {
    const expected = await primitives.hmac(new Uint8Array(64), seed);
    expect(await primitives.hmac(new Uint8Array(), seed)).toEqual(expected);
  });
});

describe('a signing key', () => {
  const native = webCrypto(crypto.subtle);

  it('[SUITE5] is a handle that cannot be exported where Web Crypto signs', async () => {
    const key = await native.ed25519.signingKeyOf(seed);
    expect(key.is).toBe('handle');
    const handle = (key as Extract<SigningKey, { is: 'handle' }>).key;
    expect(handle.extractable).toBe(false);
    for (const format of ['pkcs8', 'jwk', 'raw'] as const) {
      await expect(crypto.subtle.exportKey(format, handle)).rejects.toThrow();
    }
  });

  it('[SUITE5] is a seed where the libraries sign, and a handle signs nothing there', async () => {
    expect(await noble.ed25519.signingKeyOf(seed)).toEqual({ is: 'seed', seed });
    const handle = await native.ed25519.signingKeyOf(seed);
    await expect(noble.ed25519.sign(handle, seed)).rejects.toThrow('handle');
  });

  it('[SUITE5] tells its public half in browsers that know no getPublicKey', async () => {
    const older = new Proxy(crypto.subtle, {
      has: (whole, name) => name !== 'getPublicKey' && name in whole,
      get: (whole, name) => {
        const member: unknown = Reflect.get(whole, name);
        return typeof member === 'function' ? member.bind(whole) : member;
      },
    });
    for (let round = 0; round < 8; round += 1) {
      const another = random.bytes(32);
      const expected = await noble.ed25519.publicKeyOf(another);
      expect(await webCrypto(older).ed25519.publicKeyOf(another)).toEqual(expected);
    }
  });
});

describe('a result of zeros', () => {
  it('[SUITE4] is given to nobody', async () => {
    for (const [, { x25519 }] of await mainImplementations()) {
      for (const point of SMALL_POINTS) expect(await x25519.agree(seed, point)).toBeNull();
    }
  });

  it('[SUITE4] is refused where the browser leaves the check to its caller', async () => {
    const lenient = new Proxy(crypto.subtle, {
      get: (whole, name) => {
        if (name === 'deriveBits') return () => Promise.resolve(new ArrayBuffer(32));
        const member: unknown = Reflect.get(whole, name);
        return typeof member === 'function' ? member.bind(whole) : member;
      },
    });
    expect(await webCrypto(lenient).x25519.agree(seed, random.bytes(32))).toBeNull();
  });
});
