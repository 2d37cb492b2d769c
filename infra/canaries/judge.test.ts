/** Each kind of wrong is planted and found; what is as it should be is quiet. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXPECTED, judge, type Place, wrongs } from './judge.ts';
import { type Plant, planted } from './people/plants.ts';
import type { Find, Look } from './places/finds.ts';
import { beginning, canary } from './search/canary.ts';
import type { Form } from './search/forms.ts';

const SAID = 'said';
const plants = planted(beginning());

function find(place: string, text: string | null, forms: readonly Form[], flock = 'planted'): Find {
  return { place, flock, canary: text, forms, at: 'somewhere', times: 1 };
}

/** A look at every place that finds all that was planted. */
function looks(): Look[] {
  return (Object.keys(EXPECTED) as Place[]).map((place) => {
    const expected = Object.entries(EXPECTED[place]) as [Plant, readonly Form[]][];
    const finds = expected.flatMap(([plant, forms]) =>
      forms.map((form) => find(place, plants[plant].get(form) ?? null, [form])),
    );
    return { place, finds, bytes: 1_000, unreadBytes: 0, parts: 1, tookMs: 1 };
  });
}

/** The same, but that one place has other finds. */
function changed(place: Place, change: (finds: readonly Find[]) => readonly Find[]): Look[] {
  return looks().map((look) =>
    look.place === place ? { ...look, finds: change(look.finds) } : look,
  );
}

const wrongIn = (all: readonly Look[]) => wrongs(judge(all, plants, SAID));

describe('a run', () => {
  it('[CANARY3] is right if all was found that was planted, and nothing that was said', () => {
    assert.deepEqual(wrongIn(looks()), []);
  });

  it('[CANARY3] is void if in any place any form was not found, or not as what it is', () => {
    for (const place of Object.keys(EXPECTED) as Place[]) {
      const { length } = looks().find((look) => look.place === place)?.finds ?? [];
      assert.ok(length > 0, place);
      for (let left = 0; left < length; left += 1) {
        const without = changed(place, (finds) => finds.filter((_, n) => n !== left));
        assert.equal(wrongIn(without).length, 1, place);
        const other = changed(place, (finds) =>
          finds.map((each, n) => (n === left ? { ...each, forms: [] } : each)),
        );
        assert.equal(wrongIn(other).length, 1, place);
      }
    }
  });

  it('[CANARY3] is void if a place was not looked at, or was empty', () => {
    const [first, ...others] = looks();
    assert.ok(first);
    assert.ok(wrongIn(others).includes(`nothing to read: ${first.place}`));
    const empty = [{ ...first, bytes: 0 }, ...others];
    assert.deepEqual(wrongIn(empty), [`nothing to read: ${first.place}`]);
  });

  it('[CANARY3] is wrong if anything that was said lies anywhere, or a part of it', () => {
    const [text, flock] = [canary(beginning()), SAID];
    for (const place of Object.keys(EXPECTED) as Place[]) {
      for (const found of [text, null]) {
        const leak = find(place, found, ['hex'], flock);
        assert.equal(wrongIn(changed(place, (finds) => [...finds, leak])).length, 1, place);
      }
    }
  });

  it('[CANARY3] is wrong if what is only carried is kept, written down or counted', () => {
    const clear = ['logs of edges and actors', 'metrics', 'memory of PostgreSQL'] as const;
    const password = [...clear, 'capture', 'files of the database'] as const;
    for (const [plant, places] of Object.entries({ clear, password })) {
      const carried = plants[plant as Plant].get('raw') ?? '';
      for (const place of places) {
        const stray = find(place, carried, ['raw']);
        assert.equal(wrongIn(changed(place, (finds) => [...finds, stray])).length, 1, place);
      }
    }
  });
});
