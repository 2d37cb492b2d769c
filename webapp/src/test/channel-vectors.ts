/**
 * Makes the published vectors: one whole handshake and the beginning of a conversation under
 * chosen chance, by the product's own code. What lies between is named by the second
 * implementation, and whether the product computed the same is seen from the calls that it made.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { type Bytes, concat, fromHex } from '../core/bytes.ts';
import type { Channel } from '../core/crypto/channel.ts';
import { Answer, Offer, type Parties } from '../core/crypto/handshake.ts';
import { signerOf } from '../core/crypto/identity.ts';
import { paddedLength } from '../core/crypto/padding.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import type { Random } from '../core/ports.ts';
import type { Label } from '../core/wire/generated.ts';
import { frameIdFrom } from '../core/wire/ids.ts';
import { ALICE, BOB, DEPLOYMENT } from './builders.ts';
import {
  handshake,
  type Inputs,
  type RecordInput,
  SecondChannel,
  type Side,
  type TurnInput,
} from './second-implementation.ts';
import { seededRandom } from './seeded-random.ts';

const SEED = 2_026;

/** What each side does, in this order. Hearing opens all that was sent to it since it last heard. */
export type Step =
  | ({ readonly do: 'record' } & Omit<RecordInput, 'id'>)
  | { readonly do: 'turn'; readonly from: Side }
  | { readonly do: 'hear'; readonly by: Side };

const hello = '68656c6c6f';
const STEPS: readonly Step[] = [
  { do: 'record', from: 'A', lane: 1, label: 'message', content: hello },
  { do: 'record', from: 'A', lane: 0, label: 'typing', content: '' },
  { do: 'record', from: 'A', lane: 0, label: 'typing', content: '01' },
  { do: 'hear', by: 'B' },
  { do: 'record', from: 'B', lane: 0, label: 'ack', content: '0201' },
  { do: 'record', from: 'B', lane: 1, label: 'message', content: `${hello}21` },
  { do: 'hear', by: 'A' },
  { do: 'turn', from: 'A' },
  { do: 'record', from: 'A', lane: 1, label: 'message', content: hello },
  { do: 'record', from: 'B', lane: 1, label: 'reaction', content: 'f09f918b' },
  { do: 'hear', by: 'B' },
  { do: 'record', from: 'B', lane: 1, label: 'message', content: hello.repeat(100) },
  { do: 'record', from: 'B', lane: 0, label: 'ack', content: '0203' },
  { do: 'turn', from: 'B' },
  { do: 'hear', by: 'A' },
  { do: 'record', from: 'A', lane: 0, label: 'ack', content: '0205' },
  { do: 'record', from: 'A', lane: 1, label: 'message_edit', content: '00' },
  { do: 'record', from: 'B', lane: 1, label: 'message', content: '' },
  { do: 'hear', by: 'A' },
  { do: 'hear', by: 'B' },
];

/** Content lengths and the lengths of what is sealed, kind and length included. */
const PADDED = [0, 251, 252, 1_019, 1_020, 4_091, 4_092, 16_379, 16_380, 20_000, 65_536, 196_608];

export type Vectors = Awaited<ReturnType<typeof makeVectors>>['vectors'];

export async function makeVectors() {
  const calls = new Set<string>();
  const { inputs, derived, sides, steps } = await bothWays(SEED, STEPS, recorded(calls));
  const [m1, m2, m3, m4] = sides.messages;
  const { A, B } = sides;
  const vectors = {
    protocol: 'dhsc/1',
    inputs,
    derived: hexed(without(derived)),
    messages: hexed({ m1, m2, m3, m4 }),
    shortCode: A.shortCode,
    farewells: { A: hexed(A.farewells), B: hexed(B.farewells) },
    padding: PADDED.map((content) => ({ content, padded: paddedLength(content + 5) })),
    steps,
  };
  return { vectors, calls };
}

