/**
 * A second implementation of handshake and channel, after the words of `docs/vectors/README.md` and
 * with @noble/* only: nothing of `core/` may be imported here. It sees both sides at once, knows all
 * their chance, and computes every value from the start each time, so it shares no shape with ours.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { ml_kem768_x25519 as XWing } from '@noble/post-quantum/hybrid.js';

type Bytes = Uint8Array;
export type Side = 'A' | 'B';

/** Everything that is chosen, by name, in hexadecimal digits; ids are UUIDs without hyphens. */
export type Inputs = {
  readonly deployment: string;
  readonly userA: string;
  readonly userB: string;
  readonly identitySeedA: string;
  readonly identitySeedB: string;
  readonly nA: string;
  readonly kemSeedA: string;
  readonly sA: string;
  readonly nB: string;
  readonly kemSeedB: string;
  readonly entropyA: string;
  readonly sB: string;
  readonly entropyB: string;
};

export type RecordInput = {
  readonly from: Side;
  readonly lane: number;
  readonly label: string;
  readonly id: string;
  readonly content: string;
};

export type TurnInput = {
  readonly from: Side;
  readonly label: string;
  readonly id: string;
  readonly kemSeed: string;
  readonly entropy: string;
};

const text = utf8ToBytes;
const bytes = hexToBytes;
const zeros = (n: number): Bytes => new Uint8Array(n);

function be(value: number, width: number): Bytes {
  const out = new Uint8Array(width);
  for (let i = width - 1, rest = value; i >= 0; i -= 1) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return out;
}

function LP(...parts: Bytes[]): Bytes {
  return concatBytes(...parts.map((part) => concatBytes(be(part.length, 4), part)));
}

function derive(secret: Bytes, name: string, ...context: Bytes[]): Bytes {
  return expand(sha256, secret, LP(text(`dhsc/1 ${name}`), ...context), 32);
}

