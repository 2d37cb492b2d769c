/**
 * Other hands on the same protocol: an implementation written after `docs/vectors/README.md` with
 * @noble/* only makes the same bytes as ours, whatever the chance and whatever is said.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { makeIdentity } from '../../test/builders.ts';
import { bothWays, type Step } from '../../test/channel-vectors.ts';
import type { Side } from '../../test/second-implementation.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, concat, fromHex, toHex } from '../bytes.ts';
import { fingerprintOf } from './fingerprint.ts';
import { fromSpki, toSpki } from './identity.ts';

const LABELS = ['message', 'ack', 'typing', 'message_read', 'reaction'] as const;

function hex(text: string): Bytes {
  return fromHex(text) ?? new Uint8Array();
}

/** Anything that two sides may do, turns at random. */
function someSteps(seed: number, count: number): Step[] {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random.fraction() * n);
  const epoch: Record<Side, number> = { A: 0, B: 0 };
  const unheard: Record<Side, number> = { A: 0, B: 0 };
  return Array.from({ length: count }, (): Step => {
    const from = below(2) === 0 ? 'A' : 'B';
    const dice = below(10);
    if (dice === 0 && (epoch[from] % 2 === 0) === (from === 'A')) {
      epoch[from] += 1;
      unheard[from === 'A' ? 'B' : 'A'] += 1;
      return { do: 'turn', from };
    }
    if (dice < 3) {
      epoch[from] += unheard[from];
      unheard[from] = 0;
      return { do: 'hear', by: from };
    }
    const content = toHex(random.bytes(below(4) === 0 ? below(20_000) : below(300)));
    const label = LABELS[below(LABELS.length)] ?? 'message';
    return { do: 'record', from, lane: below(2), label, content };
  });
}

describe('another implementation', () => {
  it('[HS11] [CHAN6] makes the same messages, turns and records under the same chance', async () => {
    let turns = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const todo = someSteps(seed, 60);
      turns += todo.filter((step) => step.do === 'turn').length;
      const { derived, sides } = await bothWays(seed, todo);
      expect(sides.A.shortCode).toEqual(derived.shortCode);
      expect(sides.B.shortCode).toEqual(derived.shortCode);
      expect(sides.A.farewells).toEqual(derived.farewells.A);
      expect(sides.B.farewells).toEqual(derived.farewells.B);
    }
    expect(turns).toBeGreaterThan(10);
  });

  it('[HS12] has the same fingerprints, of the same SPKI bytes', async () => {
    const { publicKey } = await makeIdentity();
    const spki = concat(hex('302a300506032b6570032100'), publicKey);
    expect(toSpki(publicKey)).toEqual(spki);
    expect(fromSpki(spki)).toEqual(publicKey);
    expect(await fingerprintOf(publicKey)).toBe(toHex(ownBytes(sha256(spki))));
    const p256 = concat(hex('3059301306072a8648ce3d020106082a8648ce3d030107034200'), publicKey);
    for (const odd of [p256, spki.slice(1), new Uint8Array(44)]) expect(fromSpki(odd)).toBeNull();
  });
});

function ownBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}
