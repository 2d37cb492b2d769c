/**
 * When to tell the peer what has arrived: at once if nothing was told for a while or something is
 * missing, together with what else comes in the next moments otherwise.
 *
 * The first of a burst is told at once: a hidden page's timers may wait for a minute, and the
 * peer's re-send would come long before.
 */

/** What arrives within this time is acknowledged together. */
export const ACK_BATCH_MS = 100;

export type Acknowledgements = {
  readonly toldAt: number | null;
  readonly dueAt: number | null;
  /** The missing counter that was told last; each is urgent once. */
  readonly gapTold: number | null;
};

export const NOTHING_TOLD: Acknowledgements = { toldAt: null, dueAt: null, gapTold: null };

/** Something arrived. It is time to tell once `dueAt` is reached, which may be this moment. */
export function noteArrival(acks: Acknowledgements, now: number): Acknowledgements {
  const earliest = acks.toldAt === null ? now : Math.max(now, acks.toldAt + ACK_BATCH_MS);
  return { ...acks, dueAt: Math.min(acks.dueAt ?? earliest, earliest) };
}

/** The record `next` is missing: told at once, and again only with what else arrives. */
export function noteGap(acks: Acknowledgements, next: number, now: number): Acknowledgements {
  if (acks.gapTold === next) return noteArrival(acks, now);
  return { ...acks, dueAt: now, gapTold: next };
}

export function isDue({ dueAt }: Acknowledgements, now: number): boolean {
  return dueAt !== null && now >= dueAt;
}

export function told(acks: Acknowledgements, now: number): Acknowledgements {
  return { ...acks, toldAt: now, dueAt: null };
}
