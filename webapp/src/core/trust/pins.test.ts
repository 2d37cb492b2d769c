/** Pins: what they know of a peer, what changes them, and how they get to another browser. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ALICE, BOB, CAROL, flipped } from '../../test/builders.ts';
import { memoryPins } from '../../test/memory-vault.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { CHEAP_SEAL } from '../../test/story.ts';
import { concat, toHex } from '../bytes.ts';
import { noble } from '../crypto/suite/noble.ts';
import type { PinStore } from '../ports.ts';
import { PeersFile } from './peers-file.ts';
import { HISTORY_MAX, NotPinned, Pins } from './pins.ts';

const [KEY_1, KEY_2, KEY_3] = ['11'.repeat(32), '22'.repeat(32), '33'.repeat(32)] as const;

/** A clock whose every look is a second later. */
function ticking(): { wall(): number } {
  let now = 0;
  return {
    wall: () => {
      now += 1_000;
      return now;
    },
  };
}

let store: PinStore;
let pins: Pins;

beforeEach(() => {
  store = memoryPins();
  pins = new Pins(store, ALICE, ticking());
});

describe('a pin', () => {
  it('[TRUST5] is not verified until this very fingerprint was confirmed', async () => {
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'firstUse' });
    await expect(pins.confirm(BOB, KEY_1)).rejects.toThrow(NotPinned);
    await pins.pin(BOB, KEY_1);
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'known' });
    await expect(pins.confirm(BOB, KEY_2)).rejects.toThrow(NotPinned);
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'known' });
    await pins.confirm(BOB, KEY_1);
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'verified' });
    expect(await pins.check(BOB, KEY_2)).toEqual({ is: 'changed', pinned: KEY_1 });
  });

  it('[TRUST6] is not verified any more once another key was accepted, nor is the old one', async () => {
    await pins.pin(BOB, KEY_1);
    await pins.confirm(BOB, KEY_1);
    await pins.accept(BOB, KEY_2);
    expect(await pins.check(BOB, KEY_2)).toEqual({ is: 'known' });
    await pins.accept(BOB, KEY_1);
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'known' });
  });

  it('[TRUST6] stays verified when its own key is accepted again', async () => {
    await pins.pin(BOB, KEY_1);
    await pins.confirm(BOB, KEY_1);
    await pins.accept(BOB, KEY_1);
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'verified' });
  });

  it('[TRUST8] is the first key only: a second one is refused, and nothing changes', async () => {
    await pins.pin(BOB, KEY_1);
    await pins.pin(BOB, KEY_1);
    await expect(pins.pin(BOB, KEY_2)).rejects.toThrow(NotPinned);
    expect(await pins.check(BOB, KEY_1)).toEqual({ is: 'known' });
    expect(pins.historyOf(BOB)).toHaveLength(1);
  });

  it('[TRUST7] remembers what became of it and when, for every page to see', async () => {
    let told = 0;
    pins.subscribe(() => {
      told += 1;
    });
    expect(pins.historyOf(BOB)).toEqual([]);
    await pins.pin(BOB, KEY_1);
    await pins.confirm(BOB, KEY_1);
    await pins.accept(BOB, KEY_2);
    const history = [
      { is: 'pinned', fingerprint: KEY_1, at: 1_000 },
      { is: 'verified', fingerprint: KEY_1, at: 2_000 },
      { is: 'accepted', fingerprint: KEY_2, at: 3_000 },
    ];
    expect(pins.historyOf(BOB)).toEqual(history);
    expect(told).toBe(3);
    const reloaded = new Pins(store, ALICE, ticking());
    await reloaded.check(BOB, KEY_2);
    expect(reloaded.historyOf(BOB)).toEqual(history);
    expect(reloaded.historyOf(CAROL)).toEqual([]);
  });

  it('[TRUST7] remembers 100 changes: how it began, and the newest', async () => {
    await pins.pin(BOB, KEY_1);
    for (let turn = 0; turn < HISTORY_MAX; turn += 1) {
      await pins.accept(BOB, turn % 2 === 0 ? KEY_2 : KEY_1);
    }
    const times = pins.historyOf(BOB).map(({ at }) => at / 1_000);
    expect(HISTORY_MAX).toBe(100);
    expect(times).toEqual([1, ...Array.from({ length: 99 }, (_, n) => n + 3)]);
  });

  it('[TRUST4] belongs to its account', async () => {
    await pins.pin(BOB, KEY_1);
    await pins.confirm(BOB, KEY_1);
    const carols = new Pins(store, CAROL, ticking());
    expect(await carols.check(BOB, KEY_2)).toEqual({ is: 'firstUse' });
    expect(await carols.verified()).toEqual([]);
  });
});

