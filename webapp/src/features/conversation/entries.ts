/**
 * What stands in the list of a conversation: what was said and the files that were sent, in the
 * order in which they came, under the days on which they did.
 */
import type { Line, TransferView } from '../../app/model.ts';
import { type Day, dayAt, isOn } from './days.ts';

/** What two people have told each other. */
export type Told = { readonly lines: readonly Line[]; readonly transfers: readonly TransferView[] };

export type Entry =
  | { readonly is: 'line'; readonly key: string; readonly line: Line }
  | { readonly is: 'transfer'; readonly key: string; readonly transfer: TransferView };

/** A row of the list; its key is its own as long as it is there. */
export type Row =
  /** The first of several in a row by the same person. */
  | (Entry & { readonly isFirst: boolean })
  | { readonly is: 'day'; readonly key: string; readonly day: Day };

/** After so long a silence of one person a new group begins, with a time of its own. */
const GROUP_WAIT_MS = 5 * 60_000;

/** The rows, with the name of each day above its first entry; today is named below another day only. */
export function rowsOf(told: Told, today: Day): readonly Row[] {
  const rows: Row[] = [];
  let day = today;
  let before: Entry | null = null;
  for (const entry of entriesOf(told)) {
    const at = atOf(entry);
    if (!isOn(day, at)) {
      day = dayAt(at);
      rows.push({ is: 'day', key: `day-${entry.key}`, day });
      before = null;
    }
    rows.push({ ...entry, isFirst: before === null || !goesWith(before, entry) });
    before = entry;
  }
  return rows;
}

/** Lines keep their order, and transfers theirs, whatever became of the clock between. */
export function entriesOf({ lines, transfers }: Told): readonly Entry[] {
  const entries: Entry[] = [];
  let next = 0;
  const putTransfersUntil = (at: number) => {
    for (let it = transfers[next]; it !== undefined && it.at < at; it = transfers[next]) {
      entries.push(transferEntry(it));
      next += 1;
    }
  };
  for (const line of lines) {
    putTransfersUntil(line.at);
    if (!line.hidden) entries.push({ is: 'line', key: line.id, line });
  }
  putTransfersUntil(Number.POSITIVE_INFINITY);
  return entries;
}

export function byOf(entry: Entry): Line['by'] {
  return entry.is === 'line' ? entry.line.by : entry.transfer.by;
}

/** How far somebody has seen a conversation, to tell what came after. */
export type Mark = { readonly lineId: string | null; readonly transferIds: ReadonlySet<number> };

export function markAt({ lines, transfers }: Told): Mark {
  return {
    lineId: lines.at(-1)?.id ?? null,
    transferIds: new Set(transfers.map(({ id }) => id)),
  };
}

/**
 * What came after a mark, the last `most` of each kind. Of a line that has left the list for its
 * age, all the rest came after.
 */
export function since(
  { lines, transfers }: Told,
  mark: Mark,
  most = Number.POSITIVE_INFINITY,
): readonly Entry[] {
  const seen = lines.findLastIndex(({ id }) => id === mark.lineId);
  return entriesOf({
    lines: lines.slice(Math.max(seen + 1, lines.length - most)),
    transfers: transfers.filter(({ id }) => !mark.transferIds.has(id)).slice(-most),
  });
}

function transferEntry(transfer: TransferView): Entry {
  return { is: 'transfer', key: `transfer-${transfer.id}`, transfer };
}

function atOf(entry: Entry): number {
  return entry.is === 'line' ? entry.line.at : entry.transfer.at;
}

function goesWith(before: Entry, entry: Entry): boolean {
  return byOf(before) === byOf(entry) && atOf(entry) - atOf(before) < GROUP_WAIT_MS;
}
