/**
 * What is done to a deployment and when, decided by a seed alone: the same seed gives the same
 * plan. Two rows run beside each other: servers, one at a time, and the connections of clients.
 */
import type { FaultKind } from '../checker/history.ts';

/** How often a kind is chosen among those of its row, and how long it may last. */
type Choice = {
  readonly kind: FaultKind;
  readonly weight: number;
  readonly lastsMs: readonly [least: number, most: number];
};

/** Freezes take long enough that nobody hears an end, and less than the resume window. */
const SERVERS: readonly Choice[] = [
  { kind: 'edge-kill', weight: 8, lastsMs: [100, 2_000] },
  { kind: 'edge-freeze', weight: 4, lastsMs: [1_000, 20_000] },
  { kind: 'edge-restart', weight: 1, lastsMs: [0, 0] },
  { kind: 'broker-kill', weight: 5, lastsMs: [200, 3_000] },
  { kind: 'broker-freeze', weight: 2, lastsMs: [1_000, 12_000] },
  { kind: 'bus-cut', weight: 5, lastsMs: [0, 0] },
  { kind: 'actors-kill', weight: 2, lastsMs: [200, 4_000] },
  { kind: 'actors-freeze', weight: 1, lastsMs: [1_000, 6_000] },
  { kind: 'postgres-kill', weight: 2, lastsMs: [200, 4_000] },
  { kind: 'postgres-freeze', weight: 1, lastsMs: [1_000, 6_000] },
];

const CLIENTS: readonly Choice[] = [
  { kind: 'client-cut', weight: 4, lastsMs: [0, 0] },
  { kind: 'client-reset', weight: 4, lastsMs: [0, 0] },
  { kind: 'client-stall', weight: 2, lastsMs: [500, 15_000] },
];

/** Between the end of one fault of a server and the next one's begin. */
const SERVERS_REST_MS = [300, 1_200] as const;
const CLIENTS_REST_MS = [1_000, 4_500] as const;
/** A cut meets so many clients at once. */
const CUT_TOGETHER_MAX = 8;

export type Planned = {
  readonly kind: FaultKind;
  /** Rest before it. */
  readonly afterMs: number;
  readonly lastsMs: number;
  /** Chooses among those there are at that time: from 0 up to 1, one for each who is met. */
  readonly picks: readonly number[];
};

export type Rows = { readonly servers: readonly Planned[]; readonly clients: readonly Planned[] };

/** A chance from 0 up to 1. */
type Chance = () => number;

/** More than can happen in this time; whoever carries it out stops when the time is over. */
export function planned(chance: Chance, durationMs: number): Rows {
  return {
    servers: row(chance, SERVERS, SERVERS_REST_MS, durationMs),
    clients: row(chance, CLIENTS, CLIENTS_REST_MS, durationMs),
  };
}

function row(
  chance: Chance,
  choices: readonly Choice[],
  rest: readonly [number, number],
  durationMs: number,
): Planned[] {
  const faults: Planned[] = [];
  for (let spentMs = 0; spentMs < durationMs; ) {
    const fault = next(chance, choices, rest);
    faults.push(fault);
    spentMs += fault.afterMs + fault.lastsMs;
  }
  return faults;
}

function next(
  chance: Chance,
  choices: readonly Choice[],
  [restLeast, restMost]: readonly [number, number],
): Planned {
  const { kind, lastsMs } = chosen(chance, choices);
  const [least, most] = lastsMs;
  const afterMs = restLeast + chance() * (restMost - restLeast);
  // The square makes short ones common and long ones rare.
  const planned = { kind, afterMs, lastsMs: least + chance() ** 2 * (most - least) };
  const isOfMany = kind === 'client-cut' || kind === 'client-reset';
  const picks = isOfMany ? 1 + Math.floor(chance() * CUT_TOGETHER_MAX) : 1;
  return { ...planned, picks: Array.from({ length: picks }, chance) };
}

function chosen(chance: Chance, choices: readonly Choice[]): Choice {
  const byWeight = choices.flatMap((choice) => Array<Choice>(choice.weight).fill(choice));
  const choice = byWeight[Math.floor(chance() * byWeight.length)];
  if (choice === undefined) throw new Error('there is something to choose from');
  return choice;
}
