/**
 * How two browsers agree on a channel and prove who they are: SIGMA with encrypted identities.
 *
 *     M1  A → B   nA, eA
 *     M2  B → A   nB, eB, box2{ IK_B, signature, mac }
 *     M3  A → B   box3{ IK_A, signature, mac }
 *     M4  B → A   box4{ finished }
 *
 * `A` calls, `B` answers; e are X25519 ephemerals, IK Ed25519 identity keys. Each signature covers
 * the transcript: name, version, suite, deployment, roles, user ids, nonces, ephemerals, and the
 * identity keys shown so far. Each mac proves that the signer holds the shared secret, so a
 * signature cannot be moved into another session (H. Krawczyk, "SIGMA: the 'SIGn-and-MAc' approach
 * to authenticated Diffie-Hellman and its use in the IKE protocols", CRYPTO 2003).
 *
 * The types carry the order: an `Offer` becomes a `Confirmation` becomes a `Channel`, an `Answer`
 * becomes a `Channel`, each once. There is no other way to a channel. A has key confirmation before
 * it gets one by M4, B by M3. Failures throw `Refused`; nothing about them is told to the peer.
 */
import { type Bytes, equal, lengthPrefixed, utf8 } from '../bytes.ts';
import type { Random, StoredIdentity } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';
import { Channel } from './channel.ts';
import { sign, verify } from './identity.ts';
import { ephemeralBytes, KeySchedule, makeEphemeral } from './key-schedule.ts';
import {
  encodeAnswer,
  encodeConfirmation,
  encodeFinish,
  encodeOffer,
  encodeProof,
  extended,
  glareOrder,
  NONCE_BYTES,
  type OfferParts,
  type Proof,
  prologue,
  readMessage,
  readProof,
  tagOf,
  transcript2,
} from './messages.ts';

/** Between whom. The peer's key is the one to be proven: it was looked up and judged before. */
export type Parties = {
  readonly deployment: string;
  readonly self: { readonly id: UserId; readonly identity: StoredIdentity };
  readonly peer: { readonly id: UserId; readonly publicKey: Bytes };
};

type Reason =
  | 'malformed'
  | 'stale'
  | 'spent'
  | 'zeroPoint'
  | 'box'
  | 'identity'
  | 'signature'
  | 'mac';

/** A handshake that ends here. The reason is for tests and counters, never for the peer. */
export class Refused extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`handshake refused: ${reason}`);
    this.reason = reason;
  }
}

/** A's first step: M1 is out. */
export class Offer {
  /** M1. */
  readonly message: Bytes;
  /** Names this handshake in the messages after M1. */
  readonly tag: Bytes;
  /** When both offer, the lower order wins. */
  readonly order: Bytes;
  readonly #parties: Parties;
  readonly #ephemeral: CryptoKeyPair;
  readonly #parts: Omit<OfferParts, 'step'>;
  readonly #once = new Once();

  private constructor(
    parties: Parties,
    ephemeral: CryptoKeyPair,
    parts: Omit<OfferParts, 'step'>,
    names: { message: Bytes; tag: Bytes; order: Bytes },
  ) {
    this.#parties = parties;
    this.#ephemeral = ephemeral;
    this.#parts = parts;
    this.message = names.message;
    this.tag = names.tag;
    this.order = names.order;
  }

  static async make(parties: Parties, random: Random): Promise<Offer> {
    const pair = await makeEphemeral();
    const nonce = random.bytes(NONCE_BYTES);
    const ephemeral = await ephemeralBytes(pair);
    const message = encodeOffer(nonce, ephemeral);
    const [tag, order] = await Promise.all([tagOf(message), glareOrder(nonce)]);
    return new Offer(parties, pair, { nonce, ephemeral }, { message, tag, order });
  }

