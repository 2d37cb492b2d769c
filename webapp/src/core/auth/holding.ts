/**
 * How this browser holds a working key, as well as its cryptography allows: as a handle that
 * cannot be exported, as a seed sealed under such a handle, or not at all between loads.
 */
import type { Bytes } from '../bytes.ts';
import { concat, fromHex } from '../bytes.ts';
import type { KeptKey } from '../ports.ts';

/** The best that a browser has; told by the platform, which has tried it. */
export type Holding = KeptKey['is'];

/** PrivateKeyInfo of an Ed25519 key up to the seed: RFC 8410, section 7. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420') ?? new Uint8Array();

/** Each wrapping key seals one seed, so one fixed nonce is used once. */
const NONCE = new Uint8Array(12);

/** Puts a seed into the keeping of this browser. The caller overwrites its bytes. */
export async function hold(seed: Bytes, holding: Holding): Promise<KeptKey> {
  switch (holding) {
    case 'handle':
      return { is: 'handle', key: await handleOf(seed) };
    case 'wrapped':
      return wrapped(seed);
    case 'password':
      return { is: 'password' };
  }
}

/** The seed of a wrapped key. Throws for one that was tampered with: storage is not an answer. */
export async function unwrapped({ wrapping, sealed }: KeptKey & { is: 'wrapped' }): Promise<Bytes> {
  const gcm = { name: 'AES-GCM', iv: NONCE };
  return new Uint8Array(await crypto.subtle.decrypt(gcm, wrapping, sealed));
}

async function handleOf(seed: Bytes): Promise<CryptoKey> {
  const pkcs8 = concat(PKCS8_PREFIX, seed);
  try {
    return await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  } finally {
    pkcs8.fill(0);
  }
}

async function wrapped(seed: Bytes): Promise<KeptKey> {
  const aes = { name: 'AES-GCM', length: 256 };
  const wrapping = await crypto.subtle.generateKey(aes, false, ['encrypt', 'decrypt']);
  const gcm = { name: 'AES-GCM', iv: NONCE };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm, wrapping, seed));
  return { is: 'wrapped', wrapping, sealed };
}
