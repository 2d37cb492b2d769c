/** A verdict in words: what a person reads after a run, and keeps with its results. */
import { type Verdict, wrongsOf } from './checker/check.ts';
import type { Finding } from './checker/faults.ts';
import type { FaultKind } from './checker/history.ts';
import { quantile } from './checker/statistics.ts';

/** How many findings of one kind are told; the files have them all. */
const TOLD_MAX = 10;

/** How soon conversations go on after a fault, for 99 of 100. */
const PROMISED_MS: Partial<Record<FaultKind, number>> = {
  'edge-kill': 3_000,
  'broker-kill': 2_000,
};

/** Times that were promised and not kept. */
export function broken({ recoveries }: Verdict): Finding[] {
  return recoveries.flatMap(({ kind, stoodMs }) => {
    const promised = PROMISED_MS[kind];
    const took = quantile(stoodMs, 0.99);
    if (promised === undefined || took === null || took <= promised) return [];
    return [
      { about: kind, says: `conversations stood ${inMs(took)}, and ${promised} ms is promised` },
    ];
  });
}

export function report(verdict: Verdict): string {
  const { wrongs, silence, endings } = verdict;
  const told = [
    ['findings', wrongsOf(verdict)],
    ['times that were not kept', broken(verdict)],
  ] as const;
  return [
    summary(verdict),
    table(
      ['wrong', 'how many'],
      [
        ...Object.entries(wrongs).map(([kind, found]) => [kind, `${found.length}`]),
        [`silent drops (of ${silence.frames} frames, by the edges' counters)`, `${silence.drops}`],
        ['conversations that ended without a reason', `${endings.unexcused.length}`],
      ],
    ),
    faultTable(verdict),
    ...fileLine(verdict),
    ...told.flatMap(([title, findings]) => listed(title, findings)),
  ].join('\n\n');
}

function summary(verdict: Verdict): string {
  const { delaysMs, attempts, endings } = verdict;
  const causes = [...endings.byCause, ...[...attempts].map(([why, n]) => [`attempt: ${why}`, n])];
  return [
    `${verdict.said} words in ${verdict.conversations} conversations: ` +
      `${verdict.displayed} displayed, ${verdict.confirmed} confirmed, ` +
      `${verdict.unconfirmed} unconfirmed, ${verdict.recovered} recovered by a re-send.`,
    `From said to displayed: p50 ${inMs(quantile(delaysMs, 0.5))}, ` +
      `p99 ${inMs(quantile(delaysMs, 0.99))}, most ${inMs(delaysMs.at(-1) ?? null)}.`,
    `Faults: ${verdict.faults.length}. Ends: ${causes.map((each) => each.join(' ')).join(', ') || 'none'}.`,
  ].join('\n');
}

function faultTable({ recoveries }: Verdict): string {
  const figures = (sorted: readonly number[]) => [
    `${sorted.length}`,
    ...[0.5, 0.99, 1].map((share) => inMs(quantile(sorted, share))),
  ];
  const rows = recoveries.map(({ kind, faults, conversations, stoodMs, crowdedMs }) => {
    const met = [kind, `${faults}`, `${conversations}`];
    return [...met, ...figures(stoodMs), ...figures(crowdedMs)];
  });
  const stood = ['p50', 'p99', 'most'];
  const head = ['fault', 'times', 'conversations', 'stood still', ...stood, 'crowded', ...stood];
  return table(head, rows);
}

function fileLine({ files: { sent, taken, costs } }: Verdict): string[] {
  if (sent === 0) return [];
  const most = Math.max(...costs).toFixed(2);
  return [`Files: ${sent} sent, ${taken} came whole; the dearest cost ${most} times its bytes.`];
}

function listed(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const lines = findings.slice(0, TOLD_MAX).map(({ about, says }) => `- ${about}: ${says}`);
  const more = findings.length > TOLD_MAX ? [`- and ${findings.length - TOLD_MAX} more`] : [];
  return [[`${findings.length} ${title}:`, ...lines, ...more].join('\n')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function inMs(ms: number | null): string {
  if (ms === null) return '-';
  return Number.isFinite(ms) ? `${Math.round(ms)} ms` : 'never';
}
