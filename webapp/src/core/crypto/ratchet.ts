/**
 * The moving part of a channel: per direction and lane a chain of keys, and a root that both sides
 * turn by mixing in a fresh secret, so that a channel whose keys were once stolen heals.
 *
 * A turn ends an epoch. Who may end it is decided by the channel itself: whoever holds the other's
 * newest key. Even epochs are ended by A, odd ones by B.
 *
 *     th_t = H("turn" ‖ channel id ‖ role ‖ epoch ‖ new key ‖ ciphertext)
 *     step = Extract(root, secret of the encapsulation)
 *     root, chains of the next epoch = derive(step, …, th_t)
 *
 * The turn is signed by the identity key over th_t and a proof of the old root: a thief of the
 * whole state, who has no identity key, cannot put himself in between (J. Alwen, S. Coretti,
 * Y. Dodis, "The Double Ratchet: Security Notions, Proofs, and Modularization for the Signal
 * Protocol", EUROCRYPT 2019, for the ratchet over any KEM). A root never gives away the chains of
 * its own epoch: both come from the step, which is wiped.
 */
import { type Bytes, concat, lengthPrefixed, uint, utf8 } from '../bytes.ts';
import type { Random } from '../ports.ts';
import { type Chain, chainFrom } from './chain.ts';
import { SIGNATURE_BYTES, type Signer } from './identity.ts';
import { derive } from './key-schedule.ts';
import type { Direction, Lane } from './record-layout.ts';
import { scoped, wipeAll } from './secrets.ts';
import { hkdfExtract } from './suite/hkdf.ts';
import type { Primitives } from './suite/primitives.ts';
import {
  decapsulate,
  encapsulate,
  KEM_CIPHERTEXT_BYTES,
  KEM_ENTROPY_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  KEM_SEED_BYTES,
  kemPublicKeyOf,
} from './suite/x-wing.ts';

type Role = 'A' | 'B';

/** A side either holds the other's key, and ends the epoch, or has given its own, and waits. */
export type Part =
  | { readonly is: 'turns'; readonly peerKey: Bytes }
  | { readonly is: 'waits'; readonly seed: Bytes };

export type Lanes = { readonly control: Chain; readonly talk: Chain };

/** What is kept of an epoch to open its records; `control` until a newer epoch was heard there. */
export type Receiving = { readonly epoch: number; control: Chain | null; readonly talk: Chain };

/** All that a channel remembers, as plain data: what it says of itself is in `channel.ts`. */
export type Ratchet = {
  epoch: number;
  root: Bytes;
  part: Part;
  sending: Lanes;
  /** The counter of the next record on lane 1, over all epochs. */
  talkNext: number;
  /**
   * The present epoch last; before it at most one, which its sender may not have left yet. Chains
   * count from 0 in each.
   */
  receiving: Receiving[];
};

/** Who turns, and with whose keys. */
export type TurnGround = {
  readonly primitives: Primitives;
  readonly channelId: Bytes;
  readonly role: Role;
  /** The identity keys of this side and of the other. */
  readonly signer: Signer;
  readonly peerKey: Bytes;
};

export type EpochKeys = { readonly root: Bytes; readonly chains: ReadonlyMap<string, Bytes> };

const EPOCH_BYTES = 4;
const TURN_BYTES = EPOCH_BYTES + KEM_PUBLIC_KEY_BYTES + KEM_CIPHERTEXT_BYTES + SIGNATURE_BYTES;
const DIRECTIONS: readonly Direction[] = ['A to B', 'B to A'];
const LANES: readonly Lane[] = [0, 1];

export function directionFrom(role: Role): Direction {
  return role === 'A' ? 'A to B' : 'B to A';
}

export function other(role: Role): Role {
  return role === 'A' ? 'B' : 'A';
}

/** Root and chains of an epoch from the secret that began it. */
export async function epochKeys(
  primitives: Primitives,
  secret: Bytes,
  transcript: Bytes,
): Promise<EpochKeys> {
  const root = await derive(primitives, secret, 'root', transcript);
  const chains = new Map<string, Bytes>();
  for (const direction of DIRECTIONS) {
    for (const lane of LANES) {
      const context = [transcript, utf8(direction), Uint8Array.of(lane)];
      chains.set(`${direction} ${lane}`, await derive(primitives, secret, 'chain', ...context));
    }
  }
  return { root, chains };
}

export function begin(role: Role, { root, chains }: EpochKeys, part: Part): Ratchet {
  return {
    epoch: 0,
    root,
    part,
    sending: lanesOf(chains, directionFrom(role), 0),
    talkNext: 0,
    receiving: [{ epoch: 0, ...lanesOf(chains, directionFrom(other(role)), 0) }],
  };
}

/** A turn made but not taken yet: the record to seal, and the step to take when it is sealed. */
export type Turn = { readonly content: Bytes; take(ratchet: Ratchet): void };

