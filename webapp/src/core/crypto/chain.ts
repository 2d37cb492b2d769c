/**
 * Chains of keys: each step gives one key for one record, and the chain's next key, from which
 * nothing before it can be computed.
 *
 * Source: T. Perrin, M. Marlinspike, "The Double Ratchet Algorithm", section 5.2 (KDF_CK).
 */
import type { Bytes } from '../bytes.ts';
import { wipe } from './secrets.ts';
import type { Primitives } from './suite/primitives.ts';

/** How far ahead of the next expected place a record may claim to be. */
export const AHEAD_MAX = 1_000;

const RECORD = Uint8Array.of(1);
const NEXT = Uint8Array.of(2);

export function recordKeyOf(primitives: Primitives, chainKey: Bytes): Promise<Bytes> {
  return primitives.hmac(chainKey, RECORD);
}

export function nextKeyOf(primitives: Primitives, chainKey: Bytes): Promise<Bytes> {
  return primitives.hmac(chainKey, NEXT);
}

/** One direction of one lane in one epoch, at its next place. */
export type Chain = {
  next: number;
  /**
   * The chain's key at `next`, and those after it that were computed for a record that claimed to
   * be there: nothing that the first does not give away, and never computed twice, so that all
   * forgers together cost `AHEAD_MAX` steps between two genuine records.
   */
  readonly keys: [Bytes, ...Bytes[]];
};

export function chainFrom(key: Bytes, next: number): Chain {
  return { next, keys: [key] };
}

/** The record key at a place that is not behind and not too far ahead. Moves nothing. */
export async function keyAt(primitives: Primitives, chain: Chain, place: number): Promise<Bytes> {
  const ahead = place - chain.next;
  if (ahead < 0 || ahead > AHEAD_MAX) throw new Error('no place of this chain');
  let [key] = chain.keys;
  for (let at = 1; at <= ahead; at += 1) {
    const known = chain.keys[at];
    if (known === undefined) {
      key = await nextKeyOf(primitives, key);
      chain.keys.push(key);
    } else key = known;
  }
  return recordKeyOf(primitives, key);
}

/** Steps past a place whose key was used. Everything up to it is wiped. */
export async function stepPast(primitives: Primitives, chain: Chain, place: number): Promise<void> {
  const at = place - chain.next;
  const last = chain.keys[at];
  if (last === undefined) throw new Error('a place is passed after its key was used');
  const following = chain.keys[at + 1]?.slice() ?? (await nextKeyOf(primitives, last));
  wipe(...chain.keys.splice(0, chain.keys.length, following));
  chain.next = place + 1;
}
