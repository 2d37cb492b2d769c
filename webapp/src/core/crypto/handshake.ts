/**
 * How two browsers agree on a channel and prove who they are: SIGMA with encrypted identities over
 * two hybrid key encapsulations.
 *
 *     M1  A → B   nA, pkA, com
 *     M2  B → A   nB, pkB, ctA, sB, box2{ IK_B, ext, signature, mac }
 *     M3  A → B   ctB, box3{ IK_A, sA, ext, signature, mac }
 *     M4  B → A   box4{ finished }
 *
 * `A` calls, `B` answers; pk are X-Wing keys, ct encapsulations to the other's, IK Ed25519 identity
 * keys, s the shares of the short code: `com` holds A to its share and its identity key before it
 * has seen B's. Hashes and layouts are in `messages.ts`, keys in `key-schedule.ts`, signatures and
 * macs in `proofs.ts`; the rules are HS of `core/SPEC.md`.
 *
 * The types carry the order: an `Offer` becomes a `Confirmation` becomes a `Channel`, an `Answer`
 * becomes a `Channel`, each once. There is no other way to a channel. A has key confirmation before
 * it gets one by M4, B by M3. Failures throw `Refused`; nothing about them is told to the peer.
 */
import { type Bytes, equal } from '../bytes.ts';
import type { Random } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';
import { Channel } from './channel.ts';
import type { Signer } from './identity.ts';
import { derive, earlySecret, masterSecret, nextSecret } from './key-schedule.ts';
import {
  type AnswerParts,
  commitmentTo,
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
  SHARE_BYTES,
  tagOf,
  transcript2,
} from './messages.ts';
import { faultOf, finishedMac, prove } from './proofs.ts';
import { sameSecret, scoped, wipe } from './secrets.ts';
import { shortCode } from './short-code.ts';
import type { Primitives } from './suite/primitives.ts';
import {
  decapsulate,
  encapsulate,
  KEM_ENTROPY_BYTES,
  KEM_SEED_BYTES,
  kemPublicKeyOf,
} from './suite/x-wing.ts';

/** Between whom. The peer's key is the one to be proven: it was looked up and judged before. */
export type Parties = {
  readonly deployment: string;
  readonly primitives: Primitives;
  readonly self: { readonly id: UserId; readonly signer: Signer };
  readonly peer: { readonly id: UserId; readonly publicKey: Bytes };
};

type Reason =
  | 'malformed'
  | 'stale'
  | 'spent'
  | 'key'
  | 'box'
  | 'commitment'
  | 'identity'
  | 'signature'
  | 'mac';

