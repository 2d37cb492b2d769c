/**
 * The rows of the list: their order, their days and their groups.
 */
import { describe, expect, it } from 'vitest';
import type { Line, TransferView } from '../../app/model.ts';
import { aTransfer, mine, theirs } from '../test/views.ts';
import { dayAt } from './days.ts';
import { entriesOf, markAt, type Row, rowsOf, since } from './entries.ts';

const NOON = new Date(2026, 10, 20, 12).getTime();
const today = dayAt(NOON);
const MINUTE_MS = 60_000;

const line = (by: Line['by'], at: number): Line => ({
  ...(by === 'me' ? mine('own') : theirs('theirs')),
  at,
});
const file = (id: number, at: number): TransferView => aTransfer({ id, at });

/** A row in short: what it is, and whether a group begins. */
function short(row: Row): string {
  if (row.is === 'day') return 'day';
  return `${row.key}${row.isFirst ? ' first' : ''}`;
}

describe('what was told', () => {
  it('[UI50] stands in the order in which it came, lines and files together', () => {
    const [one, two, three] = [line('me', 10), line('peer', 30), line('me', 50)];
    const transfers = [file(1, 5), file(2, 30), file(3, 31), file(4, 99)];
    const keys = entriesOf({ lines: [one, two, three], transfers }).map(({ key }) => key);
    expect(keys).toEqual([
      'transfer-1',
      one.id,
      two.id,
      'transfer-2',
      'transfer-3',
      three.id,
      'transfer-4',
    ]);
  });

  it('[UI50] keeps the order of lines, and of files, when the clock goes back', () => {
    const lines = [line('me', 100), line('peer', 20), line('me', 30)];
    const transfers = [file(1, 90), file(2, 10), file(3, 95)];
    const keys = entriesOf({ lines, transfers }).map(({ key }) => key);
    expect(keys.filter((key) => !key.startsWith('t'))).toEqual(lines.map(({ id }) => id));
    expect(keys.filter((key) => key.startsWith('t'))).toEqual(
      [1, 2, 3].map((n) => `transfer-${n}`),
    );
    expect(keys).toHaveLength(6);
  });

  it('[UI59] leaves out what was put out of sight', () => {
    const [seen, gone] = [line('me', 10), { ...line('peer', 20), hidden: true }];
    expect(entriesOf({ lines: [seen, gone], transfers: [] }).map(({ key }) => key)).toEqual([
      seen.id,
    ]);
  });

  it('[UI21] is told from what came before by a mark', () => {
    const before = { lines: [line('me', 10)], transfers: [file(1, 11)] };
    const mark = markAt(before);
    const [next, last] = [line('peer', 20), line('me', 40)];
    const told = { lines: [...before.lines, next, last], transfers: [file(1, 11), file(2, 30)] };
    expect(since(before, mark)).toEqual([]);
    const keys = since(told, mark).map(({ key }) => key);
    expect(keys).toEqual([next.id, 'transfer-2', last.id]);
    expect(since(told, mark, 1).map(({ key }) => key)).toEqual(['transfer-2', last.id]);
    // The line that was the newest is too old to be kept.
    expect(since({ ...told, lines: [next, last] }, mark)).toHaveLength(3);
  });
});

describe('the rows', () => {
  it('[UI51] name each day above its first entry, and today only below another one', () => {
    const yesterday = NOON - 24 * 60 * MINUTE_MS;
    const rows = (lines: readonly Line[]) =>
      rowsOf({ lines, transfers: [] }, today).map(({ is }) => is);
    expect(rows([line('me', NOON), line('me', NOON + 1)])).toEqual(['line', 'line']);
    expect(rows([line('me', yesterday), line('me', yesterday), line('me', NOON)])).toEqual([
      'day',
      'line',
      'line',
      'day',
      'line',
    ]);
  });

  it('[UI51] have keys of their own, also when a day comes twice', () => {
    const yesterday = NOON - 24 * 60 * MINUTE_MS;
    const lines = [line('me', NOON), line('me', yesterday), line('me', NOON)];
    const keys = rowsOf({ lines, transfers: [] }, today).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(5);
  });

  it('[UI52] begin a group with another person, another day, or after 5 min', () => {
    const yesterday = NOON - 24 * 60 * MINUTE_MS;
    const lines = [
      line('me', yesterday),
      line('me', NOON),
      line('me', NOON + 5 * MINUTE_MS - 1),
      line('me', NOON + 10 * MINUTE_MS - 1),
      line('peer', NOON + 10 * MINUTE_MS),
    ];
    const transfers = [file(1, NOON + 10 * MINUTE_MS + 1)];
    const [a, b, c, d, e] = lines.map(({ id }) => id);
    expect(rowsOf({ lines, transfers }, today).map(short)).toEqual([
      'day',
      `${a} first`,
      'day',
      `${b} first`,
      `${c}`,
      `${d} first`,
      `${e} first`,
      'transfer-1',
    ]);
  });
});
