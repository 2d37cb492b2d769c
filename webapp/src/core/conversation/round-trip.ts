/**
 * How long an answer takes, and how long to wait for one before a record is sent again.
 *
 * Smoothed as TCP does it (RFC 6298, section 2); a record that was sent twice is not measured,
 * since its answer may be to either (Karn's rule, section 3).
 */

/** Sooner than this nothing is sent again. */
export const RESEND_WAIT_MIN_MS = 300;
/** However slow the path, and however often it was tried. */
export const RESEND_WAIT_MAX_MS = 4_000;
/** Before anything was measured. */
const UNMEASURED_WAIT_MS = 1_000;

export type RoundTrip = { readonly smoothedMs: number | null };

export const UNMEASURED: RoundTrip = { smoothedMs: null };

export function measured({ smoothedMs }: RoundTrip, sampleMs: number): RoundTrip {
  if (smoothedMs === null) return { smoothedMs: sampleMs };
  return { smoothedMs: smoothedMs + (sampleMs - smoothedMs) / 8 };
}

/** Twice the round trip within its limits, doubled for each try that had no answer. */
export function resendWaitMs({ smoothedMs }: RoundTrip, tries: number): number {
  const once = smoothedMs === null ? UNMEASURED_WAIT_MS : 2 * smoothedMs;
  const least = Math.max(once, RESEND_WAIT_MIN_MS);
  return Math.min(least * 2 ** Math.min(tries, 10), RESEND_WAIT_MAX_MS);
}
