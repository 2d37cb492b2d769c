/** The plan of faults: the same by the same seed, within its bounds, and enough of them. */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert';
import { it } from 'node:test';
import { seededRandom } from '../../../webapp/src/test/seeded-random.ts';
import { FAULT_KINDS } from '../checker/history.ts';
import { planned } from './plan.ts';

const TEN_MINUTES_MS = 600_000;
const planOf = (seed: number) => planned(seededRandom(seed).fraction, TEN_MINUTES_MS);

it('a seed gives the same plan again, and another seed another', () => {
  deepStrictEqual(planOf(7), planOf(7));
  notDeepStrictEqual(planOf(7), planOf(8));
});

it('ten minutes hold more than 200 faults, of every kind', () => {
  for (const seed of [1, 2, 3]) {
    const { servers, clients } = planOf(seed);
    const all = [...servers, ...clients];
    ok(all.length >= 200, `${all.length} faults by seed ${seed}`);
    deepStrictEqual(new Set(all.map(({ kind }) => kind)), new Set(FAULT_KINDS));
  }
});

it('no fault lasts as long as a conversation waits for', () => {
  const { servers, clients } = planOf(4);
  for (const { lastsMs } of [...servers, ...clients]) ok(lastsMs <= 20_000, `${lastsMs} ms`);
});
