/**
 * How each side of a handshake proves who it is: a signature by the identity key over everything
 * so far, and a mac that shows that the signer holds the keys of this handshake. Both have a
 * context and a role letter of their own, so that neither can stand anywhere else.
 *
 * Source: H. Krawczyk, "SIGMA: the 'SIGn-and-MAc' approach to authenticated Diffie-Hellman and its
 * use in the IKE protocols", CRYPTO 2003.
 */
import { type Bytes, lengthPrefixed, utf8 } from '../bytes.ts';
import type { Signer } from './identity.ts';
import { derive } from './key-schedule.ts';
import { claimsOf, type Proof } from './messages.ts';
import { sameSecret, wipe } from './secrets.ts';
import type { Primitives } from './suite/primitives.ts';

type Role = 'A' | 'B';

/** Under which keys and over what a proof is made. */
export type Ground = {
  readonly primitives: Primitives;
  readonly role: Role;
  /** hs1 for the answerer's proof, hs2 for the caller's. */
  readonly secret: Bytes;
  /** th2 for the answerer's proof, th3 for the caller's. */
  readonly transcript: Bytes;
  /** The other side's identity where it is known: the caller's mac covers both. */
  readonly peerKey: Bytes | null;
};

export async function prove(ground: Ground, signer: Signer, share: Bytes): Promise<Proof> {
  const shown = { publicKey: signer.publicKey, share };
  const signature = await signer.sign(signed(ground, shown));
  return { ...shown, signature, mac: await macOf(ground, { ...shown, signature }) };
}

/** What is wrong with a proof, if anything. */
export async function faultOf(ground: Ground, proof: Proof): Promise<'signature' | 'mac' | null> {
  const { publicKey, signature, mac } = proof;
  const { ed25519 } = ground.primitives;
  if (!(await ed25519.verify(publicKey, signed(ground, proof), signature))) return 'signature';
  return sameSecret(await macOf(ground, proof), mac) ? null : 'mac';
}

/** The last word of a handshake: the answerer holds the keys, and saw the caller's proof. */
export async function finishedMac(
  primitives: Primitives,
  master: Bytes,
  th4: Bytes,
): Promise<Bytes> {
  const key = await derive(primitives, master, 'finished', th4);
  const mac = await primitives.hmac(key, lengthPrefixed(utf8('dhsc/1 finished'), utf8('B'), th4));
  wipe(key);
  return mac;
}

function signed({ role, transcript }: Ground, shown: Pick<Proof, 'publicKey' | 'share'>): Bytes {
  return lengthPrefixed(utf8('dhsc/1 signature'), utf8(role), transcript, claimsOf(shown));
}

async function macOf(
  { primitives, role, secret, transcript, peerKey }: Ground,
  proof: Omit<Proof, 'mac'>,
): Promise<Bytes> {
  const key = await derive(primitives, secret, `mac ${role}`, transcript);
  const covered = lengthPrefixed(
    utf8('dhsc/1 mac'),
    utf8(role),
    transcript,
    peerKey ?? new Uint8Array(),
    claimsOf(proof),
    proof.signature,
  );
  const mac = await primitives.hmac(key, covered);
  wipe(key);
  return mac;
}