/** The same handshake and the same steps by both implementations; throws where they differ. */
export async function bothWays(seed: number, todo: readonly Step[], primitives = noble) {
  const inputs = chosen(seed);
  const sides = await shaken(inputs, primitives);
  const derived = handshake(inputs);
  const { m1, m2, m3, m4 } = derived;
  const theirs = [m1, m2, m3, m4].map(bytesToHex);
  for (const [n, message] of sides.messages.entries()) same(message, theirs[n] ?? '');
  const steps = await walked(sides, new SecondChannel(inputs, derived), { todo, seed: seed + 1 });
  return { inputs, derived, sides, steps };
}

function same(ours: Uint8Array, theirs: string): void {
  if (bytesToHex(ours) !== theirs) throw new Error('the two implementations differ');
}

/** What of the second implementation's values lies between inputs and outputs. */
export function without(derived: ReturnType<typeof handshake>) {
  const { m1: _1, m2: _2, m3: _3, m4: _4, shortCode: _5, farewells: _6, ...between } = derived;
  return between;
}

export function hexed<Names extends string>(
  values: Readonly<Record<Names, Uint8Array>>,
): Record<Names, string> {
  const entries = Object.entries<Uint8Array>(values);
  return Object.fromEntries(entries.map(([name, value]) => [name, bytesToHex(value)])) as Record<
    Names,
    string
  >;
}

function chosen(seed: number): Inputs {
  const random = seededRandom(seed);
  const some = (length: number): string => bytesToHex(random.bytes(length));
  return {
    deployment: DEPLOYMENT,
    userA: ALICE.replaceAll('-', ''),
    userB: BOB.replaceAll('-', ''),
    identitySeedA: some(32),
    identitySeedB: some(32),
    nA: some(32),
    kemSeedA: some(32),
    sA: some(32),
    nB: some(32),
    kemSeedB: some(32),
    entropyA: some(64),
    sB: some(32),
    entropyB: some(64),
  };
}

type Sides = { readonly A: Channel; readonly B: Channel; readonly random: Said };

async function shaken(
  given: Inputs,
  primitives: Primitives,
): Promise<Sides & { messages: [Bytes, Bytes, Bytes, Bytes] }> {
  const random = new Said();
  const [a, b] = [await signer(given.identitySeedA), await signer(given.identitySeedB)];
  const alices: Parties = {
    deployment: given.deployment,
    primitives,
    self: { id: ALICE, signer: a },
    peer: { id: BOB, publicKey: b.publicKey },
  };
  const bobs: Parties = {
    ...alices,
    self: { id: BOB, signer: b },
    peer: { id: ALICE, publicKey: a.publicKey },
  };
  random.say(given.nA, given.kemSeedA, given.sA);
  const offer = await Offer.make(alices, random);
  random.say(given.nB, given.kemSeedB, given.entropyA, given.sB);
  const answer = await Answer.to(offer.message, bobs, random);
  random.say(given.entropyB);
  const confirmation = await offer.accept(answer.message);
  const { channel: B, message } = await answer.confirm(confirmation.message);
  const A = await confirmation.finish(message);
  return { A, B, random, messages: [offer.message, answer.message, confirmation.message, message] };
}

async function signer(seed: string) {
  const own = bytesOf(seed);
  const publicKey = await noble.ed25519.publicKeyOf(own);
  return signerOf(noble, { publicKey, signingKey: { is: 'seed', seed: own } });
}

type Outside = { readonly label: Label; readonly id: string };
type Sent = { readonly outside: Outside; readonly body: Bytes; readonly content: string };

