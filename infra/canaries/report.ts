/** A verdict in words: what a person reads after a run, and keeps with its results. */
import type { Verdict } from './judge.ts';
import type { WayToSay, Words } from './people/talk.ts';

const WAYS: Record<WayToSay, string> = {
  texts: 'texts, typed',
  edits: 'edits',
  reactions: 'reactions',
  names: 'names of files',
  bytes: 'files that hold one at four places',
};

export function report(verdict: Verdict, words: Words, remarks: readonly string[]): string {
  const ways = Object.entries(WAYS) as [WayToSay, string][];
  const said = ways.map(([way, name]) => `${words[way].length} ${name}`).join(', ');
  const rows = verdict.places.map((of) =>
    [
      of.place,
      of.looks,
      of.parts,
      mib(of.bytes),
      mib(of.unreadBytes),
      `${of.planted - of.missing.length} of ${of.planted}`,
      of.leaks,
    ].join(' | '),
  );
  return [
    `Said and arrived: ${said}.`,
    ...remarks,
    '',
    '| place | looks | processes or files | MiB | MiB unread | planted, found | said, found |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