/** Both sides of a handshake at once: every value that the vectors name. */
export function handshake(given: Inputs) {
  const seedIA = bytes(given.identitySeedA);
  const seedIB = bytes(given.identitySeedB);
  const identityA = ed25519.getPublicKey(seedIA);
  const identityB = ed25519.getPublicKey(seedIB);
  const [nA, sA, nB, sB] = [given.nA, given.sA, given.nB, given.sB].map(bytes) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
  ];
  const [userA, userB] = [bytes(given.userA), bytes(given.userB)];

  const pkA = XWing.keygen(bytes(given.kemSeedA)).publicKey;
  const com = sha256(LP(text('dhsc/1 sas'), sA, identityA, nA, pkA));
  const m1 = concatBytes(Uint8Array.of(1, 1), nA, pkA, com);
  const tag = sha256(m1).slice(0, 16);
  const order = sha256(nA);

  const suite = text('X-Wing Ed25519 HKDF-SHA-256 HMAC-SHA-256 AES-256-GCM');
  const prologue = LP(
    text('dhsc'),
    Uint8Array.of(1),
    text(given.deployment),
    suite,
    text('A'),
    userA,
    text('B'),
    userB,
    text('none'),
  );
  const pkB = XWing.keygen(bytes(given.kemSeedB)).publicKey;
  const toA = XWing.encapsulate(pkA, bytes(given.entropyA));
  const [ctA, ssA] = [toA.cipherText, toA.sharedSecret];
  const th2 = sha256(LP(prologue, nA, pkA, com, nB, pkB, ctA, sB));
  const early = extract(sha256, zeros(32), zeros(32));
  const hs1 = extract(sha256, ssA, derive(early, 'next', th2));

  const claimsB = concatBytes(identityB, be(0, 4));
  const sigB = ed25519.sign(LP(text('dhsc/1 signature'), text('B'), th2, claimsB), seedIB);
  const macKeyB = derive(hs1, 'mac B', th2);
  const coveredB = LP(text('dhsc/1 mac'), text('B'), th2, zeros(0), claimsB, sigB);
  const content2 = concatBytes(claimsB, sigB, hmac(sha256, macKeyB, coveredB));
  const key2 = derive(hs1, 'box 2', th2);
  const box2 = gcm(key2, zeros(12), th2).encrypt(content2);
  const m2 = concatBytes(Uint8Array.of(2), tag, nB, pkB, ctA, sB, box2);

  const toB = XWing.encapsulate(pkB, bytes(given.entropyB));
  const [ctB, ssB] = [toB.cipherText, toB.sharedSecret];
  const th3 = sha256(LP(th2, content2, ctB));
  const hs2 = extract(sha256, ssB, derive(hs1, 'next', th3));
  const claimsA = concatBytes(identityA, sA, be(0, 4));
  const sigA = ed25519.sign(LP(text('dhsc/1 signature'), text('A'), th3, claimsA), seedIA);
  const macKeyA = derive(hs2, 'mac A', th3);
  const coveredA = LP(text('dhsc/1 mac'), text('A'), th3, identityB, claimsA, sigA);
  const content3 = concatBytes(claimsA, sigA, hmac(sha256, macKeyA, coveredA));
  const key3 = derive(hs2, 'box 3', th3);
  const box3 = gcm(key3, zeros(12), th3).encrypt(content3);
  const m3 = concatBytes(Uint8Array.of(3), tag, ctB, box3);

  const th4 = sha256(LP(th3, content3));
  const master = extract(sha256, zeros(32), derive(hs2, 'next', th4));
  const finishedKey = derive(master, 'finished', th4);
  const finished = hmac(sha256, finishedKey, LP(text('dhsc/1 finished'), text('B'), th4));
  const key4 = derive(master, 'box 4', th4);
  const m4 = concatBytes(Uint8Array.of(4), tag, gcm(key4, zeros(12), th4).encrypt(finished));

  const codeSecret = extract(sha256, concatBytes(sA, sB), th2);
  const codeBytes = derive(codeSecret, 'code', userA, identityA, userB, identityB);
  return {
    ...{ identityA, identityB, pkA, com, tag, order, prologue, pkB, ctA, ssA, th2, early, hs1 },
    ...{ macKeyB, key2, content2, ctB, ssB, th3, hs2, macKeyA, key3, content3, th4, master },
    ...{ finishedKey, finished, key4, codeSecret, codeBytes, m1, m2, m3, m4 },
    shortCode: sixBits(codeBytes),
    farewells: {
      A: farewells(master, th4, 'A'),
      B: farewells(master, th4, 'B'),
    },
  };
}

function sixBits(from: Bytes): number[] {
  let whole = 0n;
  for (const byte of from.slice(0, 6)) whole = whole * 256n + BigInt(byte);
  return [42n, 36n, 30n, 24n, 18n, 12n, 6n].map((shift) => Number((whole >> shift) & 63n));
}

function farewells(master: Bytes, th4: Bytes, side: Side) {
  const of = (kind: number, name: string): Bytes =>
    concatBytes(Uint8Array.of(kind), derive(master, name, th4, text(side)));
  return { left: of(2, 'left'), cutOff: of(3, 'cut off') };
}

type Epoch = { readonly secret: Bytes; readonly transcript: Bytes };

/** The channel after a handshake, seen from above. */
export class SecondChannel {
  readonly id: Bytes;
  readonly #given: Inputs;
  readonly #epochs: Epoch[];
  /** The newest KEM key of each side. */
  readonly #kem: { A: Bytes | null; B: Bytes | null };
  readonly #epoch = { A: 0, B: 0 };
  /** How many records each side sealed: of talk in all, and of either lane in its epoch. */
  readonly #talk = { A: 0, B: 0 };
  readonly #inEpoch = { A: [0, 0], B: [0, 0] };

  constructor(given: Inputs, { master, th4, pkB }: ReturnType<typeof handshake>) {
    this.#given = given;
    this.id = derive(master, 'channel id', th4);
    this.#epochs = [{ secret: master, transcript: th4 }];
    this.#kem = { A: null, B: pkB };
  }

  root(epoch: number): Bytes {
    const { secret, transcript } = this.#at(epoch);
    return derive(secret, 'root', transcript);
  }

