/**
 * The primitives by Web Crypto. Secrets come in raw and are imported for the one operation; what
 * was copied on the way is overwritten.
 *
 * Sources: Web Cryptography Level 2 (X25519, Ed25519), "Modern Algorithms in the Web Cryptography
 * API" (ML-KEM; it makes its own chance when it encapsulates), and RFC 8410 for private keys.
 */
import { type Bytes, concat, fromHex } from '../../bytes.ts';
import { isOfLargeOrder } from './edwards.ts';
import type { Aead, Encapsulated, Primitives, SigningKey } from './primitives.ts';

/** PKCS #8 of a private key up to the key itself: RFC 8410, section 7. */
const X25519_PREFIX = fromHex('302e020100300506032b656e04220420') ?? new Uint8Array();
const ED25519_PREFIX = fromHex('302e020100300506032b657004220420') ?? new Uint8Array();

const HMAC = { name: 'HMAC', hash: 'SHA-256' };
const ML_KEM = 'ML-KEM-768';
const SECRET_BITS = 256;

/** What the declarations of TypeScript do not know yet. */
type Modern = {
  importKey(
    format: 'raw-seed' | 'raw-public',
    bytes: Bytes,
    algorithm: string,
    extractable: boolean,
    usages: readonly ('encapsulateBits' | 'decapsulateBits')[],
  ): Promise<CryptoKey>;
  exportKey(format: 'raw-public', key: CryptoKey): Promise<ArrayBuffer>;
  getPublicKey(
    key: CryptoKey,
    usages: readonly ('encapsulateBits' | 'verify')[],
  ): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
};

export function webCrypto(subtle: SubtleCrypto): Primitives {
  return {
    sha256: async (data) => new Uint8Array(await subtle.digest('SHA-256', data)),
    hmac: async (key, data) => {
      // No key is a key of zeros (RFC 2104, section 2), but Web Crypto imports none of no length.
      const raw = key.length === 0 ? new Uint8Array(1) : key;
      const imported = await subtle.importKey('raw', raw, HMAC, false, ['sign']);
      return new Uint8Array(await subtle.sign('HMAC', imported, data));
    },
    aead: (key) => aead(subtle, key),
    x25519: x25519(subtle),
    mlKem: mlKem(subtle as unknown as Modern),
    ed25519: ed25519(subtle),
  };
}

async function aead(subtle: SubtleCrypto, raw: Bytes): Promise<Aead> {
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const under = (iv: Bytes, additionalData: Bytes) => ({ name: 'AES-GCM', iv, additionalData });
  return {
    seal: async (nonce, associated, plain) =>
      new Uint8Array(await subtle.encrypt(under(nonce, associated), key, plain)),
    open: (nonce, associated, sealed) =>
      unless(
        async () => new Uint8Array(await subtle.decrypt(under(nonce, associated), key, sealed)),
      ),
  };
}

function x25519(subtle: SubtleCrypto): Primitives['x25519'] {
  const agree = async (secret: Bytes, publicKey: Bytes): Promise<Bytes> => {
    const [own, theirs] = await Promise.all([
      importPrivate(subtle, X25519_PREFIX, secret, 'X25519', 'deriveBits'),
      subtle.importKey('raw', publicKey, 'X25519', false, []),
    ]);
    const algorithm = { name: 'X25519', public: theirs };
    return new Uint8Array(await subtle.deriveBits(algorithm, own, SECRET_BITS));
  };
  return {
    // A public key is the base point times the secret (RFC 7748, section 6.1).
    publicKeyOf: (secret) => agree(secret, Uint8Array.of(9, ...new Uint8Array(31))),
    agree: async (secret, publicKey) => {
      const shared = await unless(() => agree(secret, publicKey));
      // Browsers refuse zeros themselves; the RFC leaves the check to the caller.
      return shared?.some((byte) => byte !== 0) ? shared : null;
    },
  };
}

function mlKem(subtle: Modern): Primitives['mlKem'] {
  const importSeed = (seed: Bytes) =>
    subtle.importKey('raw-seed', seed, ML_KEM, false, ['decapsulateBits']);
  return {
    publicKeyOf: async (seed) => {
      const publicKey = await subtle.getPublicKey(await importSeed(seed), ['encapsulateBits']);
      return new Uint8Array(await subtle.exportKey('raw-public', publicKey));
    },
    encapsulate: (raw) =>
      unless(async (): Promise<Encapsulated> => {
        const publicKey = await subtle.importKey('raw-public', raw, ML_KEM, false, [
          'encapsulateBits',
        ]);
        const { ciphertext, sharedKey } = await subtle.encapsulateBits(ML_KEM, publicKey);
        return { ciphertext: new Uint8Array(ciphertext), secret: new Uint8Array(sharedKey) };
      }),
    decapsulate: async (seed, ciphertext) => {
      const key = await importSeed(seed);
      return unless(
        async () => new Uint8Array(await subtle.decapsulateBits(ML_KEM, key, ciphertext)),
      );
    },
  };
}

function ed25519(subtle: SubtleCrypto): Primitives['ed25519'] {
  const signingKeyOf = async (seed: Bytes): Promise<SigningKey> => {
    const key = await importPrivate(subtle, ED25519_PREFIX, seed, 'Ed25519', 'sign');
    return { is: 'handle', key };
  };
  return {
    publicKeyOf: (seed) => ed25519PublicKey(subtle, seed),
    signingKeyOf,
    sign: async (key, message) => {
      const handle = key.is === 'handle' ? key : await signingKeyOf(key.seed);
      if (handle.is !== 'handle') throw new Error('an imported key is a handle');
      return new Uint8Array(await subtle.sign('Ed25519', handle.key, message));
    },
    verify: async (publicKey, message, signature) => {
      // Some browsers take a key of small order, under which one signature fits many messages.
      if (!isOfLargeOrder(publicKey)) return false;
      const verified = await unless(async () => {
        const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
        return subtle.verify('Ed25519', key, signature, message);
      });
      return verified ?? false;
    },
  };
}

async function ed25519PublicKey(subtle: SubtleCrypto, seed: Bytes): Promise<Bytes> {
  if ('getPublicKey' in subtle) {
    const modern = subtle as unknown as Modern;
    const key = await importPrivate(subtle, ED25519_PREFIX, seed, 'Ed25519', 'sign');
    const publicKey = await modern.getPublicKey(key, ['verify']);
    return new Uint8Array(await subtle.exportKey('raw', publicKey));
  }
  // Older browsers tell the public half only beside the private one, in an exported JWK.
  const der = concat(ED25519_PREFIX, seed);
  const key = await subtle.importKey('pkcs8', der, 'Ed25519', true, ['sign']);
  der.fill(0);
  const { x = '' } = await subtle.exportKey('jwk', key);
  const standard = x.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(standard), (char) => char.charCodeAt(0));
}

async function importPrivate(
  subtle: SubtleCrypto,
  prefix: Bytes,
  secret: Bytes,
  algorithm: string,
  usage: KeyUsage,
): Promise<CryptoKey> {
  const der = concat(prefix, secret);
  try {
    return await subtle.importKey('pkcs8', der, algorithm, false, [usage]);
  } finally {
    der.fill(0);
  }
}

/** Web Crypto rejects malformed input; here that is an answer. */
async function unless<T>(compute: () => Promise<T>): Promise<T | null> {
  try {
    return await compute();
  } catch {
    return null;
  }
}
