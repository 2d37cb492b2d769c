/** Alice and Bob, their keys, and what they say, with as little as a test must name. */
import { type Bytes, toHex, utf8 } from '../core/bytes.ts';
import { Channel, type Opened } from '../core/crypto/channel.ts';
import { Answer, Offer, type Parties } from '../core/crypto/handshake.ts';
import { signerOf } from '../core/crypto/identity.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import type { Random, StoredIdentity } from '../core/ports.ts';
import { type FrameId, frameIdFrom, parseUserId, type UserId } from '../core/wire/ids.ts';
import { testPrimitives } from './primitives.ts';
import { seededRandom } from './seeded-random.ts';

export const DEPLOYMENT = '00112233445566778899aabbccddeeff';
export const ALICE = userId('a11ce000-0000-4000-8000-000000000001');
export const BOB = userId('b0b00000-0000-4000-8000-000000000002');
export const CAROL = userId('ca401000-0000-4000-8000-000000000003');

export function userId(text: string): UserId {
  const id = parseUserId(text);
  if (id === null) throw new Error(`${text} is no user id`);
  return id;
}

/** The frame id whose last byte is `n`. */
export function frameId(n: number): FrameId {
  const bytes = new Uint8Array(16);
  bytes[15] = n;
  const id = frameIdFrom(bytes);
  if (id === null) throw new Error('16 bytes are a frame id');
  return id;
}

export type Pair = {
  readonly alice: StoredIdentity;
  readonly bob: StoredIdentity;
  /** As Alice sees it, and as Bob does. */
  readonly alices: Parties;
  readonly bobs: Parties;
};

/** A key like those of browsers without handles; the same one for the same number. */
export async function anIdentity(n: number): Promise<StoredIdentity> {
  const seed = seededRandom(1_000 + n).bytes(32);
  const publicKey = await noble.ed25519.publicKeyOf(seed);
  return { publicKey, signingKey: { is: 'seed', seed } };
}

/** One as Web Crypto makes it: a handle that signs and cannot be exported. */
export async function makeIdentity(): Promise<StoredIdentity> {
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return { publicKey, signingKey: { is: 'handle', key: pair.privateKey } };
}

/** By the primitives of the run, unless a test needs others: then chance decides all. */
export async function aPair(given?: Primitives): Promise<Pair> {
  const primitives = given ?? (await testPrimitives());
  const [alice, bob] = [await anIdentity(1), await anIdentity(2)];
  const self = { id: ALICE, signer: signerOf(primitives, alice) };
  const other = { id: BOB, signer: signerOf(primitives, bob) };
  return {
    alice,
    bob,
    alices: {
      deployment: DEPLOYMENT,
      primitives,
      self,
      peer: { id: BOB, publicKey: bob.publicKey },
    },
    bobs: {
      deployment: DEPLOYMENT,
      primitives,
      self: other,
      peer: { id: ALICE, publicKey: alice.publicKey },
    },
  };
}

export type Handshake = {
  readonly alice: Channel;
  readonly bob: Channel;
  /** M1 to M4 as they crossed the wire. */
  readonly messages: readonly [Bytes, Bytes, Bytes, Bytes];
};

/** Alice calls, Bob answers; `tamper` may change each message on its way. */
export async function shakeHands(
  { alices, bobs }: Pick<Pair, 'alices' | 'bobs'>,
  tamper: (step: 1 | 2 | 3 | 4, message: Bytes) => Bytes = (_, message) => message,
  random: Random = seededRandom(1),
): Promise<Handshake> {
  const offer = await Offer.make(alices, random);
  const m1 = tamper(1, offer.message);
  const answer = await Answer.to(m1, bobs, random);
  const m2 = tamper(2, answer.message);
  const confirmation = await offer.accept(m2);
  const m3 = tamper(3, confirmation.message);
  const { channel: bob, message } = await answer.confirm(m3);
  const m4 = tamper(4, message);
  const alice = await confirmation.finish(m4);
  return { alice, bob, messages: [m1, m2, m3, m4] };
}

/** Whether these bytes stand somewhere in the others. */
export function isWithin(part: Bytes, whole: Bytes): boolean {
  return toHex(whole).includes(toHex(part));
}

/** The same bytes with one bit of the byte at `at` turned; counted from the end if negative. */
export function flipped(bytes: Bytes, at: number): Bytes {
  const copy = bytes.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

const words = { label: 'message', id: frameId(1) } as const;

/** What the other side gets of words said one after another. */
export async function said(
  from: Channel,
  to: Channel,
  ...texts: readonly string[]
): Promise<readonly Opened[]> {
  const heard: Opened[] = [];
  for (const text of texts) {
    const { body } = await from.seal(1, words, utf8(text));
    heard.push(await to.open(words, body));
  }
  return heard;
}

/** A turn that was heard. */
export async function turned(from: Channel, to: Channel): Promise<void> {
  const { body } = await from.sealTurn(words);
  const opened = await to.open(words, body);
  if (opened.is !== 'turned') throw new Error(`the turn is ${opened.is}`);
}

/** All that a channel stands on, but for keys it has looked ahead to. */
export function standing(channel: Channel): unknown {
  const { ratchet, ...rest } = Channel.captured(channel);
  const receiving = ratchet.receiving.map(({ control, ...epoch }) => ({
    ...epoch,
    control: control && { next: control.next, key: control.keys[0] },
  }));
  return { ...rest, ratchet: { ...ratchet, receiving } };
}