  /** The first key of a chain. */
  chain(epoch: number, from: Side, lane: number): Bytes {
    const { secret, transcript } = this.#at(epoch);
    const direction = text(from === 'A' ? 'A to B' : 'B to A');
    return derive(secret, 'chain', transcript, direction, Uint8Array.of(lane));
  }

  record({ from, lane, label, id, content }: RecordInput) {
    return this.#sealed(from, lane, label, id, concatBytes(Uint8Array.of(0), bytes(content)));
  }

  turn({ from, label, id, kemSeed, entropy }: TurnInput) {
    const epoch = this.#epoch[from];
    const theirs = this.#kem[from === 'A' ? 'B' : 'A'];
    if (theirs === null) throw new Error(`${from} does not end epoch ${epoch}`);
    const pk = XWing.keygen(bytes(kemSeed)).publicKey;
    const { cipherText, sharedSecret } = XWing.encapsulate(theirs, bytes(entropy));
    const written = be(epoch, 4);
    const th = sha256(LP(text('dhsc/1 turn'), this.id, text(from), written, pk, cipherText));
    const root = this.root(epoch);
    const proof = derive(root, 'turn proof', th);
    const seed = bytes(from === 'A' ? this.#given.identitySeedA : this.#given.identitySeedB);
    const message = LP(text('dhsc/1 turn signature'), text(from), th, proof);
    const signature = ed25519.sign(message, seed);
    const content = concatBytes(Uint8Array.of(1), written, pk, cipherText, signature);
    const sealed = this.#sealed(from, 1, label, id, content);
    const step = extract(sha256, sharedSecret, root);
    this.#epochs.push({ secret: step, transcript: th });
    this.#kem[from] = pk;
    this.#kem[from === 'A' ? 'B' : 'A'] = null;
    this.#enter(from, epoch + 1);
    return {
      ...sealed,
      pk,
      ciphertext: cipherText,
      secret: sharedSecret,
      th,
      proof,
      signature,
      step,
    };
  }

  /** The other side opened the turn. */
  heardTurn(side: Side): void {
    this.#enter(side, this.#epoch[side] + 1);
  }

  #enter(side: Side, epoch: number): void {
    this.#epoch[side] = epoch;
    this.#inEpoch[side] = [0, 0];
  }

  #sealed(from: Side, lane: number, label: string, id: string, inside: Bytes) {
    const epoch = this.#epoch[from];
    const step = this.#inEpoch[from][lane] ?? 0;
    const counter = lane === 1 ? this.#talk[from] : step;
    let key = this.chain(epoch, from, lane);
    for (let at = 0; at < step; at += 1) key = hmac(sha256, key, Uint8Array.of(2));
    const recordKey = hmac(sha256, key, Uint8Array.of(1));
    const header = concatBytes(Uint8Array.of(1, lane), be(epoch, 4), be(counter, 4));
    const direction = text(from === 'A' ? 'A to B' : 'B to A');
    const outside = LP(text('dhsc/1 record'), this.id, direction, header, text(label), bytes(id));
    const plain = concatBytes(be(inside.length, 4), inside);
    const whole = concatBytes(plain, zeros(padded(plain.length) - plain.length));
    const body = concatBytes(header, gcm(recordKey, zeros(12), outside).encrypt(whole));
    this.#inEpoch[from][lane] = step + 1;
    if (lane === 1) this.#talk[from] += 1;
    return { epoch, counter, recordKey, associated: outside, body };
  }

  #at(epoch: number): Epoch {
    const found = this.#epochs[epoch];
    if (found === undefined) throw new Error(`epoch ${epoch} has not begun`);
    return found;
  }
}

/** As in the paper on Padmé, algorithm 1: clear the lowest bits, rounding up. */
function padded(length: number): number {
  for (const step of [256, 1024, 4096, 16384]) if (length <= step) return step;
  const e = 31 - Math.clz32(length);
  const s = 32 - Math.clz32(e);
  const mask = 2 ** (e - s) - 1;
  return (length + mask) & ~mask;
}
