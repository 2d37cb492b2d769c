/**
 * X-Wing: one hybrid secret from ML-KEM-768 and X25519, safe as long as either holds.
 *
 * Source: D. Connolly, P. Schwabe, B. Westerbaan, "X-Wing: general-purpose hybrid post-quantum
 * KEM", draft-connolly-cfrg-xwing-kem; the same bytes as MLKEM768-X25519 of the CFRG's concrete
 * hybrid KEMs. The private key is a seed of 32 bytes.
 */
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { type Bytes, concat, utf8 } from '../../bytes.ts';
import type { Encapsulated, Primitives } from './primitives.ts';

export const KEM_SEED_BYTES = 32;
export const KEM_ENTROPY_BYTES = 64;
export const KEM_PUBLIC_KEY_BYTES = 1_216;
export const KEM_CIPHERTEXT_BYTES = 1_120;
export const KEM_SECRET_BYTES = 32;

const ML_KEM_PUBLIC_KEY_BYTES = 1_184;
const ML_KEM_CIPHERTEXT_BYTES = 1_088;
const LABEL = utf8('\\.//^\\');

export async function kemPublicKeyOf(primitives: Primitives, seed: Bytes): Promise<Bytes> {
  const [mlKemSeed, x25519Secret] = expanded(seed);
  return concat(
    await primitives.mlKem.publicKeyOf(mlKemSeed),
    await primitives.x25519.publicKeyOf(x25519Secret),
  );
}

/** `null` for a malformed public key, and for one whose X25519 half gives zeros. */
export async function encapsulate(
  primitives: Primitives,
  publicKey: Bytes,
  entropy: Bytes,
): Promise<Encapsulated | null> {
  if (publicKey.length !== KEM_PUBLIC_KEY_BYTES) return null;
  const theirPoint = publicKey.slice(ML_KEM_PUBLIC_KEY_BYTES);
  const ephemeral = entropy.slice(32, KEM_ENTROPY_BYTES);
  const quantum = await primitives.mlKem.encapsulate(
    publicKey.slice(0, ML_KEM_PUBLIC_KEY_BYTES),
    entropy.slice(0, 32),
  );
  const ownPoint = await primitives.x25519.publicKeyOf(ephemeral);
  const classical = await primitives.x25519.agree(ephemeral, theirPoint);
  if (quantum === null || classical === null) return null;
  return {
    ciphertext: concat(quantum.ciphertext, ownPoint),
    secret: combined(quantum.secret, classical, ownPoint, theirPoint),
  };
}

/** `null` for a ciphertext of another length, and for one whose X25519 half gives zeros. */
export async function decapsulate(
  primitives: Primitives,
  seed: Bytes,
  ciphertext: Bytes,
): Promise<Bytes | null> {
  if (ciphertext.length !== KEM_CIPHERTEXT_BYTES) return null;
  const [mlKemSeed, x25519Secret] = expanded(seed);
  const theirPoint = ciphertext.slice(ML_KEM_CIPHERTEXT_BYTES);
  const quantum = await primitives.mlKem.decapsulate(
    mlKemSeed,
    ciphertext.slice(0, ML_KEM_CIPHERTEXT_BYTES),
  );
  const classical = await primitives.x25519.agree(x25519Secret, theirPoint);
  if (quantum === null || classical === null) return null;
  const ownPoint = await primitives.x25519.publicKeyOf(x25519Secret);
  return combined(quantum, classical, theirPoint, ownPoint);
}

function expanded(seed: Bytes): readonly [mlKemSeed: Bytes, x25519Secret: Bytes] {
  const wide = shake256(seed, { dkLen: 96 }) as Bytes;
  return [wide.slice(0, 64), wide.slice(64)];
}

function combined(
  quantum: Bytes,
  classical: Bytes,
  ciphertextPoint: Bytes,
  keyPoint: Bytes,
): Bytes {
  return sha3_256(concat(quantum, classical, ciphertextPoint, keyPoint, LABEL)) as Bytes;
}
