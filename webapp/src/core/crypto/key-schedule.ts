/**
 * From one Diffie-Hellman secret to every key of a handshake and a channel.
 *
 * X25519 (RFC 7748), then HKDF-SHA-256 (RFC 5869) with the transcript so far as salt and a name as
 * info: whoever saw other messages, or takes a key for another purpose, has other keys. The secret
 * stays inside Web Crypto once it is imported.
 */
import { type Bytes, utf8 } from '../bytes.ts';

export const EPHEMERAL_BYTES = 32;
export const MAC_BYTES = 32;
const CHANNEL_ID_BYTES = 32;

/** Every name that a key is derived under. */
type Purpose =
  | 'box 2'
  | 'box 3'
  | 'box 4'
  | 'mac A'
  | 'mac B'
  | 'finished'
  | 'A to B'
  | 'B to A'
  | 'channel id';

export async function makeEphemeral(): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
  return pair as CryptoKeyPair;
}

export async function ephemeralBytes(pair: CryptoKeyPair): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
}

/** The secret that two ephemeral keys agree on, ready to derive from. */
export class KeySchedule {
  readonly #secret: CryptoKey;

  private constructor(secret: CryptoKey) {
    this.#secret = secret;
  }

  /** `null` if the result is all zero: the other side sent a point of small order. */
  static async agree(own: CryptoKeyPair, theirs: Bytes): Promise<KeySchedule | null> {
    const bits = await sharedBits(own.privateKey, theirs);
    // Web Crypto refuses such points itself; RFC 7748, section 6.1 leaves the check to the caller.
    if (bits === null || bits.every((byte) => byte === 0)) return null;
    const secret = await crypto.subtle.importKey('raw', bits, 'HKDF', false, [
      'deriveKey',
      'deriveBits',
    ]);
    bits.fill(0);
    return new KeySchedule(secret);
  }

  sealingKey(purpose: Purpose, transcript: Bytes): Promise<CryptoKey> {
    return this.#aesKey(purpose, transcript, 'encrypt');
  }

  openingKey(purpose: Purpose, transcript: Bytes): Promise<CryptoKey> {
    return this.#aesKey(purpose, transcript, 'decrypt');
  }

  async mac(purpose: Purpose, transcript: Bytes, message: Bytes): Promise<Bytes> {
    const key = await this.#macKey(purpose, transcript);
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, message));
  }

  async macHolds(
    purpose: Purpose,
    transcript: Bytes,
    message: Bytes,
    mac: Bytes,
  ): Promise<boolean> {
    const key = await this.#macKey(purpose, transcript);
    return crypto.subtle.verify('HMAC', key, mac, message);
  }

  async channelId(transcript: Bytes): Promise<Bytes> {
    const hkdf = hkdfOf('channel id', transcript);
    return new Uint8Array(await crypto.subtle.deriveBits(hkdf, this.#secret, 8 * CHANNEL_ID_BYTES));
  }

  #aesKey(purpose: Purpose, transcript: Bytes, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
    const aes = { name: 'AES-GCM', length: 256 };
    return crypto.subtle.deriveKey(hkdfOf(purpose, transcript), this.#secret, aes, false, [usage]);
  }

  #macKey(purpose: Purpose, transcript: Bytes): Promise<CryptoKey> {
    const hmac = { name: 'HMAC', hash: 'SHA-256', length: 8 * MAC_BYTES };
    return crypto.subtle.deriveKey(hkdfOf(purpose, transcript), this.#secret, hmac, false, [
      'sign',
      'verify',
    ]);
  }
}

function hkdfOf(purpose: Purpose, transcript: Bytes): HkdfParams {
  return { name: 'HKDF', hash: 'SHA-256', salt: transcript, info: utf8(`dhsc/1 ${purpose}`) };
}

async function sharedBits(privateKey: CryptoKey, theirs: Bytes): Promise<Bytes | null> {
  try {
    const point = await crypto.subtle.importKey('raw', theirs, 'X25519', false, []);
    const algorithm = { name: 'X25519', public: point };
    return new Uint8Array(await crypto.subtle.deriveBits(algorithm, privateKey, 256));
  } catch {
    return null;
  }
}
