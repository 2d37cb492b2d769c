/** A handshake message that is said again, byte for byte, until it is answered: after 1, 2, 4 s … */
import type { PeerFrame } from '../wire/frames.ts';

const FIRST_WAIT_MS = 1_000;

export type Sending = {
  /** As it was last sent. */
  readonly frame: PeerFrame;
  readonly waitMs: number;
  readonly againAt: number;
};

export function sending(frame: PeerFrame, now: number): Sending {
  return { frame, waitMs: FIRST_WAIT_MS, againAt: now + FIRST_WAIT_MS };
}

/** The same once more if it is time, `null` otherwise. */
export function sentAgain(out: Sending, now: number): Sending | null {
  if (now < out.againAt) return null;
  const waitMs = out.waitMs * 2;
  return { frame: raised(out.frame), waitMs, againAt: now + waitMs };
}

/** A deliberate re-send: the server drops only frames that are the same in every way. */
export function raised(frame: PeerFrame): PeerFrame {
  return { ...frame, attempt: frame.attempt + 1 };
}
