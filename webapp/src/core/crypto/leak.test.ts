/**
 * What a thief of one side's whole memory can open: nothing that was received or sent before, and
 * nothing once each side has turned. The thief is shown to be able where he should be.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { aPair, frameId, shakeHands } from '../../test/builders.ts';
import { type Noted, notedPrimitives } from '../../test/noted-primitives.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { ciphertextIn, type Known, reachOf } from '../../test/thief.ts';
import { type Bytes, toHex, utf8 } from '../bytes.ts';
import { Channel } from './channel.ts';

const outside = { label: 'message', id: frameId(1) } as const;

type Name = 'alice' | 'bob';
type Captured = ReturnType<typeof Channel.captured>;
/** One thing that happened: a record of one side, opened by the other; its key, as it was sealed. */
type Happening = { readonly by: Name; readonly key: string; readonly epoch: number };

/** Two who talk; after each record both memories are captured. */
class Watched {
  readonly happenings: Happening[] = [];
  /** `captured[n]` is what was there before happening `n`. */
  readonly captured: Record<Name, Captured>[] = [];
  readonly #sides: Record<Name, Channel>;
  readonly #noted: Noted;
  readonly known: Known & { turns: Known['turns'][number][] };

  private constructor(sides: Record<Name, Channel>, noted: Noted, known: Omit<Known, 'turns'>) {
    this.#sides = sides;
    this.#noted = noted;
    this.known = { ...known, turns: [] };
    this.#capture();
  }

  static async begun(): Promise<Watched> {
    const pair = await aPair();
    const noted = notedPrimitives();
    const { primitives } = noted;
    const { alice, bob, messages } = await shakeHands({
      alices: { ...pair.alices, primitives },
      bobs: { ...pair.bobs, primitives },
    });
    const [, m2, m3] = messages;
    const ciphertexts = [m2.slice(1_265, 2_385), m3.slice(17, 1_137)];
    const distinct = [...new Map(noted.hashes.map((hash) => [toHex(hash), hash])).values()];
    // Before them: the commitment, and two hashes of the first message.
    const transcripts = distinct.slice(3);
    expect(transcripts.length).toBe(3);
    return new Watched({ alice, bob }, noted, { transcripts, ciphertexts });
  }

  async says(by: Name, lane: 0 | 1 = 1): Promise<void> {
    const { body } = await this.#sides[by].seal(lane, outside, utf8(`${this.happenings.length}`));
    await this.#hears(by, body);
  }

  async turns(by: Name): Promise<void> {
    const { body } = await this.#sides[by].sealTurn(outside);
    const { hashes, plains } = this.#noted;
    const [transcript, plain] = [hashes.at(-1), plains.at(-1)];
    if (transcript === undefined || plain === undefined) throw new Error('a turn was made');
    this.known.turns.push({ transcript, ciphertext: ciphertextIn(plain) });
    await this.#hears(by, body);
  }

  /** Both say something on both lanes. */
  async talk(): Promise<void> {
    for (const by of ['alice', 'bob'] as const) {
      for (const lane of [0, 1] as const) await this.says(by, lane);
    }
  }

  keys(from: number, to?: number): string[] {
    return this.happenings.slice(from, to).map(({ key }) => key);
  }

  async #hears(by: Name, body: Bytes): Promise<void> {
    const { epoch } = Channel.peek(body) ?? { epoch: -1 };
    const to = by === 'alice' ? 'bob' : 'alice';
    const { is } = await this.#sides[to].open(outside, body);
    if (is !== 'opened' && is !== 'turned') throw new Error(`it is ${is}`);
    this.happenings.push({ by, key: this.#noted.sealingKeys.at(-1) ?? '', epoch });
    this.#capture();
  }

  #capture(): void {
    const { alice, bob } = this.#sides;
    this.captured.push({ alice: Channel.captured(alice), bob: Channel.captured(bob) });
  }
}

let watched: Watched;
const reaches = new Map<Captured, Promise<ReadonlySet<string>>>();

function reach(captured: Captured): Promise<ReadonlySet<string>> {
  const known = reaches.get(captured) ?? reachOf(captured, watched.known);
  reaches.set(captured, known);
  return known;
}

beforeAll(async () => {
  watched = await Watched.begun();
  const random = seededRandom(4);
  for (const turner of ['alice', 'bob', 'alice', 'bob'] as const) {
    await watched.talk();
    if (random.fraction() < 0.5) await watched.says('alice');
    await watched.turns(turner);
  }
  await watched.talk();
});

/** Some of the moments at which a thief may come; all of them where there is time. */
function sampled(): (readonly [number, Record<Name, Captured>])[] {
  const every = process.env['DHCHAT_SIMULATIONS'] === undefined ? 4 : 1;
  return [...watched.captured.entries()].filter(([n]) => n % every === 0);
}

function among(reached: ReadonlySet<string>, keys: readonly string[]): number {
  return keys.filter((key) => reached.has(key)).length;
}

describe('a thief of the memory', () => {
  it('[CHAN13] opens nothing that was received or sent before, whenever he comes', {
    timeout: 300_000,
  }, async () => {
    for (const [n, captured] of sampled()) {
      for (const name of ['alice', 'bob'] as const) {
        const reached = await reach(captured[name]);
        expect([n, name, among(reached, watched.keys(0, n))]).toEqual([n, name, 0]);
      }
    }
  });

  it('[CHAN13] is no worse at it than he should be: he opens the rest of the epoch', async () => {
    const { happenings, captured } = watched;
    const first = happenings.findIndex(({ epoch }) => epoch === 1);
    const last = happenings.findIndex(({ epoch }) => epoch === 2);
    const reached = await reach(captured[first]?.bob as Captured);
    expect(among(reached, watched.keys(first, last))).toBe(last - first);
  });

  it('[CHAN13] opens what was before, if one key of then was forgotten in memory', async () => {
    const end = watched.captured.at(-1)?.alice as Captured;
    const forgotten = watched.captured[0]?.alice.ratchet.receiving as object;
    const reached = await reach({ ...end, forgotten } as Captured);
    expect(among(reached, watched.keys(0))).toBeGreaterThan(0);
  });

  it('[CHAN14] opens nothing after each side has turned once, whichever side he robbed', {
    timeout: 300_000,
  }, async () => {
    const { happenings } = watched;
    for (const [n, both] of sampled()) {
      const epoch = happenings[n]?.epoch ?? 4;
      const healed = happenings.findIndex((happening) => happening.epoch === epoch + 2);
      if (healed === -1) continue;
      for (const name of ['alice', 'bob'] as const) {
        const reached = await reach(both[name]);
        expect([n, name, among(reached, watched.keys(healed))]).toEqual([n, name, 0]);
      }
    }
  });

  it('[CHAN14] opens what follows the first turn, if he robbed the side that did not make it', async () => {
    const { happenings, captured } = watched;
    const start = captured[0] as Record<Name, Captured>;
    const [first, second] = [1, 2].map((wanted) =>
      happenings.findIndex(({ epoch }) => epoch === wanted),
    ) as [number, number];
    const ofBob = await reach(start.bob);
    const ofAlice = await reach(start.alice);
    expect(among(ofBob, watched.keys(first, second))).toBe(second - first);
    expect(among(ofAlice, watched.keys(first, second))).toBe(0);
  });
});
