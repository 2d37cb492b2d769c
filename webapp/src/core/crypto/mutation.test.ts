/**
 * Whatever a relay makes of what it has seen, nothing opens out of its place and nothing is thrown
 * but a refusal. Many by `DHCHAT_MUTATIONS=100000`; another run by `DHCHAT_SEED`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { aPair, frameId, type Pair, shakeHands, standing } from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, concat, equal } from '../bytes.ts';
import type { Random } from '../ports.ts';
import type { Channel, Opened } from './channel.ts';
import { Answer, Offer, Refused } from './handshake.ts';
import { headerOf, type Lane, type Outside } from './record-layout.ts';

const MUTATIONS = Number(process.env['DHCHAT_MUTATIONS'] ?? 2_000);
const SEED = Number(process.env['DHCHAT_SEED'] ?? 1);
/** A handshake costs as much as many records. */
const RECORDS_PER_HANDSHAKE = 20;
const PATIENCE_MS = 60_000 + 100 * MUTATIONS;

type Side = 'alice' | 'bob';
type Sent = { readonly to: Side; readonly outside: Outside; readonly body: Bytes };

const LABELS = ['message', 'ack', 'typing', 'message_edit', 'ephemeral_key'] as const;

let pair: Pair;

beforeAll(async () => {
  pair = await aPair();
});

function below(random: Random, n: number): number {
  return Math.floor(random.fraction() * n);
}

function one<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[below(random, list.length)] ?? list[0];
}

/** Numbers where mistakes live. */
function someNumber(random: Random): number {
  const near = below(random, 12);
  return one(random, [near, near, 999, 1_000, 1_001, 1_002, 2 ** 31, 2 ** 32 - 1]);
}

/** Something else than these bytes, made of them and of others that were seen. */
function mutated(random: Random, bytes: Bytes, seen: readonly Bytes[]): Bytes {
  const other = seen[below(random, seen.length)] ?? bytes;
  const at = below(random, bytes.length + 1);
  switch (below(random, 8)) {
    case 0: {
      const copy = bytes.slice();
      for (let n = 0; n <= below(random, 3); n += 1) {
        const place = below(random, copy.length);
        copy[place] = (copy[place] ?? 0) ^ (1 << below(random, 8));
      }
      return copy;
    }
    case 1:
      return bytes.slice(0, at);
    case 2:
      return concat(bytes, random.bytes(1 + below(random, 40)));
    case 3:
      return concat(bytes.slice(0, at), other.slice(at));
    case 4:
      return random.bytes(below(random, 600));
    case 5:
      return concat(bytes.slice(0, at), bytes.slice(at + 1));
    case 6: {
      const place = {
        lane: one<Lane>(random, [0, 1]),
        epoch: someNumber(random),
        counter: someNumber(random),
      };
      return concat(headerOf(place), bytes.slice(10));
    }
    default:
      return other;
  }
}

/** Two who talk and turn, with a relay between them that keeps all it has seen. */
class Relayed {
  readonly sides: Record<Side, Channel>;
  readonly #seen: Sent[] = [];
  /** What was sent and not heard yet: to be heard in this order. */
  readonly #sent: Sent[] = [];
  readonly #random: Random;

  constructor(sides: Record<Side, Channel>, random: Random) {
    this.sides = sides;
    this.#random = random;
  }

