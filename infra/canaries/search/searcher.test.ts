/** What is searched for is found: in each form, at each alignment, across each border. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { beginning, canary, plainCanary } from './canary.ts';
import { embedded, FORMS, type Form, shiftOf, sure } from './forms.ts';
import { type Flock, type Hit, Searcher } from './searcher.ts';

function flockOf(count: number, make = canary): Flock {
  const begins = beginning();
  const canaries = Array.from({ length: count }, () => make(begins));
  return { name: 'said', beginning: begins, canaries };
}

/** A text in a form among bytes of chance, and where its sure part begins. */
function among(form: Form, text: string): { bytes: Buffer; at: number } {
  const before = randomBytes(100);
  const coded = embedded(form, text, randomBytes(shiftOf(form)));
  const bytes = Buffer.concat([before, coded, randomBytes(100)]);
  return { bytes, at: bytes.indexOf(sure(form, text)) };
}

const only = (hits: readonly Hit[]) => {
  assert.equal(hits.length, 1, JSON.stringify(hits));
  const [hit] = hits;
  assert.ok(hit);
  return hit;
};

describe('a canary', () => {
  it('[CANARY1] is found in each form, and told from the others of its flock', () => {
    const flock = flockOf(20);
    const searcher = new Searcher([flockOf(5), flock]);
    for (const form of FORMS) {
      for (const text of flock.canaries) {
        const { bytes, at } = among(form, text);
        const hit = only(searcher.search(bytes));
        assert.deepEqual(hit, { flock: 'said', canary: text, forms: [form], at }, form);
      }
    }
  });

  it('[CANARY1] of letters alone is found in each form too, some of which are the same', () => {
    const flock = flockOf(1, plainCanary);
    const [text = ''] = flock.canaries;
    const searcher = new Searcher([flock]);
    for (const form of FORMS) {
      const { canary: found, forms } = only(searcher.search(among(form, text).bytes));
      assert.equal(found, text);
      assert.ok(forms.includes(form), form);
    }
  });

  it('[CANARY1] is found once wherever the bytes are cut into pieces', () => {
    const flock = flockOf(1);
    const [text = ''] = flock.canaries;
    const searcher = new Searcher([flock]);
    for (const form of FORMS) {
      const { bytes, at } = among(form, text);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const stream = searcher.stream();
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        const hits = [...pieces.flatMap((piece) => stream.feed(piece)), ...stream.end()];
        assert.deepEqual(only(hits), { flock: 'said', canary: text, forms: [form], at });
      }
    }
  });

  it('[CANARY1] is found in pieces of every small size, as often as it is there', () => {
    const flock = flockOf(2);
    const searcher = new Searcher([flock]);
    const bytes = Buffer.concat(
      FORMS.flatMap((form) => flock.canaries.map((text) => among(form, text).bytes)),
    );
    const whole = searcher.search(bytes);
    assert.equal(whole.length, 2 * FORMS.length);
    const inOrder = (hits: readonly Hit[]) => [...hits].sort((a, b) => a.at - b.at);
    for (const size of [1, 7, 64, 1_000]) {
      const stream = searcher.stream();
      const hits: Hit[] = [];
      for (let at = 0; at < bytes.length; at += size)
        hits.push(...stream.feed(bytes.subarray(at, at + size)));
      assert.deepEqual(inOrder([...hits, ...stream.end()]), inOrder(whole));
    }
  });

  it('[CANARY1] of which only the beginning is left is found as a part', () => {
    const flock = flockOf(3);
    const searcher = new Searcher([flock]);
    for (const form of FORMS) {
      const coded = sure(form, flock.canaries[0] ?? '').subarray(0, -1);
      const hit = only(searcher.search(Buffer.concat([coded, Buffer.from('\0\x01')])));
      assert.equal(hit.canary, null);
      assert.ok(hit.forms.includes(form), form);
    }
    const begun = Buffer.from(`${flock.beginning}-something else that goes on for a while`);
    assert.equal(only(searcher.search(begun)).canary, null);
  });

  it('[CANARY1] of another run is not found', () => {
    const searcher = new Searcher([flockOf(10)]);
    const [other = ''] = flockOf(1).canaries;
    for (const form of FORMS) assert.deepEqual(searcher.search(among(form, other).bytes), []);
    assert.deepEqual(searcher.search(randomBytes(1_000_000)), []);
  });
});
