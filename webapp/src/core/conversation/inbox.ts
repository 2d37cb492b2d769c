/**
 * What has been received in order, and the records ahead of their turn that wait for it.
 *
 * A record that waits has not been opened, so anybody on the way may have made it: several may
 * claim one place, and when there is no more room the farthest ahead leaves. The awaited one
 * itself never waits, so nobody can keep it out.
 */
import { equal } from '../bytes.ts';
import type { PeerFrame } from '../wire/frames.ts';

/** Records that wait for their turn. */
export const RECORDS_HELD_MAX = 64;
export const BYTES_HELD_MAX = 1_048_576;

type Held = { readonly lane: 0 | 1; readonly counter: number; readonly frame: PeerFrame };

export type Inbox = {
  /** The counter of the talk lane that is awaited. */
  readonly next: number;
  /** The nearest first; those of the control lane wait for a turn of the keys. */
  readonly held: readonly Held[];
  /** Since when the awaited one is missing although a later one is here. */
  readonly gapSince: number | null;
};

export const EMPTY_INBOX: Inbox = { next: 0, held: [], gapSince: null };

export function hold(inbox: Inbox, early: Held, now: number): Inbox {
  const known = inbox.held.some(
    ({ lane, frame }) => lane === early.lane && equal(frame.body, early.frame.body),
  );
  if (known) return inbox;
  const held = [...inbox.held, early].sort((a, b) => a.counter - b.counter);
  while (held.length > RECORDS_HELD_MAX || bytesOf(held) > BYTES_HELD_MAX) held.pop();
  return gapNoted({ ...inbox, held }, now);
}

/** The awaited record was taken; `ready` are those that claim to be the next. */
export function advance(
  { held }: Inbox,
  counter: number,
  now: number,
): { readonly inbox: Inbox; readonly ready: readonly PeerFrame[] } {
  const next = counter + 1;
  const ready = held.filter((each) => each.lane === 1 && each.counter === next);
  const waiting = held.filter((each) => each.lane === 0 || each.counter > next);
  const inbox = gapNoted({ next, held: waiting, gapSince: null }, now);
  return { inbox, ready: ready.map(({ frame }) => frame) };
}

/** The keys have turned: what waited for that on the control lane is let go. */
export function released(inbox: Inbox): {
  readonly inbox: Inbox;
  readonly ready: readonly PeerFrame[];
} {
  const ready = inbox.held.filter(({ lane }) => lane === 0);
  if (ready.length === 0) return { inbox, ready: [] };
  const held = inbox.held.filter(({ lane }) => lane === 1);
  return { inbox: { ...inbox, held }, ready: ready.map(({ frame }) => frame) };
}

/** The first record of the talk lane that waits; everything before it is missing. */
export function aheadOf({ held }: Inbox): number | null {
  return held.find(({ lane }) => lane === 1)?.counter ?? null;
}

/** The peer is back: what is missing has its whole time again. */
export function patient(inbox: Inbox, now: number): Inbox {
  return inbox.gapSince === null ? inbox : { ...inbox, gapSince: now };
}

function gapNoted(inbox: Inbox, now: number): Inbox {
  if (aheadOf(inbox) === null) return { ...inbox, gapSince: null };
  return { ...inbox, gapSince: inbox.gapSince ?? now };
}

function bytesOf(held: readonly Held[]): number {
  return held.reduce((sum, { frame }) => sum + frame.body.length, 0);
}