async function walked(
  sides: Sides,
  second: SecondChannel,
  { todo, seed }: { readonly todo: readonly Step[]; readonly seed: number },
) {
  const chance = seededRandom(seed);
  const some = (length: number): string => bytesToHex(chance.bytes(length));
  const sent: Record<Side, Sent[]> = { A: [], B: [] };
  const steps: Record<string, unknown>[] = [];
  for (const step of todo) {
    if (step.do === 'hear') {
      for (const record of sent[step.by].splice(0)) {
        if (await heardTurn(sides[step.by], record)) second.heardTurn(step.by);
      }
      steps.push(step);
      continue;
    }
    const to = step.from === 'A' ? 'B' : 'A';
    if (step.do === 'record') {
      const input = { ...step, id: some(16) };
      const { body, said } = await record(sides, second, input);
      sent[to].push({
        outside: { label: input.label as Label, id: input.id },
        body,
        content: input.content,
      });
      steps.push(said);
    } else {
      const input = {
        ...step,
        label: 'message',
        id: some(16),
        kemSeed: some(32),
        entropy: some(64),
      };
      const { body, said } = await turn(sides, second, input);
      sent[to].push({ outside: { label: 'message', id: input.id }, body, content: '' });
      steps.push(said);
    }
  }
  return steps;
}

/** Opens what was sent; whether it was a turn. */
async function heardTurn(by: Channel, { outside, body, content }: Sent): Promise<boolean> {
  const opened = await by.open({ label: outside.label, id: frameId(outside.id) }, body);
  if (opened.is === 'turned') return true;
  if (opened.is !== 'opened' || bytesToHex(opened.content) !== content) {
    throw new Error(`it should open, and is ${opened.is}`);
  }
  return false;
}

async function record(sides: Sides, second: SecondChannel, input: RecordInput) {
  const outside = { label: input.label as Label, id: frameId(input.id) };
  const lane = input.lane === 1 ? 1 : 0;
  const { body } = await sides[input.from].seal(lane, outside, bytesOf(input.content));
  const { epoch, counter, ...made } = second.record(input);
  same(body, bytesToHex(made.body));
  return { body, said: { ...input, epoch, counter, ...hexed({ ...made, body }) } };
}

async function turn(sides: Sides, second: SecondChannel, input: TurnInput) {
  sides.random.say(input.kemSeed, input.entropy);
  const outside = { label: input.label as Label, id: frameId(input.id) };
  const { body } = await sides[input.from].sealTurn(outside);
  const { epoch, counter, ...made } = second.turn(input);
  same(body, bytesToHex(made.body));
  const next = hexed({
    root: second.root(epoch + 1),
    chainAB0: second.chain(epoch + 1, 'A', 0),
    chainAB1: second.chain(epoch + 1, 'A', 1),
    chainBA0: second.chain(epoch + 1, 'B', 0),
    chainBA1: second.chain(epoch + 1, 'B', 1),
  });
  return { body, said: { ...input, epoch, counter, ...hexed({ ...made, body }), next } };
}

/** Chance that was said before. */
class Said implements Random {
  readonly #next: string[] = [];

  say(...values: readonly string[]): void {
    this.#next.push(...values);
  }

  bytes(length: number): Bytes {
    const value = bytesOf(this.#next.shift() ?? '');
    if (value.length !== length) throw new Error(`${length} bytes are asked for here`);
    return value;
  }

  fraction(): number {
    throw new Error('no fraction is asked for here');
  }
}

/** Primitives that note everything they give. */
function recorded(calls: Set<string>): Primitives {
  const noted = (given: Bytes): Bytes => {
    calls.add(bytesToHex(given));
    return given;
  };
  return {
    ...noble,
    sha256: async (data) => noted(await noble.sha256(data)),
    hmac: async (key, data) => noted(await noble.hmac(key, data)),
    aead: async (key) => {
      noted(key);
      const { seal, open } = await noble.aead(key);
      return {
        seal: (nonce, associated, plain) => {
          noted(concat(nonce, associated));
          noted(plain);
          return seal(nonce, associated, plain);
        },
        open,
      };
    },
  };
}

function bytesOf(hex: string): Bytes {
  const bytes = fromHex(hex);
  if (bytes === null) throw new Error(`${hex} is not hexadecimal`);
  return bytes;
}

function frameId(hex: string) {
  const id = frameIdFrom(bytesOf(hex));
  if (id === null) throw new Error(`${hex} is no frame id`);
  return id;
}
