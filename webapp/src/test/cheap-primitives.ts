/**
 * Primitives that cost nearly nothing and protect nothing: for thousands of simulated
 * conversations, where chance is what may go wrong and nobody attacks. They have the shape of the
 * real ones: another key, place or byte opens nothing, and both sides come to the same secrets.
 */
import { type Bytes, concat, equal } from '../core/bytes.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';

const MIX = 0x9e3779b1;
const HASH_WORDS = 8;
const TAG_BYTES = 16;
const ML_KEM_PUBLIC_KEY_BYTES = 1_184;
const ML_KEM_CIPHERTEXT_BYTES = 1_088;

export const cheap: Primitives = {
  sha256: async (data) => mixed(1, data),
  hmac: async (key, data) => mixed(2, key, data),
  aead: async (key) => {
    const kept = key.slice();
    const tag = (nonce: Bytes, associated: Bytes, plain: Bytes) =>
      mixed(3, kept, nonce, associated, plain).subarray(0, TAG_BYTES);
    return {
      seal: async (nonce, associated, plain) => concat(plain, tag(nonce, associated, plain)),
      open: async (nonce, associated, sealed) => {
        if (sealed.length < TAG_BYTES) return null;
        const plain = sealed.slice(0, -TAG_BYTES);
        return equal(tag(nonce, associated, plain), sealed.slice(-TAG_BYTES)) ? plain : null;
      },
    };
  },
  x25519: {
    publicKeyOf: async (secret) => secret.slice(),
    agree: async (secret, publicKey) => secret.map((byte, i) => byte ^ (publicKey[i] ?? 0)),
  },
  mlKem: {
    publicKeyOf: async (seed) => widened(mixed(4, seed), ML_KEM_PUBLIC_KEY_BYTES),
    encapsulate: async (publicKey, entropy) => ({
      ciphertext: widened(entropy, ML_KEM_CIPHERTEXT_BYTES),
      secret: mixed(5, publicKey.subarray(0, 32), entropy),
    }),
    decapsulate: async (seed, ciphertext) => mixed(5, mixed(4, seed), ciphertext.subarray(0, 32)),
  },
  ed25519: {
    publicKeyOf: async (seed) => mixed(6, seed),
    signingKeyOf: async (seed) => ({ is: 'seed', seed: seed.slice() }),
    sign: async (key, message) => {
      if (key.is !== 'seed') throw new Error('there are no handles here');
      return widened(mixed(7, mixed(6, key.seed), message), 64);
    },
    verify: async (publicKey, message, signature) =>
      equal(widened(mixed(7, publicKey, message), 64), signature),
  },
};

/** 32 bytes that depend on every byte of every part, and on where each part ends. */
function mixed(purpose: number, ...parts: readonly Bytes[]): Bytes {
  let [a, b] = [purpose, MIX ^ purpose];
  for (const part of parts) {
    a = Math.imul(a ^ part.length, MIX);
    for (let at = 0; at < part.length; at += 1) {
      a = Math.imul(a ^ (part[at] ?? 0), 0x01000193);
      b = (Math.imul(b, 31) + (a >>> 13)) | 0;
    }
  }
  const words = new Uint32Array(HASH_WORDS);
  for (let n = 0; n < HASH_WORDS; n += 1) {
    a = Math.imul(a ^ (a >>> 16) ^ b, 0x85ebca6b);
    b = Math.imul(b ^ (b >>> 15) ^ a ^ n, 0xc2b2ae35);
    words[n] = a ^ b;
  }
  return new Uint8Array(words.buffer);
}

function widened(head: Bytes, length: number): Bytes {
  const wide = new Uint8Array(length);
  wide.set(head);
  return wide;
}