/** A handshake that ends here. The reason is for tests and counters, never for the peer. */
export class Refused extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super('handshake refused');
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
  readonly #random: Random;
  readonly #parts: Omit<OfferParts, 'step'>;
  readonly #secrets: { readonly seed: Bytes; readonly share: Bytes };
  readonly #once = new Once();

  private constructor(
    made: { parties: Parties; random: Random; parts: Omit<OfferParts, 'step'> },
    secrets: { seed: Bytes; share: Bytes },
    names: { message: Bytes; tag: Bytes; order: Bytes },
  ) {
    this.#parties = made.parties;
    this.#random = made.random;
    this.#parts = made.parts;
    this.#secrets = secrets;
    this.message = names.message;
    this.tag = names.tag;
    this.order = names.order;
  }

  static async make(parties: Parties, random: Random): Promise<Offer> {
    const { primitives, self } = parties;
    const nonce = random.bytes(NONCE_BYTES);
    const seed = random.bytes(KEM_SEED_BYTES);
    const share = random.bytes(SHARE_BYTES);
    const kemKey = await kemPublicKeyOf(primitives, seed);
    const opening = { share, publicKey: self.signer.publicKey };
    const commitment = await commitmentTo(primitives, opening, { nonce, kemKey });
    const parts = { nonce, kemKey, commitment };
    const message = encodeOffer(parts);
    const tag = await tagOf(primitives, message);
    const order = await glareOrder(primitives, nonce);
    return new Offer({ parties, random, parts }, { seed, share }, { message, tag, order });
  }

  /** Takes M2, checks who answered, and makes M3. */
  async accept(answerBytes: Bytes): Promise<Confirmation> {
    const answer = readMessage(answerBytes);
    if (answer?.step !== 'answer') throw new Refused('malformed');
    checkTag(answer, this.tag);
    this.#once.spend();
    return scoped(async (own) => {
      const { seed, share } = this.#secrets;
      own(seed);
      own(share);
      const { primitives, deployment, self, peer } = this.#parties;
      const th2 = await transcript2(
        primitives,
        prologue(deployment, self.id, peer.id),
        this.#parts,
        answer,
      );
      const secretA = own(accepted(await decapsulate(primitives, seed, answer.ciphertext)));
      const hs1 = own(await firstSecret(primitives, th2, secretA));
      const content2 = await openBox(primitives, hs1, 2, th2, answer.box);
      const ground2 = { primitives, role: 'B', secret: hs1, transcript: th2 } as const;
      await checkProof({ ...ground2, peerKey: null }, content2, peer.publicKey);
      return this.#confirm(answer, { th2, hs1, content2 });
    });
  }

  async #confirm(
    answer: AnswerParts,
    { th2, hs1, content2 }: { th2: Bytes; hs1: Bytes; content2: Bytes },
  ): Promise<Confirmation> {
    return scoped(async (own) => {
      const { primitives, self, peer } = this.#parties;
      const entropy = own(this.#random.bytes(KEM_ENTROPY_BYTES));
      const toB = accepted(await encapsulate(primitives, answer.kemKey, entropy));
      const th3 = await extended(primitives, th2, content2, toB.ciphertext);
      const hs2 = own(await nextSecret(primitives, hs1, th3, own(toB.secret)));
      const ground = { primitives, role: 'A', secret: hs2, transcript: th3 } as const;
      const proof = await prove(
        { ...ground, peerKey: peer.publicKey },
        self.signer,
        this.#secrets.share,
      );
      const content3 = encodeProof(proof);
      const box = await sealBox(primitives, hs2, 3, th3, content3);
      const th4 = await extended(primitives, th3, content3);
      const master = await masterSecret(primitives, hs2, th4);
      const code = await shortCode(
        primitives,
        { a: this.#secrets.share, b: answer.share, th2 },
        { id: self.id, publicKey: self.signer.publicKey },
        peer,
      );
      return new Confirmation(encodeConfirmation(this.tag, toB.ciphertext, box), this.tag, {
        parties: this.#parties,
        random: this.#random,
        master,
        th4,
        code,
        peerKemKey: answer.kemKey,
      });
    });
  }
}

/** What a confirmed caller needs to open its channel. */
type Ready = {
  readonly parties: Parties;
  readonly random: Random;
  readonly master: Bytes;
  readonly th4: Bytes;
  readonly code: readonly number[];
  readonly peerKemKey: Bytes;
};

/** A's second step: B has proven itself, M3 is out. */
export class Confirmation {
  /** M3. */
  readonly message: Bytes;
  /** Names this handshake. */
  readonly tag: Bytes;
  readonly #ready: Ready;
  readonly #once = new Once();

  constructor(message: Bytes, tag: Bytes, ready: Ready) {
    this.message = message;
    this.tag = tag;
    this.#ready = ready;
  }

  /** Takes M4: B has the same keys and has seen A's proof. */
  async finish(finishBytes: Bytes): Promise<Channel> {
    const finish = readMessage(finishBytes);
    if (finish?.step !== 'finish') throw new Refused('malformed');
    checkTag(finish, this.tag);
    this.#once.spend();
    const { parties, random, master, th4, code, peerKemKey } = this.#ready;
    const { primitives } = parties;
    return scoped(async (own) => {
      own(master);
      const mac = await openBox(primitives, master, 4, th4, finish.box);
      if (!sameSecret(await finishedMac(primitives, master, th4), mac)) throw new Refused('mac');
      const part = { is: 'turns', peerKey: peerKemKey } as const;
      return Channel.derive({ ...parties, random, role: 'A', code }, { master, th4, part });
    });
  }
}

/** What an answerer waits for M3 with. */
type Waiting = {
  readonly offer: OfferParts;
  readonly seed: Bytes;
  readonly share: Bytes;
  readonly hs1: Bytes;
  readonly th2: Bytes;
  readonly content2: Bytes;
};

/** B's step: M2 is out. */
export class Answer {
  /** M2. */
  readonly message: Bytes;
  /** Names this handshake. */
  readonly tag: Bytes;
  readonly #parties: Parties;
  readonly #random: Random;
  readonly #waiting: Waiting;
  readonly #once = new Once();

  private constructor(
    made: { parties: Parties; random: Random; waiting: Waiting },
    names: { message: Bytes; tag: Bytes },
  ) {
    this.#parties = made.parties;
    this.#random = made.random;
    this.#waiting = made.waiting;
    this.message = names.message;
    this.tag = names.tag;
  }

  /** Takes M1 and makes M2. */
  static async to(offerBytes: Bytes, parties: Parties, random: Random): Promise<Answer> {
    const offer = readMessage(offerBytes);
    if (offer?.step !== 'offer') throw new Refused('malformed');
    const { primitives, deployment, self, peer } = parties;
    const nonce = random.bytes(NONCE_BYTES);
    const seed = random.bytes(KEM_SEED_BYTES);
    return scoped(async (own) => {
      const entropy = own(random.bytes(KEM_ENTROPY_BYTES));
      const share = random.bytes(SHARE_BYTES);
      const kemKey = await kemPublicKeyOf(primitives, seed);
      const toA = accepted(await encapsulate(primitives, offer.kemKey, entropy));
      const said = { nonce, kemKey, ciphertext: toA.ciphertext, share };
      const start = prologue(deployment, peer.id, self.id);
      const th2 = await transcript2(primitives, start, offer, said);
      const hs1 = await firstSecret(primitives, th2, own(toA.secret));
      const ground = {
        primitives,
        role: 'B',
        secret: hs1,
        transcript: th2,
        peerKey: null,
      } as const;
      const content2 = encodeProof(await prove(ground, self.signer, new Uint8Array()));
      const box = await sealBox(primitives, hs1, 2, th2, content2);
      const tag = await tagOf(primitives, offerBytes);
      const waiting = { offer, seed, share, hs1, th2, content2 };
      const message = encodeAnswer({ tag, ...said, box });
      return new Answer({ parties, random, waiting }, { message, tag });
    });
  }

  /** Takes M3, checks who called, and makes the channel and M4. */
  async confirm(confirmationBytes: Bytes): Promise<{ channel: Channel; message: Bytes }> {
    const confirmation = readMessage(confirmationBytes);
    if (confirmation?.step !== 'confirmation') throw new Refused('malformed');
    checkTag(confirmation, this.tag);
    this.#once.spend();
    const { seed, hs1, th2, content2 } = this.#waiting;
    const { primitives } = this.#parties;
    return scoped(async (own) => {
      own(hs1);
      const secretB = accepted(await decapsulate(primitives, seed, confirmation.ciphertext));
      const th3 = await extended(primitives, th2, content2, confirmation.ciphertext);
      const hs2 = own(await nextSecret(primitives, hs1, th3, own(secretB)));
      const content3 = await openBox(primitives, hs2, 3, th3, confirmation.box);
      const proof = await this.#checkCaller(hs2, th3, content3);
      const th4 = await extended(primitives, th3, content3);
      const master = own(await masterSecret(primitives, hs2, th4));
      const mac = await finishedMac(primitives, master, th4);
      const box4 = await sealBox(primitives, master, 4, th4, mac);
      const channel = await this.#open(proof, master, th4);
      return { channel, message: encodeFinish(this.tag, box4) };
    }).catch((error: unknown) => {
      wipe(seed);
      throw error;
    });
  }

  /** The commitment comes first: without it, the short code would promise nothing. */
  async #checkCaller(hs2: Bytes, th3: Bytes, content3: Bytes): Promise<Proof> {
    const { primitives, self, peer } = this.#parties;
    const { offer } = this.#waiting;
    const opened = readProof('A', content3);
    if (opened === null) throw new Refused('malformed');
    const commitment = await commitmentTo(primitives, opened, offer);
    if (!equal(commitment, offer.commitment)) throw new Refused('commitment');
    const ground = { primitives, role: 'A', secret: hs2, transcript: th3 } as const;
    return checkProof({ ...ground, peerKey: self.signer.publicKey }, content3, peer.publicKey);
  }

  async #open(caller: Proof, master: Bytes, th4: Bytes): Promise<Channel> {
    const { primitives, self, peer } = this.#parties;
    const { seed, share, th2 } = this.#waiting;
    const code = await shortCode(
      primitives,
      { a: caller.share, b: share, th2 },
      { id: peer.id, publicKey: caller.publicKey },
      { id: self.id, publicKey: self.signer.publicKey },
    );
    // The key of the handshake is the first that the caller turns with.
    const part = { is: 'waits', seed } as const;
    const about = { ...this.#parties, random: this.#random, role: 'B', code } as const;
    return Channel.derive(about, { master, th4, part });
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

/** Malformed keys and zero secrets are refused. */
function accepted<T>(result: T | null): T {
  if (result === null) throw new Refused('key');
  return result;
}

function firstSecret(primitives: Primitives, th2: Bytes, secretA: Bytes): Promise<Bytes> {
  return scoped(async (own) =>
    nextSecret(primitives, own(await earlySecret(primitives)), th2, secretA),
  );
}

/** The proof in a box, if it is that of the expected person. */
async function checkProof(
  ground: Parameters<typeof faultOf>[0],
  content: Bytes,
  publicKey: Bytes,
): Promise<Proof> {
  const proof = readProof(ground.role, content);
  if (proof === null) throw new Refused('malformed');
  if (!equal(proof.publicKey, publicKey)) throw new Refused('identity');
  const fault = await faultOf(ground, proof);
  if (fault !== null) throw new Refused(fault);
  return proof;
}

/** Every box has a key of its own, so one fixed nonce is used once. */
const BOX_NONCE = new Uint8Array(12);

type Box = 2 | 3 | 4;

async function sealBox(
  primitives: Primitives,
  secret: Bytes,
  box: Box,
  transcript: Bytes,
  content: Bytes,
): Promise<Bytes> {
  const key = await derive(primitives, secret, `box ${box}`, transcript);
  const aead = await primitives.aead(key);
  wipe(key);
  return aead.seal(BOX_NONCE, transcript, content);
}

async function openBox(
  primitives: Primitives,
  secret: Bytes,
  box: Box,
  transcript: Bytes,
  sealed: Bytes,
): Promise<Bytes> {
  const key = await derive(primitives, secret, `box ${box}`, transcript);
  const aead = await primitives.aead(key);
  wipe(key);
  const content = await aead.open(BOX_NONCE, transcript, sealed);
  if (content === null) throw new Refused('box');
  return content;
}