  /** Somebody says something, on either lane, or turns. */
  async says(): Promise<void> {
    const random = this.#random;
    const from = one<Side>(random, ['alice', 'bob']);
    const outside = { label: one(random, LABELS), id: frameId(below(random, 256)) };
    const channel = this.sides[from];
    const { body } =
      channel.mayTurn && below(random, 4) === 0
        ? await channel.sealTurn(outside)
        : await channel.seal(
            one<Lane>(random, [0, 1]),
            outside,
            random.bytes(below(random, 2_000)),
          );
    const sent: Sent = { to: from === 'alice' ? 'bob' : 'alice', outside, body };
    this.#seen.push(sent);
    if (this.#seen.length > 200) this.#seen.shift();
    this.#sent.push(sent);
  }

  /** The oldest that was sent opens: nothing that came between has moved anything. */
  async hears(): Promise<void> {
    const next = this.#sent.shift();
    if (next === undefined) return;
    const { is } = await this.sides[next.to].open(next.outside, next.body);
    expect(['opened', 'turned']).toContain(is);
  }

  /** Something that nobody said, or not so, or not to this side; mostly with all the rest right. */
  async mutation(): Promise<{ to: Side; opened: Opened }> {
    const random = this.#random;
    const source = this.#seen[below(random, this.#seen.length)];
    if (source === undefined) throw new Error('something is said first');
    const right = random.fraction() < 0.8;
    const to = right ? source.to : one<Side>(random, ['alice', 'bob']);
    const outside = right
      ? source.outside
      : { label: one(random, LABELS), id: frameId(below(random, 256)) };
    const bodies = this.#seen.map((sent) => sent.body);
    const body = mutated(random, source.body, bodies);
    // A genuine record on its way would rightly open.
    const isGenuine = this.#sent.some((sent) => sent.to === to && equal(sent.body, body));
    if (isGenuine) return this.mutation();
    return { to, opened: await this.sides[to].open(outside, body) };
  }
}

describe('whatever a relay makes of records', () => {
  it('[CHAN16] none opens out of its place, and none throws', {
    timeout: PATIENCE_MS,
  }, async () => {
    const random = seededRandom(SEED);
    const { alice, bob } = await shakeHands(pair, undefined, random);
    const relayed = new Relayed({ alice, bob }, random);
    await relayed.says();
    const counts = new Map<string, number>();
    let before = { alice: standing(alice), bob: standing(bob) };
    for (let n = 0; n < MUTATIONS; n += 1) {
      const { to, opened } = await relayed.mutation();
      counts.set(opened.is, 1 + (counts.get(opened.is) ?? 0));
      expect(['forged', 'early', 'repeat']).toContain(opened.is);
      if (n % 10 !== 0) continue;
      expect(standing(relayed.sides[to])).toEqual(before[to]);
      await relayed.says();
      if (random.fraction() < 0.9) await relayed.hears();
      before = { alice: standing(alice), bob: standing(bob) };
    }
    for (const is of ['forged', 'early', 'repeat']) expect(counts.get(is)).toBeGreaterThan(0);
    for (let n = 0; n < MUTATIONS; n += 1) await relayed.hears();
  });
});

describe('whatever a relay makes of a handshake', () => {
  it('[CHAN16] [HS5] it leads to a refusal and to no channel', {
    timeout: PATIENCE_MS,
  }, async () => {
    const random = seededRandom(SEED + 1);
    const seen: Bytes[] = [...(await shakeHands(pair)).messages];
    const steps: number[] = [0, 0, 0, 0];
    for (let n = 0; n < MUTATIONS / RECORDS_PER_HANDSHAKE; n += 1) {
      const changed = (1 + below(random, 4)) as 1 | 2 | 3 | 4;
      let tampered = false;
      const attempt = shakeHands(
        pair,
        (step, message) => {
          seen.push(message);
          if (step !== changed) return message;
          const other = mutated(random, message, seen);
          tampered = !equal(other, message);
          return other;
        },
        random,
      );
      const error = await attempt.then(
        () => null,
        (caught: unknown) => caught,
      );
      if (tampered) {
        expect(error).toBeInstanceOf(Refused);
        steps[changed - 1] = 1 + (steps[changed - 1] ?? 0);
      } else expect(error).toBeNull();
      if (seen.length > 40) seen.splice(0, 20);
    }
    for (const count of steps) expect(count).toBeGreaterThan(0);
  });

  it('[CHAN16] [HS8] no step takes what is not its own', { timeout: PATIENCE_MS }, async () => {
    const random = seededRandom(SEED + 2);
    const { messages } = await shakeHands(pair);
    let [offer, answer] = await begun(random);
    for (let n = 0; n < MUTATIONS; n += 1) {
      const source = one(random, [...messages, offer.message, answer.message]);
      const bytes = mutated(random, source, [...messages]);
      const to = below(random, 2);
      const genuine = equal(bytes, answer.message);
      if (genuine) continue;
      const error: unknown = await (to === 0 ? offer.accept(bytes) : answer.confirm(bytes)).then(
        () => null,
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(Refused);
      const { reason } = error as Refused;
      if (reason !== 'malformed' && reason !== 'stale') [offer, answer] = await begun(random);
    }
  });

  async function begun(random: Random): Promise<[Offer, Answer]> {
    const offer = await Offer.make(pair.alices, random);
    return [offer, await Answer.to(offer.message, pair.bobs, random)];
  }
});
