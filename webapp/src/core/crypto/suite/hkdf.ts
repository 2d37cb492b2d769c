/**
 * HKDF-SHA-256 out of HMAC, as RFC 5869 defines it: extract a key from a secret, expand it into
 * as many bytes as are asked for. Built here, so that every key of the channel comes from the one
 * port, whoever computes the HMAC.
 */
import { type Bytes, concat } from '../../bytes.ts';
import type { Primitives } from './primitives.ts';

export const HASH_BYTES = 32;
/** RFC 5869, section 2.3: the counter of blocks is one byte. */
export const EXPANDED_BYTES_MAX = 255 * HASH_BYTES;

/** An empty salt counts as 32 zeros (section 2.2). */
export function hkdfExtract(primitives: Primitives, salt: Bytes, input: Bytes): Promise<Bytes> {
  return primitives.hmac(salt.length === 0 ? new Uint8Array(HASH_BYTES) : salt, input);
}

export async function hkdfExpand(
  primitives: Primitives,
  key: Bytes,
  info: Bytes,
  length: number,
): Promise<Bytes> {
  if (length > EXPANDED_BYTES_MAX) throw new RangeError('HKDF gives 8,160 bytes at most');
  const expanded = new Uint8Array(length);
  let block: Bytes = new Uint8Array();
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter += 1) {
    const input = concat(block, info, Uint8Array.of(counter));
    block.fill(0);
    block = await primitives.hmac(key, input);
    input.fill(0);
    expanded.set(block.subarray(0, length - at), at);
  }
  block.fill(0);
  return expanded;
}
