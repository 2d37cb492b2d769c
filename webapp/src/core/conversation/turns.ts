/**
 * When the keys turn: a fresh exchange is mixed into the root, so that whoever learned the keys of
 * a moment is shut out again.
 *
 * A turn is due when the direction of the talk changes and 20 records or 30 s have passed, and at
 * the latest after 100 records or 5 min. Even epochs are ended by A and odd ones by B; the other
 * side can only ask. Who is asked obeys unless it has just turned: each turn costs both sides.
 */

export const TURN_RECORDS = 20;
export const TURN_AFTER_MS = 30_000;
export const TURN_RECORDS_MAX = 100;
export const TURN_AFTER_MAX_MS = 5 * 60_000;
/** How long to wait before a wish for a turn is said again: it may be lost. */
export const TURN_ASK_AGAIN_MS = 2_000;
/** The two count differently by what is on its way; a wish sooner than this is no such difference. */
const ASKED_RECORDS_MIN = TURN_RECORDS / 2;
const ASKED_AFTER_MIN_MS = TURN_AFTER_MS / 2;

export type Turns = {
  readonly role: 'A' | 'B';
  readonly epoch: number;
  /** Our turn is being sealed. */
  readonly isTurning: boolean;
  readonly isDue: boolean;
  /** Records of the talk since the last turn, of both. */
  readonly records: number;
  readonly since: number;
  readonly speaker: 'me' | 'peer' | null;
  readonly askedAt: number | null;
};

export function firstEpoch(role: 'A' | 'B', now: number): Turns {
  return { role, epoch: 0, speaker: null, ...fresh(now) };
}

/** Whether it is ours to end this epoch. */
export function mayTurn({ role, epoch, isTurning }: Turns): boolean {
  return !isTurning && (epoch % 2 === 0) === (role === 'A');
}

/** A record of the talk was sealed, or opened. */
export function spoken(turns: Turns, speaker: 'me' | 'peer', now: number): Turns {
  const records = turns.records + 1;
  const changed = turns.speaker !== null && turns.speaker !== speaker;
  const ripe = records > TURN_RECORDS || now >= turns.since + TURN_AFTER_MS;
  const isDue = turns.isDue || (changed && ripe) || records >= TURN_RECORDS_MAX;
  return { ...turns, records, speaker, isDue };
}

export function aged(turns: Turns, now: number): Turns {
  return now >= turns.since + TURN_AFTER_MAX_MS ? { ...turns, isDue: true } : turns;
}

/** The peer asks for a turn. */
export function wished(turns: Turns, now: number): Turns {
  const ripe = turns.records >= ASKED_RECORDS_MIN || now >= turns.since + ASKED_AFTER_MIN_MS;
  return mayTurn(turns) && ripe ? { ...turns, isDue: true } : turns;
}

export function turned(turns: Turns, now: number): Turns {
  return { ...turns, ...fresh(now), epoch: turns.epoch + 1 };
}

/** What to do about it at this moment. */
export function turnStep(turns: Turns, now: number): 'turn' | 'ask' | 'nothing' {
  if (!turns.isDue || turns.isTurning) return 'nothing';
  if (mayTurn(turns)) return 'turn';
  const waited = turns.askedAt === null || now >= turns.askedAt + TURN_ASK_AGAIN_MS;
  return waited ? 'ask' : 'nothing';
}

/** When to look again; a turn that is due and ours waits for room, not for time. */
export function turnDeadline(turns: Turns): number | null {
  if (!turns.isDue) return turns.since + TURN_AFTER_MAX_MS;
  return turns.askedAt === null ? null : turns.askedAt + TURN_ASK_AGAIN_MS;
}

function fresh(now: number) {
  return { isTurning: false, isDue: false, records: 0, since: now, askedAt: null } as const;
}
