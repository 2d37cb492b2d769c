/**
 * Bytes under a password: AES-256-GCM (NIST SP 800-38D) under a key of Argon2id (RFC 9106).
 *
 *     version 1 ‖ memory in KiB, 4 ‖ passes, 1 ‖ lanes, 1 ‖ salt, 16 ‖ commitment, 32 ‖ sealed
 *
 * Argon2id gives 64 bytes: the key, and a commitment to it. AES-GCM alone does not commit, so one
 * sealed text could be made that opens under many passwords (J. Len, P. Grubbs, T. Ristenpart,
 * "Partitioning Oracle Attacks", USENIX Security 2021); a hash of the password beside it does
 * (A. Albertini et al., "How to Abuse and Fix Authenticated Encryption Without Key Commitment",
 * USENIX Security 2022). A salt of its own makes each key one for a single sealing, so the nonce
 * is fixed. Everything before the commitment, and what the caller names, is associated data.
 */
import { argon2idAsync } from '@noble/hashes/argon2.js';
import { type Bytes, concat, equal, lengthPrefixed, uint, utf8 } from '../bytes.ts';
import type { Primitives } from '../crypto/suite/primitives.ts';
import type { Random } from '../ports.ts';

/** What guessing one password costs. */
export type SealCost = {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
};

/** OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
export const SEAL_COST: SealCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

/** What a file may ask of us at most: RFC 9106's second choice of memory, and a few seconds. */
const COST_MAX: SealCost = { memoryKib: 65_536, passes: 8, lanes: 4 };

const VERSION = 1;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const COMMITMENT_BYTES = 32;
const SALT_AT = 7;
const COMMITMENT_AT = SALT_AT + SALT_BYTES;
const SEALED_AT = COMMITMENT_AT + COMMITMENT_BYTES;
const TAG_BYTES = 16;
const NONCE = new Uint8Array(12);

/** What sealing takes of the world. */
export type Sealer = {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly cost: SealCost;
};

export type Unsealed =
  | { readonly is: 'opened'; readonly content: Bytes }
  /** Another password, or not what was sealed. */
  | { readonly is: 'refused' }
  /** No seal of this layout, or one that asks for more work than we do for strangers. */
  | { readonly is: 'malformed' };

/** Seals under a password. What is associated must be said again to open it. */
export async function sealUnder(
  { primitives, random, cost }: Sealer,
  password: string,
  associated: Bytes,
  content: Bytes,
): Promise<Bytes> {
  const header = concat(
    uint(VERSION, 1),
    uint(cost.memoryKib, 4),
    uint(cost.passes, 1),
    uint(cost.lanes, 1),
    random.bytes(SALT_BYTES),
  );
  const { key, commitment } = await stretched(password, header.slice(SALT_AT), cost);
  const aead = await primitives.aead(key);
  key.fill(0);
  const sealed = await aead.seal(NONCE, covered(header, associated), content);
  return concat(header, commitment, sealed);
}

export async function openUnder(
  primitives: Primitives,
  password: string,
  associated: Bytes,
  seal: Bytes,
): Promise<Unsealed> {
  const cost = costOf(seal);
  if (cost === null) return { is: 'malformed' };
  const header = seal.slice(0, COMMITMENT_AT);
  const { key, commitment } = await stretched(password, header.slice(SALT_AT), cost);
  const aead = await primitives.aead(key);
  key.fill(0);
  if (!equal(commitment, seal.slice(COMMITMENT_AT, SEALED_AT))) return { is: 'refused' };
  const content = await aead.open(NONCE, covered(header, associated), seal.slice(SEALED_AT));
  return content === null ? { is: 'refused' } : { is: 'opened', content };
}

/** The work that a seal asks for; `null` unless it has the layout and the work is bearable. */
function costOf(seal: Bytes): SealCost | null {
  if (seal.length < SEALED_AT + TAG_BYTES || seal[0] !== VERSION) return null;
  const view = new DataView(seal.buffer, seal.byteOffset);
  const cost = { memoryKib: view.getUint32(1), passes: view.getUint8(5), lanes: view.getUint8(6) };
  return isBearable(cost) ? cost : null;
}

function isBearable({ memoryKib, passes, lanes }: SealCost): boolean {
  const within = (value: number, most: number) => value >= 1 && value <= most;
  return (
    within(memoryKib, COST_MAX.memoryKib) &&
    within(passes, COST_MAX.passes) &&
    within(lanes, COST_MAX.lanes) &&
    // RFC 9106, section 3.1: at least 8 KiB a lane.
    memoryKib >= 8 * lanes
  );
}

/** Passwords are compared as NFC, so that every keyboard's spelling of a letter is the same. */
async function stretched(password: string, salt: Bytes, { memoryKib, passes, lanes }: SealCost) {
  const secret = utf8(password.normalize('NFC'));
  const dkLen = KEY_BYTES + COMMITMENT_BYTES;
  const options = { m: memoryKib, t: passes, p: lanes, dkLen };
  const wide = (await argon2idAsync(secret, salt, options)) as Bytes;
  secret.fill(0);
  const [key, commitment] = [wide.slice(0, KEY_BYTES), wide.slice(KEY_BYTES)];
  wide.fill(0);
  return { key, commitment };
}

function covered(header: Bytes, associated: Bytes): Bytes {
  return lengthPrefixed(utf8('dhchat/seal/1'), header, associated);
}
