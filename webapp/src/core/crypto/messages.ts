/**
 * The four messages of a handshake as bytes, and the hashes over them.
 *
 * Layouts are fixed, so a message has one reading or none. Each begins with its number; all but
 * the first carry the tag of the offer they belong to, so that a straggler of another handshake is
 * told from a forgery.
 */
import { type Bytes, concat, equal, lengthPrefixed, utf8 } from '../bytes.ts';
import { type UserId, userIdBytes } from '../wire/ids.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './identity.ts';
import { MAC_BYTES } from './key-schedule.ts';
import type { Primitives } from './suite/primitives.ts';
import { KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_KEY_BYTES } from './suite/x-wing.ts';

const NAME = 'dhsc';
const VERSION = 1;
const SUITE = 'X-Wing Ed25519 HKDF-SHA-256 HMAC-SHA-256 AES-256-GCM';
/** Zeros stand for the pre-shared secret; one from an invitation would have another name. */
const PSK_MODE = 'none';

export const NONCE_BYTES = 32;
/** Of what each side adds to the short code. */
export const SHARE_BYTES = 32;
const COMMITMENT_BYTES = 32;
const TAG_BYTES = 16;
const GCM_TAG_BYTES = 16;
/** Room for what later versions add to a box, behind its length: empty in this one. */
const EXT = lengthPrefixed(new Uint8Array());
const PROOF_B_BYTES = PUBLIC_KEY_BYTES + EXT.length + SIGNATURE_BYTES + MAC_BYTES;
const PROOF_A_BYTES = PROOF_B_BYTES + SHARE_BYTES;

/** Numbers of the messages: their first byte. */
const STEP = { offer: 1, answer: 2, confirmation: 3, finish: 4 } as const;
type Step = (typeof STEP)[keyof typeof STEP];

export type OfferParts = {
  readonly step: 'offer';
  readonly nonce: Bytes;
  readonly kemKey: Bytes;
  readonly commitment: Bytes;
};
export type AnswerParts = {
  readonly step: 'answer';
  readonly tag: Bytes;
  readonly nonce: Bytes;
  readonly kemKey: Bytes;
  readonly ciphertext: Bytes;
  readonly share: Bytes;
  readonly box: Bytes;
};
type ConfirmationParts = {
  readonly step: 'confirmation';
  readonly tag: Bytes;
  readonly ciphertext: Bytes;
  readonly box: Bytes;
};
type FinishParts = { readonly step: 'finish'; readonly tag: Bytes; readonly box: Bytes };
export type Message = OfferParts | AnswerParts | ConfirmationParts | FinishParts;

/** What a box of the second and third message holds: who it is, and the proofs. */
export type Proof = {
  readonly publicKey: Bytes;
  /** Of the caller, who opens here what the first message committed it to; empty of the answerer. */
  readonly share: Bytes;
  readonly signature: Bytes;
  readonly mac: Bytes;
};

export function encodeOffer({ nonce, kemKey, commitment }: Omit<OfferParts, 'step'>): Bytes {
  return concat(Uint8Array.of(STEP.offer, VERSION), nonce, kemKey, commitment);
}

export function encodeAnswer(answer: Omit<AnswerParts, 'step'>): Bytes {
  const { tag, nonce, kemKey, ciphertext, share, box } = answer;
  return concat(Uint8Array.of(STEP.answer), tag, nonce, kemKey, ciphertext, share, box);
}

export function encodeConfirmation(tag: Bytes, ciphertext: Bytes, box: Bytes): Bytes {
  return concat(Uint8Array.of(STEP.confirmation), tag, ciphertext, box);
}

export function encodeFinish(tag: Bytes, box: Bytes): Bytes {
  return concat(Uint8Array.of(STEP.finish), tag, box);
}

/** `null` for anything but one of the four, whole and in this version. */
export function readMessage(bytes: Bytes): Message | null {
  switch (bytes[0] as Step | undefined) {
    case STEP.offer: {
      if (bytes[1] !== VERSION) return null;
      const parts = split(bytes.slice(2), NONCE_BYTES, KEM_PUBLIC_KEY_BYTES, COMMITMENT_BYTES);
      if (parts === null) return null;
      const [nonce, kemKey, commitment] = parts;
      return { step: 'offer', nonce, kemKey, commitment };
    }
    case STEP.answer:
      return readAnswer(bytes.slice(1));
    case STEP.confirmation: {
      const box = PROOF_A_BYTES + GCM_TAG_BYTES;
      const parts = split(bytes.slice(1), TAG_BYTES, KEM_CIPHERTEXT_BYTES, box);
      return parts && { step: 'confirmation', tag: parts[0], ciphertext: parts[1], box: parts[2] };
    }
    case STEP.finish: {
      const parts = split(bytes.slice(1), TAG_BYTES, MAC_BYTES + GCM_TAG_BYTES);
      return parts && { step: 'finish', tag: parts[0], box: parts[1] };
    }
    default:
      return null;
  }
}

