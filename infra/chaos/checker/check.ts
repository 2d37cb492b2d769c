/** Judges a whole history. Pure: what was written down goes in, a verdict comes out. */
import { type Endings, endings } from './endings.ts';
import {
  duplicated,
  type Finding,
  falselyAcknowledged,
  lost,
  misdelivered,
  putOut,
  reordered,
  unexpected,
  unresolved,
} from './faults.ts';
import { type Files, files } from './files.ts';
import type { Fault, History } from './history.ts';
import { type Ledger, ledgerOf, type Word } from './ledger.ts';
import { type Recovery, recoveries } from './recovery.ts';
import { type Silence, silence } from './silence.ts';
import { ascending } from './statistics.ts';

/** What each must be: nothing. */
export type Wrongs = Readonly<
  Record<
    | 'lost'
    | 'duplicated'
    | 'reordered'
    | 'misdelivered'
    | 'unexpected'
    | 'falselyAcknowledged'
    | 'unresolved'
    | 'putOut',
    readonly Finding[]
  >
>;

export type Verdict = {
  readonly wrongs: Wrongs;
  readonly silence: Silence;
  readonly endings: Endings;
  readonly files: Files;
  readonly recoveries: readonly Recovery[];
  readonly conversations: number;
  readonly said: number;
  readonly displayed: number;
  readonly confirmed: number;
  /** Displayed, and its frame had to be sent again. */
  readonly recovered: number;
  /** Of ended conversations: nobody knows whether they arrived, and their senders were told so. */
  readonly unconfirmed: number;
  /** From being said to being displayed, in order. */
  readonly delaysMs: readonly number[];
  readonly attempts: Ledger['attempts'];
  readonly faults: readonly Fault[];
};

export function check(history: History): Verdict {
  const ledger = ledgerOf(history.events);
  const words = [...ledger.words.values()];
  const { faults, counts, resumeWindowMs } = history;
  return {
    wrongs: {
      lost: lost(ledger),
      duplicated: duplicated(ledger),
      reordered: reordered(ledger),
      misdelivered: misdelivered(ledger),
      unexpected: unexpected(ledger),
      falselyAcknowledged: falselyAcknowledged(ledger),
      unresolved: unresolved(ledger),
      putOut: putOut(history.events),
    },
    silence: silence(counts),
    endings: endings(ledger, faults, resumeWindowMs),
    files: files(history.events),
    recoveries: recoveries(ledger, faults),
    conversations: new Set(ledger.sides.map(({ channel }) => channel)).size,
    said: words.length,
    displayed: words.filter(({ displays }) => displays.length > 0).length,
    confirmed: words.filter(({ confirmed }) => confirmed.length > 0).length,
    recovered: words.filter(({ resends, displays }) => resends > 0 && displays.length > 0).length,
    unconfirmed: words.filter(({ confirmed }) => confirmed.length === 0).length,
    delaysMs: ascending(words.flatMap(delayOf)),
    attempts: ledger.attempts,
    faults,
  };
}

function delayOf({ displays, saidAt }: Word): number[] {
  const [first] = displays;
  return first === undefined ? [] : [first.at - saidAt];
}

/** Everything in a verdict that must not be, whatever the machine was busy with. */
export function wrongsOf({ wrongs, silence, endings, files }: Verdict): readonly Finding[] {
  const ofWords = Object.values(wrongs).flat();
  return [...ofWords, ...silence.findings, ...endings.unexcused, ...files.findings];
}
