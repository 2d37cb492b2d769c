/**
 * How long a conversation stood still after a fault: from its begin until both sides are `up`
 * again, which only a record of the peer that opened can bring about.
 */
import type { Fault, FaultKind } from './history.ts';
import type { Ledger, Side } from './ledger.ts';

/** A conversation that has not noticed a fault by then was not stopped by it. */
const NOTICED_WITHIN_MS = 5_000;

export type Recovery = {
  readonly kind: FaultKind;
  readonly faults: number;
  /** Conversations with somebody at the target. */
  readonly conversations: number;
  /** How long those that stood still did, in order; endless for one that ended. */
  readonly stoodMs: readonly number[];
};

export function recoveries(ledger: Ledger, faults: readonly Fault[]): Recovery[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const ofKind = faults.filter((fault) => fault.kind === kind);
    const all = ofKind.flatMap((fault) => standstills(ledger, fault));
    const stoodMs = all.filter((ms) => ms !== null).sort((one, other) => one - other);
    return { kind, faults: ofKind.length, conversations: all.length, stoodMs };
  });
}

/** One for each conversation with somebody who was touched; `null` where nobody noticed. */
function standstills({ sides }: Ledger, { begin, touched }: Fault): (number | null)[] {
  const names = new Set(touched);
  const open = sides.filter(
    ({ openedAt, ended }) => openedAt < begin && (ended === null || ended.at > begin),
  );
  const channels = new Set(open.filter(({ who }) => names.has(who)).map(({ channel }) => channel));
  return [...channels].map((channel) =>
    standstill(
      open.filter((side) => side.channel === channel),
      begin,
    ),
  );
}

function standstill(both: readonly Side[], begin: number): number | null {
  const changes = both
    .flatMap((side) => side.connection.map((change) => ({ ...change, who: side.who })))
    .sort((one, other) => one.at - other.at);
  const down = new Set<string>();
  for (const { is, at, who } of changes) {
    const wasDown = down.size > 0;
    if (is === 'reconnecting') down.add(who);
    else down.delete(who);
    if (at < begin) continue;
    if (!wasDown && at > begin + NOTICED_WITHIN_MS) return null;
    if (wasDown && down.size === 0) return at - begin;
  }
  return down.size > 0 ? Number.POSITIVE_INFINITY : null;
}
