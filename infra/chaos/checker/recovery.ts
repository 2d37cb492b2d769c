/**
 * How long a conversation stood still after a fault: from its begin until both sides are `up`
 * again, which only a record of the peer that opened can bring about. An edge that is stopped in
 * order lets its clients go one after the other: there it is from when the conversation noticed.
 */
import type { Fault, FaultKind } from './history.ts';
import type { Ledger, Side } from './ledger.ts';
import { ascending } from './statistics.ts';

/** A conversation that has not noticed a fault by then, or by its end, was not stopped by it. */
const NOTICED_WITHIN_MS = 5_000;
/** A client whose connection is cut sooner than this after the last time waits longer, and should. */
const STEADY_MS = 10_000;

export type Recovery = {
  readonly kind: FaultKind;
  readonly faults: number;
  /** Conversations with somebody at the target. */
  readonly conversations: number;
  /** How long those that stood still did, in order; endless for one that ended. */
  readonly stoodMs: readonly number[];
  /** The same of those whose link had just broken before, or that another fault met meanwhile. */
  readonly crowdedMs: readonly number[];
};

type Standstill = { readonly ms: number; readonly isCrowded: boolean };

export function recoveries(ledger: Ledger, faults: readonly Fault[]): Recovery[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const ofKind = faults.filter((fault) => fault.kind === kind);
    const all = ofKind.flatMap((fault) => standstills(ledger, fault, faults));
    const still = all.filter((each) => each !== null);
    const of = (crowded: boolean) =>
      ascending(still.filter(({ isCrowded }) => isCrowded === crowded).map(({ ms }) => ms));
    const [stoodMs, crowdedMs] = [of(false), of(true)];
    return { kind, faults: ofKind.length, conversations: all.length, stoodMs, crowdedMs };
  });
}

/** One for each conversation with somebody who was touched; `null` where nobody noticed. */
function standstills(
  { sides, breaks }: Ledger,
  fault: Fault,
  faults: readonly Fault[],
): (Standstill | null)[] {
  const { begin } = fault;
  const names = new Set(fault.touched);
  const open = sides.filter(
    ({ openedAt, ended }) => openedAt < begin && (ended === null || ended.at > begin),
  );
  const channels = new Set(open.filter(({ who }) => names.has(who)).map(({ channel }) => channel));
  return [...channels].map((channel) => {
    const both = open.filter((side) => side.channel === channel);
    const ms = standstill(both, fault);
    if (ms === null) return null;
    const isUnsteady = both.some(({ who }) =>
      breaks.get(who)?.some((at) => at < begin && at > begin - STEADY_MS),
    );
    return { ms, isCrowded: isUnsteady || isMet(both, fault, faults, begin + ms) };
  });
}

/** Whether another fault met one of the two before this one was over. */
function isMet(
  both: readonly Side[],
  fault: Fault,
  faults: readonly Fault[],
  until: number,
): boolean {
  return faults.some(
    ({ begin, end, touched }) =>
      !(begin === fault.begin && end === fault.end) &&
      end > fault.begin &&
      begin < until &&
      both.some(({ who }) => touched.includes(who)),
  );
}

function standstill(both: readonly Side[], { kind, begin, end }: Fault): number | null {
  const changes = both
    .flatMap((side) => side.connection.map((change) => ({ ...change, who: side.who })))
    .sort((one, other) => one.at - other.at);
  const down = new Set<string>();
  // Whoever is told to leave goes on until then: only what comes after is a standstill.
  let since = begin;
  for (const { is, at, who } of changes) {
    const wasDown = down.size > 0;
    if (is === 'reconnecting') down.add(who);
    else down.delete(who);
    if (at < begin) continue;
    if (!wasDown) {
      if (at > Math.max(begin + NOTICED_WITHIN_MS, end)) return null;
      if (kind === 'edge-restart') since = at;
    }
    if (wasDown && down.size === 0) return at - since;
  }
  return down.size > 0 ? Number.POSITIVE_INFINITY : null;
}