export async function makeTurn(
  ground: TurnGround,
  ratchet: Ratchet,
  random: Random,
): Promise<Turn> {
  const { primitives, role, signer } = ground;
  const { part, epoch, root } = ratchet;
  if (part.is !== 'turns') throw new Error('the other side ends this epoch');
  const seed = random.bytes(KEM_SEED_BYTES);
  return scoped(async (own) => {
    const entropy = own(random.bytes(KEM_ENTROPY_BYTES));
    const kemKey = await kemPublicKeyOf(primitives, seed);
    const fresh = await encapsulate(primitives, part.peerKey, entropy);
    if (fresh === null) throw new Error('the key of the last turn was checked when it came');
    const th = await transcriptOf(ground, role, epoch, { kemKey, ciphertext: fresh.ciphertext });
    const signature = await signer.sign(await signed(primitives, role, th, root));
    const keys = await stepKeys(primitives, root, own(fresh.secret), th);
    const content = concat(uint(epoch, EPOCH_BYTES), kemKey, fresh.ciphertext, signature);
    return { content, take: (taker) => turn(taker, role, keys, { is: 'waits', seed }) };
  });
}

/** `null` unless the peer made this turn of this epoch, with a key that can be used. */
export async function checkTurn(
  ground: TurnGround,
  { part, epoch, root }: Ratchet,
  content: Bytes,
): Promise<((ratchet: Ratchet) => void) | null> {
  if (part.is !== 'waits' || content.length !== TURN_BYTES) return null;
  const { primitives, role, peerKey } = ground;
  const kemKey = content.slice(EPOCH_BYTES, EPOCH_BYTES + KEM_PUBLIC_KEY_BYTES);
  const ciphertext = content.slice(EPOCH_BYTES + KEM_PUBLIC_KEY_BYTES, -SIGNATURE_BYTES);
  const signature = content.slice(-SIGNATURE_BYTES);
  if (new DataView(content.buffer).getUint32(0) !== epoch) return null;
  const turner = other(role);
  const th = await transcriptOf(ground, turner, epoch, { kemKey, ciphertext });
  const message = await signed(primitives, turner, th, root);
  if (!(await primitives.ed25519.verify(peerKey, message, signature))) return null;
  return scoped(async (own) => {
    const secret = await decapsulate(primitives, part.seed, ciphertext);
    if (secret === null || !(await isUsable(primitives, kemKey))) return null;
    const keys = await stepKeys(primitives, root, own(secret), th);
    return (ratchet) => turn(ratchet, role, keys, { is: 'turns', peerKey: kemKey });
  });
}

/** Enters the next epoch. What the peer may still send in the old one can be opened for a while. */
function turn(ratchet: Ratchet, role: Role, { root, chains }: EpochKeys, part: Part): void {
  const { sending, receiving } = ratchet;
  // Whoever turned says nothing more in the old epoch, so its peer needs no key of it.
  const kept = part.is === 'waits' ? receiving.slice(-1) : [];
  const gone = receiving.filter((epoch) => !kept.includes(epoch));
  wipeAll([ratchet.root, ratchet.part, gone, sending.control.keys, sending.talk.keys]);
  ratchet.epoch += 1;
  ratchet.root = root;
  ratchet.part = part;
  ratchet.sending = lanesOf(chains, directionFrom(role), sending.talk.next);
  const arriving = lanesOf(chains, directionFrom(other(role)), 0);
  ratchet.receiving = [...kept, { epoch: ratchet.epoch, ...arriving }];
}

function lanesOf(
  chains: ReadonlyMap<string, Bytes>,
  direction: Direction,
  talkNext: number,
): Lanes {
  const chain = (lane: Lane, next: number): Chain => {
    const key = chains.get(`${direction} ${lane}`);
    if (key === undefined) throw new Error('every lane of every direction has a chain');
    return chainFrom(key, next);
  };
  return { control: chain(0, 0), talk: chain(1, talkNext) };
}

function transcriptOf(
  { primitives, channelId }: TurnGround,
  turner: Role,
  epoch: number,
  { kemKey, ciphertext }: { readonly kemKey: Bytes; readonly ciphertext: Bytes },
): Promise<Bytes> {
  const written = uint(epoch, EPOCH_BYTES);
  return primitives.sha256(
    lengthPrefixed(utf8('dhsc/1 turn'), channelId, utf8(turner), written, kemKey, ciphertext),
  );
}

async function signed(
  primitives: Primitives,
  turner: Role,
  transcript: Bytes,
  root: Bytes,
): Promise<Bytes> {
  const proof = await derive(primitives, root, 'turn proof', transcript);
  return lengthPrefixed(utf8('dhsc/1 turn signature'), utf8(turner), transcript, proof);
}

function stepKeys(
  primitives: Primitives,
  root: Bytes,
  secret: Bytes,
  transcript: Bytes,
): Promise<EpochKeys> {
  return scoped(async (own) =>
    epochKeys(primitives, own(await hkdfExtract(primitives, root, secret)), transcript),
  );
}

/** Whether one can encapsulate to a key: tried, so that the turn that needs it cannot fail. */
async function isUsable(primitives: Primitives, kemKey: Bytes): Promise<boolean> {
  return (await encapsulate(primitives, kemKey, new Uint8Array(KEM_ENTROPY_BYTES))) !== null;
}
