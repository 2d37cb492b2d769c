/**
 * Other hands on X-Wing and what it is made of: libsodium, and noble's own composition of it. And
 * the mixtures of primitives among each other, as two browsers meet that lack different things.
 */
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';
import sodiumModule from 'libsodium-wrappers';
import { describe, expect, it } from 'vitest';
import { allImplementations, mainImplementations } from '../../../test/implementations.ts';
import { seededRandom } from '../../../test/seeded-random.ts';
import { type Bytes, toHex, utf8 } from '../../bytes.ts';
import { noble } from './noble.ts';
import { decapsulate, encapsulate, KEM_ENTROPY_BYTES, kemPublicKeyOf } from './x-wing.ts';

type Pair = { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
type Shared = { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array };

/** Of libsodium 1.0.22; the published declarations are older. */
type Sodium = {
  readonly ready: Promise<void>;
  crypto_kem_xwing_seed_keypair(seed: Bytes): Pair;
  crypto_kem_xwing_enc(publicKey: Bytes): Shared;
  crypto_kem_xwing_enc_deterministic(publicKey: Bytes, entropy: Bytes): Shared;
  crypto_kem_xwing_dec(ciphertext: Bytes, privateKey: Uint8Array): Uint8Array;
  crypto_sign_seed_keypair(seed: Bytes): Pair;
  crypto_sign_detached(message: Bytes, privateKey: Uint8Array): Uint8Array;
  crypto_sign_verify_detached(signature: Bytes, message: Bytes, publicKey: Bytes): boolean;
};

const sodium = sodiumModule as unknown as Sodium;
await sodium.ready;

const ROUNDS = 10;

function own(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

function hexOf(bytes: Uint8Array | null): string {
  return toHex(own(bytes ?? new Uint8Array()));
}

describe.each(await mainImplementations())('%s and libsodium', (_, primitives) => {
  it('[SUITE7] have the same X-Wing', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < ROUNDS; round += 1) {
      const seed = random.bytes(32);
      const theirs = sodium.crypto_kem_xwing_seed_keypair(seed);
      const publicKey = await kemPublicKeyOf(primitives, seed);
      expect(toHex(publicKey)).toBe(hexOf(theirs.publicKey));

      const given = sodium.crypto_kem_xwing_enc(publicKey);
      const taken = await decapsulate(primitives, seed, own(given.ciphertext));
      expect(hexOf(taken)).toBe(hexOf(given.sharedSecret));

      const entropy = random.bytes(KEM_ENTROPY_BYTES);
      const made = await encapsulate(primitives, publicKey, entropy);
      const ciphertext = made?.ciphertext ?? new Uint8Array();
      const opened = sodium.crypto_kem_xwing_dec(ciphertext, theirs.privateKey);
      expect(hexOf(opened)).toBe(hexOf(made?.secret ?? null));

      ciphertext[round] = (ciphertext[round] ?? 0) ^ 1;
      const rejected = await decapsulate(primitives, seed, ciphertext);
      expect(hexOf(rejected)).toBe(
        hexOf(sodium.crypto_kem_xwing_dec(ciphertext, theirs.privateKey)),
      );
      expect(hexOf(rejected)).not.toBe(hexOf(made?.secret ?? null));
    }
  });

  it('[SUITE7] have the same Ed25519', async () => {
    const random = seededRandom(8);
    const { publicKeyOf, sign, signingKeyOf, verify } = primitives.ed25519;
    for (let round = 0; round < ROUNDS; round += 1) {
      const seed = random.bytes(32);
      const message = random.bytes(round * 37);
      const theirs = sodium.crypto_sign_seed_keypair(seed);
      const publicKey = await publicKeyOf(seed);
      expect(toHex(publicKey)).toBe(hexOf(theirs.publicKey));
      const signature = await sign(await signingKeyOf(seed), message);
      expect(sodium.crypto_sign_verify_detached(signature, message, publicKey)).toBe(true);
      const signed = own(sodium.crypto_sign_detached(message, theirs.privateKey));
      expect(await verify(publicKey, message, signed)).toBe(true);
    }
  });
});

describe('the libraries, libsodium and noble as a whole', () => {
  it('[SUITE7] make the same X-Wing ciphertext of the same entropy', async () => {
    const random = seededRandom(9);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [seed, entropy] = [random.bytes(32), random.bytes(KEM_ENTROPY_BYTES)];
      const publicKey = await kemPublicKeyOf(noble, seed);
      const ours = await encapsulate(noble, publicKey, entropy);
      const theirs = sodium.crypto_kem_xwing_enc_deterministic(publicKey, entropy);
      expect(hexOf(ours?.ciphertext ?? null)).toBe(hexOf(theirs.ciphertext));
      expect(hexOf(ours?.secret ?? null)).toBe(hexOf(theirs.sharedSecret));

      const whole = ml_kem768_x25519.keygen(seed);
      const third = ml_kem768_x25519.encapsulate(publicKey, entropy);
      expect(hexOf(whole.publicKey)).toBe(toHex(publicKey));
      expect(hexOf(third.cipherText)).toBe(hexOf(theirs.ciphertext));
      expect(hexOf(third.sharedSecret)).toBe(hexOf(theirs.sharedSecret));
    }
  });
});

describe('two browsers that lack different things', () => {
  it('[SUITE8] share secrets, signatures and sealed bytes', async () => {
    const random = seededRandom(10);
    const all = await allImplementations();
    for (const [, here] of all) {
      for (const [, there] of all) {
        const [seed, message] = [random.bytes(32), random.bytes(50)];
        const publicKey = await kemPublicKeyOf(here, seed);
        const shared = await encapsulate(there, publicKey, random.bytes(KEM_ENTROPY_BYTES));
        const taken = await decapsulate(here, seed, shared?.ciphertext ?? new Uint8Array());
        expect(taken).toEqual(shared?.secret);

        const identity = await here.ed25519.publicKeyOf(seed);
        const signature = await here.ed25519.sign({ is: 'seed', seed }, message);
        expect(await there.ed25519.verify(identity, message, signature)).toBe(true);

        const [nonce, label] = [random.bytes(12), utf8('label')];
        const sealed = await (await here.aead(seed)).seal(nonce, label, message);
        expect(await (await there.aead(seed)).open(nonce, label, sealed)).toEqual(message);
        expect(await here.hmac(seed, message)).toEqual(await there.hmac(seed, message));
        expect(await here.sha256(message)).toEqual(await there.sha256(message));
      }
    }
  });
});
