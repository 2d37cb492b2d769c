/** What a handshake, records and turns cost on one side, through the product's own classes. */
import type { Channel } from '../src/core/crypto/channel.ts';
import { Answer, Offer, type Parties } from '../src/core/crypto/handshake.ts';
import { signerOf } from '../src/core/crypto/identity.ts';
import type { Primitives } from '../src/core/crypto/suite/primitives.ts';
import { type FrameId, frameIdFrom, parseUserId, type UserId } from '../src/core/wire/ids.ts';
import { browserRandom } from '../src/platform/random.ts';
import type { Sizes } from './sizes.ts';
import { type Measure, middle, timed } from './timing.ts';

/** What fits a record that is padded to this, less its length and its kind. */
const CONTENTS = [
  ['256 B', 256 - 5],
  ['1 KiB', 1_024 - 5],
] as const;

type Two = { readonly alices: Parties; readonly bobs: Parties };
type Open = { readonly alice: Channel; readonly bob: Channel };

export async function channelMeasures(of: Primitives, sizes: Sizes): Promise<Measure[]> {
  const two = await aPair(of);
  const { measures, open } = await handshakes(two, sizes.handshakes);
  const records: Measure[] = [];
  for (const [name, length] of CONTENTS) {
    records.push(...(await recordsOf(open, name, length, sizes.records)));
  }
  return [...measures, ...records, ...(await turns(open, sizes.handshakes))];
}

async function handshakes(two: Two, count: number) {
  const [callers, answerers]: [number[], number[]] = [[], []];
  let open: Open | null = null;
  for (let round = -2; round < count; round += 1) {
    const [offer, made] = await timed(() => Offer.make(two.alices, browserRandom));
    const [answer, answered] = await timed(() => Answer.to(offer.message, two.bobs, browserRandom));
    const [confirmation, accepted] = await timed(() => offer.accept(answer.message));
    const [last, confirmed] = await timed(() => answer.confirm(confirmation.message));
    const [alice, finished] = await timed(() => confirmation.finish(last.message));
    open = { alice, bob: last.channel };
    if (round < 0) continue;
    callers.push(made + accepted + finished);
    answerers.push(answered + confirmed);
  }
  if (open === null) throw new Error('no handshake was made');
  const measures: Measure[] = [
    { name: 'handshake, caller', unit: 'ms', value: middle(callers) },
    { name: 'handshake, answerer', unit: 'ms', value: middle(answerers) },
  ];
  return { measures, open };
}

async function recordsOf(
  { alice, bob }: Open,
  name: string,
  length: number,
  count: number,
): Promise<Measure[]> {
  const outside = { label: 'message', id: frameId() } as const;
  const content = new Uint8Array(length).fill(7);
  const bodies: Awaited<ReturnType<Channel['seal']>>['body'][] = [];
  const [, sealing] = await timed(async () => {
    for (let at = 0; at < count; at += 1) {
      bodies.push((await alice.seal(1, outside, content)).body);
    }
  });
  const [, opening] = await timed(async () => {
    for (const body of bodies) {
      const opened = await bob.open(outside, body);
      if (opened.is !== 'opened') throw new Error(`a record is ${opened.is}`);
    }
  });
  return [
    { name: `records of ${name} sealed`, unit: '/s', value: (count * 1_000) / sealing },
    { name: `records of ${name} opened`, unit: '/s', value: (count * 1_000) / opening },
  ];
}

/** Each side turns in its turn. */
async function turns(open: Open, count: number): Promise<Measure[]> {
  const outside = { label: 'message', id: frameId() } as const;
  const [sealing, opening]: [number[], number[]] = [[], []];
  for (let round = 0; round < count; round += 1) {
    const turner = open.alice.mayTurn ? open.alice : open.bob;
    const other = turner === open.alice ? open.bob : open.alice;
    const [{ body }, sealed] = await timed(() => turner.sealTurn(outside));
    const [opened, took] = await timed(() => other.open(outside, body));
    if (opened.is !== 'turned') throw new Error(`the turn is ${opened.is}`);
    sealing.push(sealed);
    opening.push(took);
  }
  return [
    { name: 'turn, made', unit: 'ms', value: middle(sealing) },
    { name: 'turn, taken', unit: 'ms', value: middle(opening) },
  ];
}

async function aPair(primitives: Primitives): Promise<Two> {
  const [alice, bob] = [await person(primitives), await person(primitives)];
  const [a, b] = [userId('a11ce'), userId('b0b00')];
  const shared = { deployment: '00'.repeat(16), primitives };
  return {
    alices: {
      ...shared,
      self: { id: a, signer: alice },
      peer: { id: b, publicKey: bob.publicKey },
    },
    bobs: { ...shared, self: { id: b, signer: bob }, peer: { id: a, publicKey: alice.publicKey } },
  };
}

async function person(primitives: Primitives) {
  const seed = browserRandom.bytes(32);
  const publicKey = await primitives.ed25519.publicKeyOf(seed);
  const signingKey = await primitives.ed25519.signingKeyOf(seed);
  return signerOf(primitives, { publicKey, signingKey });
}

function userId(start: string): UserId {
  const id = parseUserId(`${start}000-0000-4000-8000-000000000001`);
  if (id === null) throw new Error('a user id has this form');
  return id;
}

function frameId(): FrameId {
  const id = frameIdFrom(browserRandom.bytes(16));
  if (id === null) throw new Error('a frame id has 16 bytes');
  return id;
}
