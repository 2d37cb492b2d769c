/**
 * How much of a file may be on its way and not acknowledged: what the line carries, and a little.
 *
 *     carried = best rate of late x least round trip
 *     window  = carried + min(3/4 carried, 257 KiB)        within 512 KiB and 4 MiB
 *
 * The model of a line is that of BBR (N. Cardwell and others, *BBR: Congestion-Based Congestion
 * Control*, ACM Queue 14, 2016), and so is how a rate is taken (draft-cheng-iccrg-delivery-rate-
 * estimation): what was acknowledged while a chunk was on its way, by the time since the last word
 * before it was sent. BBR lets twice of what a line carries be on its way and holds down what waits
 * by pacing; nothing is paced here, so what is above it is bounded instead, as in FAST TCP (C. Jin,
 * D. Wei, S. Low, INFOCOM 2004). Refused and lost chunks halve it: RFC 5681, section 3.1.
 *
 * **On a long line** that is not full a rate is window / round trip, so that each round trip lets up
 * to four chunks more be on their way: from 512 KiB to 4 MiB in 14 at best, and in 22 in the
 * simulation, where words and chunks do not fall together. The four may all go for one word, which
 * lets three go besides, and in front of a receiver is room for these seven. Where a line is full
 * its rate grows no more, and neither does the window.
 *
 * **What waits** in front of a receiver is what is on its way less what the line carries. A word
 * comes with every third chunk, so the least round trip contains two chunks behind a first one, and
 * `carried` is up to 128 KiB too much: 385 KiB wait at most, while the window is above its least.
 * It leaves that where more than 292 KiB are carried; a line of 1 MiB/s has to be 106 ms long.
 *
 * **Waiting is not taken for distance**, as the least round trip of a path is kept as long as the
 * path is the same, and the first word on it is about three chunks before which nothing waited.
 * Should that one be late for another reason, the next are about no more than 512 KiB, all of which
 * wait at the worst: then the window is 769 KiB, and not more with time. On a path that becomes
 * longer in the middle of a file, the window falls to its least.
 */
import {
  HEADROOM_BYTES,
  IN_FLIGHT_BYTES_MAX,
  IN_FLIGHT_BYTES_MIN,
  RATE_SPAN_MS,
} from './limits.ts';

export type Window = {
  /** What may be on its way. */
  readonly bytes: number;
  /** `null` before anything came back on this path. */
  readonly leastMs: number | null;
  /** The best rates, in bytes per millisecond, of the span that began at `since`, and of the one before. */
  readonly rates: { readonly present: number; readonly before: number; readonly since: number };
  /** When it was made smaller; rates of what was sent before that count no more. */
  readonly narrowedAt: number;
};

/** What the acknowledgement of a chunk that was sent once tells of the line. */
export type Passage = {
  readonly sentAt: number;
  /** The last acknowledgement before it was sent, or when it was sent if nothing else was on its way. */
  readonly since: number;
  /** Acknowledged since then. */
  readonly bytes: number;
};

/** Of a path on which nothing came back yet. */
export const UNKNOWN_PATH: Window = {
  bytes: IN_FLIGHT_BYTES_MIN,
  leastMs: null,
  rates: { present: 0, before: 0, since: -Infinity },
  narrowedAt: -Infinity,
};

/**
 * After an acknowledgement of `acknowledged` bytes that leaves `out` on their way.
 *
 * A word that fills a gap acknowledges all that is behind it. Not as much goes at once for that, but
 * 514 KiB at most, and 257 KiB more than was acknowledged with each word after it.
 */
export function widened(
  sendWindow: Window,
  passage: Passage | null,
  { out, acknowledged }: { readonly out: number; readonly acknowledged: number },
  now: number,
): Window {
  const { leastMs, rates } = passage === null ? sendWindow : learnt(sendWindow, passage, now);
  const rate = Math.max(rates.present, rates.before);
  const known = { ...sendWindow, leastMs, rates };
  if (leastMs === null || rate === 0) return known;
  const carried = rate * leastMs;
  const wished = carried + Math.min(0.75 * carried, HEADROOM_BYTES);
  const stepped = out + Math.min(acknowledged, HEADROOM_BYTES) + HEADROOM_BYTES;
  return { ...known, bytes: within(Math.min(wished, stepped)) };
}

/**
 * After a refusal, or a time in which nothing came back, of a chunk that was sent at `sentAt`;
 * `out` are on their way still. What was sent before it was made smaller makes it no smaller again,
 * but it is never larger than what is on its way: the edge did not take more.
 */
export function narrowed(sendWindow: Window, sentAt: number, out: number, now: number): Window {
  const isKnown = sentAt < sendWindow.narrowedAt;
  const bytes = within(Math.min(isKnown ? sendWindow.bytes : sendWindow.bytes / 2, out));
  if (isKnown) return { ...sendWindow, bytes };
  return { ...sendWindow, bytes, rates: UNKNOWN_PATH.rates, narrowedAt: now };
}

function learnt(sendWindow: Window, { sentAt, since, bytes }: Passage, now: number) {
  const leastMs = Math.min(sendWindow.leastMs ?? Infinity, now - sentAt);
  const { rates, narrowedAt } = sendWindow;
  // A clock may stand still for a millisecond.
  const rate = bytes / Math.max(1, now - since);
  return { leastMs, rates: sentAt < narrowedAt ? rates : heard(rates, rate, now) };
}

function heard(rates: Window['rates'], rate: number, now: number): Window['rates'] {
  const age = now - rates.since;
  if (age < RATE_SPAN_MS) return { ...rates, present: Math.max(rates.present, rate) };
  return { present: rate, before: age < 2 * RATE_SPAN_MS ? rates.present : 0, since: now };
}

function within(bytes: number): number {
  return Math.min(IN_FLIGHT_BYTES_MAX, Math.max(IN_FLIGHT_BYTES_MIN, bytes));
}
