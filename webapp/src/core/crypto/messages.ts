/**
 * The four messages of a handshake as bytes, and the hashes over them.
 *
 * Layouts are fixed, so a message has one reading or none. Each begins with its number; all but
 * the first carry the tag of the offer they belong to, so that a straggler of another handshake is
 * told from a forgery.
 */
import { type Bytes, concat, lengthPrefixed, utf8 } from '../bytes.ts';
import { type UserId, userIdBytes } from '../wire/ids.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './identity.ts';
import { EPHEMERAL_BYTES, MAC_BYTES } from './key-schedule.ts';

const NAME = 'dhsc';
const VERSION = 1;
const SUITE = 'X25519 Ed25519 HKDF-SHA-256 HMAC-SHA-256 AES-256-GCM';

export const NONCE_BYTES = 32;
const TAG_BYTES = 16;
const GCM_TAG_BYTES = 16;
const PROOF_BYTES = PUBLIC_KEY_BYTES + SIGNATURE_BYTES + MAC_BYTES;

/** Numbers of the messages: their first byte. */
const STEP = { offer: 1, answer: 2, confirmation: 3, finish: 4 } as const;
type Step = (typeof STEP)[keyof typeof STEP];

export type OfferParts = {
  readonly step: 'offer';
  readonly nonce: Bytes;
  readonly ephemeral: Bytes;
};
type AnswerParts = {
  readonly step: 'answer';
  readonly tag: Bytes;
  readonly nonce: Bytes;
  readonly ephemeral: Bytes;
  readonly box: Bytes;
};
type ConfirmationParts = {
  readonly step: 'confirmation';
  readonly tag: Bytes;
  readonly box: Bytes;
};
type FinishParts = { readonly step: 'finish'; readonly tag: Bytes; readonly box: Bytes };
export type Message = OfferParts | AnswerParts | ConfirmationParts | FinishParts;

/** What a box of the second and third message holds: who it is, and the proofs. */
export type Proof = {
  readonly publicKey: Bytes;
  readonly signature: Bytes;
  readonly mac: Bytes;
};

export function encodeOffer(nonce: Bytes, ephemeral: Bytes): Bytes {
  return concat(Uint8Array.of(STEP.offer, VERSION), nonce, ephemeral);
}

export function encodeAnswer(tag: Bytes, nonce: Bytes, ephemeral: Bytes, box: Bytes): Bytes {
  return concat(Uint8Array.of(STEP.answer), tag, nonce, ephemeral, box);
}

export function encodeConfirmation(tag: Bytes, box: Bytes): Bytes {
  return concat(Uint8Array.of(STEP.confirmation), tag, box);
}

export function encodeFinish(tag: Bytes, box: Bytes): Bytes {
  return concat(Uint8Array.of(STEP.finish), tag, box);
}

/** `null` for anything but one of the four, whole and in this version. */
export function readMessage(bytes: Bytes): Message | null {
  switch (bytes[0] as Step | undefined) {
    case STEP.offer: {
      const parts = split(bytes.slice(2), NONCE_BYTES, EPHEMERAL_BYTES);
      if (parts === null || bytes[1] !== VERSION) return null;
      const [nonce, ephemeral] = parts;
      return { step: 'offer', nonce, ephemeral };
    }
    case STEP.answer: {
      const box = PROOF_BYTES + GCM_TAG_BYTES;
      const parts = split(bytes.slice(1), TAG_BYTES, NONCE_BYTES, EPHEMERAL_BYTES, box);
      return parts && { step: 'answer', ...named(parts) };
    }
    case STEP.confirmation: {
      const parts = split(bytes.slice(1), TAG_BYTES, PROOF_BYTES + GCM_TAG_BYTES);
      return parts && { step: 'confirmation', tag: parts[0], box: parts[1] };
    }
    case STEP.finish: {
      const parts = split(bytes.slice(1), TAG_BYTES, MAC_BYTES + GCM_TAG_BYTES);
      return parts && { step: 'finish', tag: parts[0], box: parts[1] };
    }
    default:
      return null;
  }
}

export function encodeProof({ publicKey, signature, mac }: Proof): Bytes {
  return concat(publicKey, signature, mac);
}

/** `null` unless the length is exactly that of a proof. */
export function readProof(content: Bytes): Proof | null {
  const parts = split(content, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, MAC_BYTES);
  return parts && { publicKey: parts[0], signature: parts[1], mac: parts[2] };
}

/** What names an offer: the head of the hash of its bytes. */
export async function tagOf(offer: Bytes): Promise<Bytes> {
  return (await sha256(offer)).slice(0, TAG_BYTES);
}

/** Who wins when both offer: the lower one. Hashed, so that no bit of a nonce helps to choose. */
export async function glareOrder(nonce: Bytes): Promise<Bytes> {
  return sha256(nonce);
}

/** Where and between whom a handshake takes place: the first thing under every hash. */
export function prologue(deployment: string, caller: UserId, answerer: UserId): Bytes {
  return lengthPrefixed(
    utf8(NAME),
    Uint8Array.of(VERSION),
    utf8(SUITE),
    utf8(deployment),
    utf8('A'),
    userIdBytes(caller),
    utf8('B'),
    userIdBytes(answerer),
  );
}

/** The hash after the first two messages, before the second one's box. */
export function transcript2(
  prologueBytes: Bytes,
  offer: Pick<OfferParts, 'nonce' | 'ephemeral'>,
  answer: Pick<AnswerParts, 'nonce' | 'ephemeral'>,
): Promise<Bytes> {
  const { nonce: nA, ephemeral: eA } = offer;
  const { nonce: nB, ephemeral: eB } = answer;
  return sha256(lengthPrefixed(prologueBytes, nA, eA, nB, eB));
}

/** The hash after one more box was opened or sealed. */
export function extended(transcript: Bytes, boxContent: Bytes): Promise<Bytes> {
  return sha256(lengthPrefixed(transcript, boxContent));
}

async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function named([tag, nonce, ephemeral, box]: [Bytes, Bytes, Bytes, Bytes]) {
  return { tag, nonce, ephemeral, box };
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
