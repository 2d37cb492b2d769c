/**
 * The primitives by the noble libraries, in plain JavaScript: for browsers whose Web Crypto lacks
 * some or all of them. Slower, and without promises about timing; the same bytes.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import type { Bytes } from '../../bytes.ts';
import type { Primitives } from './primitives.ts';

export const noble: Primitives = {
  sha256: async (data) => own(sha256(data)),
  hmac: async (key, data) => own(hmac(sha256, key, data)),
  aead: async (key) => {
    const kept = key.slice();
    return {
      seal: async (nonce, associated, plain) => own(gcm(kept, nonce, associated).encrypt(plain)),
      open: async (nonce, associated, sealed) =>
        unless(() => own(gcm(kept, nonce, associated).decrypt(sealed))),
    };
  },
  x25519: {
    publicKeyOf: async (secret) => own(x25519.getPublicKey(secret)),
    agree: async (secret, publicKey) =>
      unless(() => own(x25519.getSharedSecret(secret, publicKey))),
  },
  mlKem: {
    publicKeyOf: async (seed) => own(ml_kem768.keygen(seed).publicKey),
    encapsulate: async (publicKey, entropy) =>
      unless(() => {
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, entropy);
        return { ciphertext: own(cipherText), secret: own(sharedSecret) };
      }),
    decapsulate: async (seed, ciphertext) =>
      unless(() => own(ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(seed).secretKey))),
  },
  ed25519: {
    publicKeyOf: async (seed) => own(ed25519.getPublicKey(seed)),
    signingKeyOf: async (seed) => ({ is: 'seed', seed: seed.slice() }),
    sign: async (key, message) => {
      if (key.is !== 'seed') throw new Error('a handle signs where it was made');
      return own(ed25519.sign(message, key.seed));
    },
    verify: async (publicKey, message, signature) =>
      unless(() => ed25519.verify(signature, message, publicKey, { zip215: false })) ?? false,
  },
};

/** The libraries throw on malformed input; here that is an answer. */
function unless<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch {
    return null;
  }
}

function own(bytes: Uint8Array): Bytes {
  return bytes as Bytes;
}
