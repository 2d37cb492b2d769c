/**
 * Sealed records that the peer has not acknowledged: kept as they are, byte for byte, and sent
 * again as they are under a raised attempt. A record has its place from the moment it is wanted,
 * so that what is being sealed counts as well.
 */
import type { PeerFrame } from '../wire/frames.ts';

/** Records kept at once; then whoever writes waits. */
export const RECORDS_KEPT_MAX = 512;
/** Their bytes, as they cross the wire. */
export const BYTES_KEPT_MAX = 1_048_576;

export type Kept = {
  readonly counter: number;
  /** As it was last sent. */
  readonly frame: PeerFrame;
  readonly sends: number;
  /** When it was last sent over the present path; `null` if not yet. */
  readonly sentAt: number | null;
};

export type Outbox = {
  /** Bytes of the records that are being sealed, the first to be sealed first. */
  readonly reserved: readonly number[];
  /** In the order of their counters. */
  readonly kept: readonly Kept[];
};

export const EMPTY_OUTBOX: Outbox = { reserved: [], kept: [] };

export function hasRoom({ reserved, kept }: Outbox, bytes: number): boolean {
  const held = kept.reduce((sum, { frame }) => sum + frame.body.length, 0);
  const coming = reserved.reduce((sum, each) => sum + each, 0);
  return (
    reserved.length + kept.length < RECORDS_KEPT_MAX && held + coming + bytes <= BYTES_KEPT_MAX
  );
}

export function reserve(outbox: Outbox, bytes: number): Outbox {
  return { ...outbox, reserved: [...outbox.reserved, bytes] };
}

/** Keeps a record that was sealed in the place that was reserved first; not yet sent. */
export function keep({ reserved, kept }: Outbox, counter: number, frame: PeerFrame): Outbox {
  return {
    reserved: reserved.slice(1),
    kept: [...kept, { counter, frame, sends: 0, sentAt: null }],
  };
}

/** Lets go of every record with a counter below `next`. */
export function acknowledge(
  outbox: Outbox,
  next: number,
): { readonly outbox: Outbox; readonly arrived: readonly Kept[] } {
  const arrived = outbox.kept.filter(({ counter }) => counter < next);
  if (arrived.length === 0) return { outbox, arrived };
  return { outbox: { ...outbox, kept: outbox.kept.slice(arrived.length) }, arrived };
}

/** Sends those that are chosen; every send but the first raises the attempt. */
export function send(
  outbox: Outbox,
  chosen: (kept: Kept) => boolean,
  now: number,
): { readonly outbox: Outbox; readonly frames: readonly PeerFrame[] } {
  const frames: PeerFrame[] = [];
  const kept = outbox.kept.map((each) => {
    if (!chosen(each)) return each;
    const frame = { ...each.frame, attempt: each.sends };
    frames.push(frame);
    return { ...each, frame, sends: each.sends + 1, sentAt: now };
  });
  return frames.length === 0 ? { outbox, frames } : { outbox: { ...outbox, kept }, frames };
}

/** The path is another: what was sent over the one before may never arrive. */
export function pathLost(outbox: Outbox): Outbox {
  return { ...outbox, kept: outbox.kept.map((each) => ({ ...each, sentAt: null })) };
}