function readAnswer(rest: Bytes): AnswerParts | null {
  const parts = split(
    rest,
    TAG_BYTES,
    NONCE_BYTES,
    KEM_PUBLIC_KEY_BYTES,
    KEM_CIPHERTEXT_BYTES,
    SHARE_BYTES,
    PROOF_B_BYTES + GCM_TAG_BYTES,
  );
  if (parts === null) return null;
  const [tag, nonce, kemKey, ciphertext, share, box] = parts;
  return { step: 'answer', tag, nonce, kemKey, ciphertext, share, box };
}

/** What signature and mac of a proof cover: everything in the box before them. */
export function claimsOf({ publicKey, share }: Pick<Proof, 'publicKey' | 'share'>): Bytes {
  return concat(publicKey, share, EXT);
}

export function encodeProof(proof: Proof): Bytes {
  return concat(claimsOf(proof), proof.signature, proof.mac);
}

/** `null` unless it is whole and says nothing that this version does not know. */
export function readProof(role: 'A' | 'B', content: Bytes): Proof | null {
  const parts = split(
    content,
    PUBLIC_KEY_BYTES,
    role === 'A' ? SHARE_BYTES : 0,
    EXT.length,
    SIGNATURE_BYTES,
    MAC_BYTES,
  );
  if (parts === null) return null;
  const [publicKey, share, ext, signature, mac] = parts;
  return equal(ext, EXT) ? { publicKey, share, signature, mac } : null;
}

/** What names an offer: the head of the hash of its bytes. */
export async function tagOf(primitives: Primitives, offer: Bytes): Promise<Bytes> {
  return (await primitives.sha256(offer)).slice(0, TAG_BYTES);
}

/** Who wins when both offer: the lower one. Hashed, so that no bit of a nonce helps to choose. */
export function glareOrder(primitives: Primitives, nonce: Bytes): Promise<Bytes> {
  return primitives.sha256(nonce);
}

/** Holds the caller to its share of the short code, and to its key, before it knows the other's. */
export function commitmentTo(
  primitives: Primitives,
  { share, publicKey }: Pick<Proof, 'share' | 'publicKey'>,
  { nonce, kemKey }: Pick<OfferParts, 'nonce' | 'kemKey'>,
): Promise<Bytes> {
  return primitives.sha256(lengthPrefixed(utf8('dhsc/1 sas'), share, publicKey, nonce, kemKey));
}

/** Where and between whom a handshake takes place: the first thing under every hash. */
export function prologue(deployment: string, caller: UserId, answerer: UserId): Bytes {
  return lengthPrefixed(
    utf8(NAME),
    Uint8Array.of(VERSION),
    utf8(deployment),
    utf8(SUITE),
    utf8('A'),
    userIdBytes(caller),
    utf8('B'),
    userIdBytes(answerer),
    utf8(PSK_MODE),
  );
}

/** th2: everything before the second message's box. */
export function transcript2(
  primitives: Primitives,
  prologueBytes: Bytes,
  offer: Omit<OfferParts, 'step'>,
  answer: Pick<AnswerParts, 'nonce' | 'kemKey' | 'ciphertext' | 'share'>,
): Promise<Bytes> {
  const { nonce, kemKey, ciphertext, share } = answer;
  return primitives.sha256(
    lengthPrefixed(
      prologueBytes,
      offer.nonce,
      offer.kemKey,
      offer.commitment,
      nonce,
      kemKey,
      ciphertext,
      share,
    ),
  );
}

/** th3 and th4: what the last box held, and what came in the clear after it. */
export function extended(primitives: Primitives, ...parts: readonly Bytes[]): Promise<Bytes> {
  return primitives.sha256(lengthPrefixed(...parts));
}

/** Cuts into pieces of these lengths; `null` if any byte is missing or left over. */
function split<Lengths extends number[]>(
  bytes: Bytes,
  ...lengths: Lengths
): { [Piece in keyof Lengths]: Bytes } | null {
  if (bytes.length !== lengths.reduce((sum, length) => sum + length, 0)) return null;
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return bytes.slice(at - length, at);
  }) as { [Piece in keyof Lengths]: Bytes };
}
