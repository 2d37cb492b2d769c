/** How fast a transfer goes: the way there and back, when to send again, and what people see. */
import { RESEND_FIRST_MS, RESEND_MAX_MS, RESEND_MIN_MS } from './limits.ts';

/** When the oldest unacknowledged chunk is sent again. */
export type Pace = {
  readonly roundTripMs: number | null;
  /** Doubles with each time that nothing came of waiting. */
  readonly waitMs: number;
};

export const UNMEASURED: Pace = { roundTripMs: null, waitMs: RESEND_FIRST_MS };

/** Smoothed as TCP does: RFC 6298, section 2.3. Only of chunks sent once: P. Karn, C. Partridge 1987. */
export function measured(pace: Pace, tookMs: number): Pace {
  const before = pace.roundTripMs ?? tookMs;
  const roundTripMs = before + (tookMs - before) / 8;
  return { roundTripMs, waitMs: waitFor(roundTripMs) };
}

/** Something was acknowledged, so the wait begins anew. */
export function moved(pace: Pace): Pace {
  return { ...pace, waitMs: waitFor(pace.roundTripMs) };
}

export function backedOff(pace: Pace): Pace {
  return { ...pace, waitMs: Math.min(RESEND_MAX_MS, pace.waitMs * 2) };
}

function waitFor(roundTripMs: number | null): number {
  if (roundTripMs === null) return RESEND_FIRST_MS;
  return Math.min(RESEND_MAX_MS, Math.max(RESEND_MIN_MS, 2 * roundTripMs));
}

type Mark = { readonly at: number; readonly bytes: number };

/** Where the transfer was at a few moments of the last seconds, the oldest first. */
export type Speed = readonly Mark[];

const MARK_EVERY_MS = 250;
const LOOK_BACK_MS = 3_000;

export function marked(speed: Speed, bytes: number, now: number): Speed {
  const last = speed.at(-1);
  if (last !== undefined && now - last.at < MARK_EVERY_MS) return speed;
  return [...speed.filter(({ at }) => now - at <= LOOK_BACK_MS), { at: now, bytes }];
}

/** Zero before anything can be said, and when nothing moved for as long as one looks back. */
export function bytesPerSecond(speed: Speed, bytes: number, now: number): number {
  const oldest = speed.find(({ at }) => now - at <= LOOK_BACK_MS);
  if (oldest === undefined || now - oldest.at < MARK_EVERY_MS) return 0;
  return Math.round(((bytes - oldest.bytes) * 1_000) / (now - oldest.at));
}