/** The peers of an account in one browser. */
function peersOf(account: typeof ALICE, over: Pins): PeersFile {
  const sealer = { primitives: noble, random: seededRandom(5), cost: CHEAP_SEAL };
  return new PeersFile(sealer, account, over);
}

describe('verified peers in a file', () => {
  const other = () => new Pins(memoryPins(), ALICE, ticking());

  async function exported(): Promise<Awaited<ReturnType<PeersFile['exportFile']>>> {
    await pins.pin(BOB, KEY_1);
    await pins.confirm(BOB, KEY_1);
    await pins.pin(CAROL, KEY_2);
    return peersOf(ALICE, pins).exportFile('a password');
  }

  it('[TRUST9] are verified in another browser of the account; others are not in it', async () => {
    const file = await exported();
    const there = other();
    const report = await peersOf(ALICE, there).importFile(file, 'a password');
    expect(report).toEqual({ is: 'imported', added: 1, raised: 0, same: 0, conflicts: [] });
    expect(await there.check(BOB, KEY_1)).toEqual({ is: 'verified' });
    expect(await there.check(CAROL, KEY_2)).toEqual({ is: 'firstUse' });
    expect(there.historyOf(BOB)).toEqual([{ is: 'imported', fingerprint: KEY_1, at: 1_000 }]);
    expect(toHex(file)).not.toContain(KEY_1);
  });

  it('[TRUST10] raise what is not verified, leave what is, and lower nothing', async () => {
    const file = await exported();
    const there = other();
    const taker = peersOf(ALICE, there);
    await there.pin(BOB, KEY_1);
    const raised = await taker.importFile(file, 'a password');
    expect(raised).toMatchObject({ added: 0, raised: 1, same: 0, conflicts: [] });
    expect(await taker.importFile(file, 'a password')).toMatchObject({ raised: 0, same: 1 });
    expect(there.historyOf(BOB)).toHaveLength(2);
  });

  it('[TRUST10] leave another key alone, verified or not, and tell of it', async () => {
    const file = await exported();
    for (const verified of [false, true]) {
      const there = other();
      await there.pin(BOB, KEY_3);
      if (verified) await there.confirm(BOB, KEY_3);
      const before = await there.check(BOB, KEY_3);
      const report = await peersOf(ALICE, there).importFile(file, 'a password');
      const conflicts = [{ peer: BOB, imported: KEY_1 }];
      expect(report).toEqual({ is: 'imported', added: 0, raised: 0, same: 0, conflicts });
      expect(await there.check(BOB, KEY_3)).toEqual(before);
    }
  });

  it('[TRUST11] are refused as a whole if anything about the file is wrong', async () => {
    const file = await exported();
    const there = other();
    const taker = peersOf(ALICE, there);
    const cases: readonly (readonly [string, typeof file, string?])[] = [
      ['wrongPassword', file, 'another'],
      ['wrongPassword', flipped(file, -1)],
      ['malformed', flipped(file, 0)],
      ['malformed', file.slice(0, 29)],
      ['malformed', file.slice(0, 60)],
      ['malformed', concat(file, new Uint8Array(500_000))],
      ['otherAccount', flipped(file, 20)],
    ];
    for (const [why, bytes, password = 'a password'] of cases) {
      expect(await taker.importFile(bytes, password)).toEqual({ is: 'refused', why });
    }
    const bobs = peersOf(BOB, new Pins(memoryPins(), BOB, ticking()));
    const claimed = concat(file.slice(0, 13), (await bobs.exportFile('a password')).slice(13, 29));
    const moved = concat(claimed, file.slice(29));
    expect(await bobs.importFile(moved, 'a password')).toMatchObject({ why: 'wrongPassword' });
    expect(await there.check(BOB, KEY_1)).toEqual({ is: 'firstUse' });
  });
});
