/** Conversations that ended although nobody left, and what could have ended them. */
import type { Finding } from './faults.ts';
import type { Fault } from './history.ts';
import type { Ledger } from './ledger.ts';

export type Endings = {
  /** How many sides ended, by why and by the fault that excuses it. */
  readonly byCause: ReadonlyMap<string, number>;
  /** Ends that nothing excuses. */
  readonly unexcused: readonly Finding[];
};

/** Only a fault that lasted longer than the resume window may end a conversation. */
export function endings(
  { sides }: Ledger,
  faults: readonly Fault[],
  resumeWindowMs: number,
): Endings {
  const byCause = new Map<string, number>();
  const unexcused: Finding[] = [];
  for (const { channel, who, ended } of sides) {
    if (ended === null) continue;
    const long = faults.find(
      ({ begin, end }) =>
        end - begin >= resumeWindowMs && begin < ended.at && end > ended.at - resumeWindowMs,
    );
    const cause = `${ended.why}, ${long === undefined ? 'no fault was that long' : long.kind}`;
    byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
    if (long === undefined) {
      unexcused.push({ about: channel, says: `ended at ${who} as ${ended.why} without a reason` });
    }
  }
  return { byCause, unexcused };
}