  /** Takes M2, checks who answered, and makes M3. */
  async accept(answerBytes: Bytes): Promise<Confirmation> {
    const answer = readMessage(answerBytes);
    if (answer?.step !== 'answer') throw new Refused('malformed');
    checkTag(answer, this.tag);
    this.#once.spend();
    const { self, peer, deployment } = this.#parties;
    const keys = await agreed(this.#ephemeral, answer.ephemeral);
    const th2 = await transcript2(prologue(deployment, self.id, peer.id), this.#parts, answer);
    const content2 = await openBox(await keys.openingKey('box 2', th2), th2, answer.box);
    const proofB = proofOf(content2, peer.publicKey);
    await checkAnswerer(keys, th2, proofB);
    const th3 = await extended(th2, content2);
    const proofA = await proveCaller(keys, th3, self.identity, peer.publicKey);
    const content3 = encodeProof(proofA);
    const box = await sealBox(await keys.sealingKey('box 3', th3), th3, content3);
    const th4 = await extended(th3, content3);
    return new Confirmation(encodeConfirmation(this.tag, box), this.tag, keys, th4);
  }
}

/** A's second step: B has proven itself, M3 is out. */
export class Confirmation {
  /** M3. */
  readonly message: Bytes;
  /** Names this handshake. */
  readonly tag: Bytes;
  readonly #keys: KeySchedule;
  readonly #th4: Bytes;
  readonly #once = new Once();

  constructor(message: Bytes, tag: Bytes, keys: KeySchedule, th4: Bytes) {
    this.message = message;
    this.tag = tag;
    this.#keys = keys;
    this.#th4 = th4;
  }

  /** Takes M4: B has the same keys and has seen A's proof. */
  async finish(finishBytes: Bytes): Promise<Channel> {
    const finish = readMessage(finishBytes);
    if (finish?.step !== 'finish') throw new Refused('malformed');
    checkTag(finish, this.tag);
    this.#once.spend();
    const key = await this.#keys.openingKey('box 4', this.#th4);
    const mac = await openBox(key, this.#th4, finish.box);
    const message = finished(this.#th4);
    if (!(await this.#keys.macHolds('finished', this.#th4, message, mac))) {
      throw new Refused('mac');
    }
    return Channel.derive(this.#keys, this.#th4, 'A');
  }
}

/** B's step: M2 is out. */
export class Answer {
  /** M2. */
  readonly message: Bytes;
  /** Names this handshake. */
  readonly tag: Bytes;
  readonly #parties: Parties;
  readonly #keys: KeySchedule;
  readonly #th3: Bytes;
  readonly #once = new Once();

  private constructor(
    parties: Parties,
    keys: KeySchedule,
    names: { message: Bytes; tag: Bytes; th3: Bytes },
  ) {
    this.#parties = parties;
    this.#keys = keys;
    this.message = names.message;
    this.tag = names.tag;
    this.#th3 = names.th3;
  }

  /** Takes M1 and makes M2. */
  static async to(offerBytes: Bytes, parties: Parties, random: Random): Promise<Answer> {
    const offer = readMessage(offerBytes);
    if (offer?.step !== 'offer') throw new Refused('malformed');
    const { self, peer, deployment } = parties;
    const pair = await makeEphemeral();
    const own = { nonce: random.bytes(NONCE_BYTES), ephemeral: await ephemeralBytes(pair) };
    const keys = await agreed(pair, offer.ephemeral);
    const th2 = await transcript2(prologue(deployment, peer.id, self.id), offer, own);
    const content2 = encodeProof(await proveAnswerer(keys, th2, self.identity));
    const box = await sealBox(await keys.sealingKey('box 2', th2), th2, content2);
    const th3 = await extended(th2, content2);
    const tag = await tagOf(offerBytes);
    const message = encodeAnswer(tag, own.nonce, own.ephemeral, box);
    return new Answer(parties, keys, { message, tag, th3 });
  }

  /** Takes M3, checks who called, and makes the channel and M4. */
  async confirm(confirmationBytes: Bytes): Promise<{ channel: Channel; message: Bytes }> {
    const confirmation = readMessage(confirmationBytes);
    if (confirmation?.step !== 'confirmation') throw new Refused('malformed');
    checkTag(confirmation, this.tag);
    this.#once.spend();
    const { self, peer } = this.#parties;
    const keys = this.#keys;
    const content3 = await openBox(
      await keys.openingKey('box 3', this.#th3),
      this.#th3,
      confirmation.box,
    );
    const proofA = proofOf(content3, peer.publicKey);
    await checkCaller(keys, this.#th3, proofA, self.identity.publicKey);
    const th4 = await extended(this.#th3, content3);
    const mac = await keys.mac('finished', th4, finished(th4));
    const box4 = await sealBox(await keys.sealingKey('box 4', th4), th4, mac);
    const channel = await Channel.derive(keys, th4, 'B');
    return { channel, message: encodeFinish(this.tag, box4) };
  }
}

/** A step that may happen once: keys and nonces of it are never used for a second try. */
class Once {
  #spent = false;

  spend(): void {
    if (this.#spent) throw new Refused('spent');
    this.#spent = true;
  }
}

/** Every message but the first belongs to an offer. Others leave the step as it is. */
function checkTag(message: { readonly tag: Bytes }, tag: Bytes): void {
  if (!equal(message.tag, tag)) throw new Refused('stale');
}

async function agreed(own: CryptoKeyPair, theirs: Bytes): Promise<KeySchedule> {
  const keys = await KeySchedule.agree(own, theirs);
  if (keys === null) throw new Refused('zeroPoint');
  return keys;
}

/** Signature and mac of B cover everything before M2's box and B's key. */
async function proveAnswerer(
  keys: KeySchedule,
  th2: Bytes,
  identity: StoredIdentity,
): Promise<Proof> {
  const { publicKey } = identity;
  const signature = await sign(identity, signed('B', th2, publicKey));
  const mac = await keys.mac('mac B', th2, lengthPrefixed(utf8('B'), th2, publicKey, signature));
  return { publicKey, signature, mac };
}

async function checkAnswerer(keys: KeySchedule, th2: Bytes, proof: Proof): Promise<void> {
  const { publicKey, signature, mac } = proof;
  if (!(await verify(publicKey, signed('B', th2, publicKey), signature))) {
    throw new Refused('signature');
  }
  const covered = lengthPrefixed(utf8('B'), th2, publicKey, signature);
  if (!(await keys.macHolds('mac B', th2, covered, mac))) throw new Refused('mac');
}

/** Signature and mac of A cover everything before M3's box and both keys. */
async function proveCaller(
  keys: KeySchedule,
  th3: Bytes,
  identity: StoredIdentity,
  answerer: Bytes,
): Promise<Proof> {
  const { publicKey } = identity;
  const signature = await sign(identity, signed('A', th3, publicKey, answerer));
  const covered = lengthPrefixed(utf8('A'), th3, publicKey, answerer, signature);
  return { publicKey, signature, mac: await keys.mac('mac A', th3, covered) };
}

async function checkCaller(
  keys: KeySchedule,
  th3: Bytes,
  proof: Proof,
  answerer: Bytes,
): Promise<void> {
  const { publicKey, signature, mac } = proof;
  if (!(await verify(publicKey, signed('A', th3, publicKey, answerer), signature))) {
    throw new Refused('signature');
  }
  const covered = lengthPrefixed(utf8('A'), th3, publicKey, answerer, signature);
  if (!(await keys.macHolds('mac A', th3, covered, mac))) throw new Refused('mac');
}

/** What is signed: a context of its own, so that no other signature of the key can stand here. */
function signed(role: 'A' | 'B', transcript: Bytes, ...publicKeys: readonly Bytes[]): Bytes {
  return lengthPrefixed(utf8('dhsc/1 signature'), utf8(role), transcript, ...publicKeys);
}

function finished(th4: Bytes): Bytes {
  return lengthPrefixed(utf8('dhsc/1 finished'), utf8('B'), th4);
}

/** The proof in a box, if it is that of the expected person. */
function proofOf(content: Bytes, publicKey: Bytes): Proof {
  const proof = readProof(content);
  if (proof === null) throw new Refused('malformed');
  if (!equal(proof.publicKey, publicKey)) throw new Refused('identity');
  return proof;
}

/** Every box has a key of its own, so one fixed nonce is used once. */
const BOX_NONCE = new Uint8Array(12);

async function sealBox(key: CryptoKey, transcript: Bytes, content: Bytes): Promise<Bytes> {
  const gcm = { name: 'AES-GCM', iv: BOX_NONCE, additionalData: transcript };
  return new Uint8Array(await crypto.subtle.encrypt(gcm, key, content));
}

async function openBox(key: CryptoKey, transcript: Bytes, box: Bytes): Promise<Bytes> {
  const gcm = { name: 'AES-GCM', iv: BOX_NONCE, additionalData: transcript };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(gcm, key, box));
  } catch {
    throw new Refused('box');
  }
}
