/**
 * From shared secrets to every key of a handshake and a channel: HKDF-SHA-256 (RFC 5869), in the
 * chained shape of TLS 1.3 (RFC 8446, section 7.1).
 *
 *     early  = Extract(zeros, psk)
 *     hs1    = Extract(derive(early, 'next', th2), ssA)     keys of box 2 and macB
 *     hs2    = Extract(derive(hs1,   'next', th3), ssB)     keys of box 3 and macA
 *     master = Extract(derive(hs2,   'next', th4), zeros)   keys of the channel
 *
 * A key is derived under a name and the transcript so far: whoever saw other messages, or takes a
 * key for another purpose, has other keys.
 */
import { type Bytes, lengthPrefixed, utf8 } from '../bytes.ts';
import { scoped } from './secrets.ts';
import { HASH_BYTES, hkdfExpand, hkdfExtract } from './suite/hkdf.ts';
import type { Primitives } from './suite/primitives.ts';

export const SECRET_BYTES = HASH_BYTES;
export const MAC_BYTES = HASH_BYTES;

/** Every name that a key is derived under. */
export type Purpose =
  | 'next'
  | 'box 2'
  | 'box 3'
  | 'box 4'
  | 'mac A'
  | 'mac B'
  | 'finished'
  | 'channel id'
  | 'root'
  | 'chain'
  | 'turn proof'
  | 'left'
  | 'cut off'
  | 'code';

/** HKDF-Expand to one block, which is one key. */
export function derive(
  primitives: Primitives,
  secret: Bytes,
  purpose: Purpose,
  ...context: readonly Bytes[]
): Promise<Bytes> {
  const info = lengthPrefixed(utf8(`dhsc/1 ${purpose}`), ...context);
  return hkdfExpand(primitives, secret, info, SECRET_BYTES);
}

/** Before anything was exchanged: no pre-shared secret in this version, so 32 zeros. */
export function earlySecret(primitives: Primitives): Promise<Bytes> {
  return hkdfExtract(primitives, new Uint8Array(SECRET_BYTES), new Uint8Array(SECRET_BYTES));
}

/** The secret after the next step: of the one before, all that was said, and what is new. */
export function nextSecret(
  primitives: Primitives,
  secret: Bytes,
  transcript: Bytes,
  input: Bytes,
): Promise<Bytes> {
  return scoped(async (own) => {
    const salt = own(await derive(primitives, secret, 'next', transcript));
    return hkdfExtract(primitives, salt, input);
  });
}

/** The last secret of a handshake: nothing is new but the transcript. */
export function masterSecret(primitives: Primitives, hs2: Bytes, th4: Bytes): Promise<Bytes> {
  return nextSecret(primitives, hs2, th4, new Uint8Array(SECRET_BYTES));
}
