/** Memory is searched where a process really keeps something, and nowhere twice. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { beginning, canary } from '../search/canary.ts';
import { embedded, FORMS, shiftOf } from '../search/forms.ts';
import { Searcher } from '../search/searcher.ts';
import { mappingsIn, searchMemory } from './memory.ts';

/** Keeps what it reads, and says so. */
const KEEPER = `
  const kept = [];
  process.stdin.on('data', (bytes) => {
    kept.push(Buffer.from(bytes));
    process.stdout.write('kept');
  });`;

describe('the memory of a process', () => {
  it('[CANARY2] is searched in every form, while it runs', async () => {
    const begins = beginning();
    const kept = FORMS.map(() => canary(begins));
    const flock = { name: 'kept', beginning: begins, canaries: [...kept, canary(begins)] };
    const keeper = spawn(process.execPath, ['-e', KEEPER], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const coded = FORMS.map((form, n) =>
        embedded(form, kept[n] ?? '', Buffer.alloc(shiftOf(form))),
      );
      keeper.stdin.write(Buffer.concat(coded.flatMap((bytes) => [Buffer.alloc(64), bytes])));
      await once(keeper.stdout, 'data');
      const look = searchMemory(new Searcher([flock]), 'keeper', [keeper.pid ?? 0]);
      const formsOf = (text = '') =>
        look.finds.filter((find) => find.canary === text).flatMap(({ forms }) => forms);
      for (const [n, form] of FORMS.entries()) assert.ok(formsOf(kept[n]).includes(form), form);
      assert.deepEqual(formsOf(flock.canaries.at(-1)), []);
      assert.ok(look.bytes > 10_000_000 && look.parts === 1, JSON.stringify(look));
    } finally {
      keeper.kill('SIGKILL');
    }
  });

  it('[CANARY2] that ended is passed over', () => {
    const flock = { name: 'none', beginning: beginning(), canaries: [canary(beginning())] };
    const { parts, bytes } = searchMemory(new Searcher([flock]), 'nobody', [2 ** 22 + 1]);
    assert.deepEqual([parts, bytes], [0, 0]);
  });

  it('[CANARY2] is known by its mappings', () => {
    const text = `55d0b0000000-55d0b0800000 r-xp 00042000 fe:00 1234                 /usr/bin/server
55d0c0000000-55d0c0021000 rw-p 00000000 00:00 0                  [heap]
55d0d0000000-55d0d0001000 rw-p 00842000 fe:00 1234                 /usr/bin/server
7f0000000000-7f0008000000 rw-s 00000000 00:01 1027               /dev/zero (deleted)
7f0010000000-7f0014000000 ---p 00000000 00:00 0
`;
    const [code, heap, data, shared, reserved] = mappingsIn(text);
    assert.deepEqual(heap, {
      from: 0x55d0c0000000,
      to: 0x55d0c0021000,
      isReadable: true,
      common: null,
      name: '[heap]',
    });
    assert.equal(code?.common, 'fe:00 1234 00042000 8388608');
    assert.equal(data?.common, null);
    assert.equal(shared?.common, '00:01 1027 00000000 134217728');
    assert.equal(shared?.name, '/dev/zero (deleted)');
    assert.equal(reserved?.isReadable, false);
  });
});
