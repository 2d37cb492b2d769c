/** Who is writing or recording: said now and then while it lasts, and believed only for a while. */
import type { RecordedKind } from '../recording/kind.ts';

/** How long the peer's word holds. */
export const TYPING_HOLDS_MS = 5_000;
/** How often it is said anew while somebody writes or records. */
export const TYPING_AGAIN_MS = 3_000;

/** What somebody is busy with before it is sent. */
export type Activity = 'text' | RecordedKind;

export type Typing = {
  /** Until when the peer is shown as busy, and with what. */
  readonly peerUntil: number | null;
  readonly peer: Activity;
  /** When we last said that we are busy, and with what; `null` if we are not. */
  readonly saidAt: number | null;
  readonly said: Activity;
};

export const NOBODY_TYPES: Typing = { peerUntil: null, peer: 'text', saidAt: null, said: 'text' };

/** The person here is busy; the peer is told if what comes is another state. */
export function writing(typing: Typing, now: number, said: Activity = 'text'): Typing {
  const isFresh = typing.saidAt !== null && now < typing.saidAt + TYPING_AGAIN_MS;
  return isFresh && typing.said === said ? typing : { ...typing, saidAt: now, said };
}

export function resting(typing: Typing): Typing {
  return typing.saidAt === null ? typing : { ...typing, saidAt: null };
}

export function peerWriting(typing: Typing, now: number, peer: Activity = 'text'): Typing {
  return { ...typing, peerUntil: now + TYPING_HOLDS_MS, peer };
}

export function peerResting(typing: Typing): Typing {
  return typing.peerUntil === null ? typing : { ...typing, peerUntil: null };
}

/** What the peer is busy with; `null` for nothing. */
export function peerActivity({ peerUntil, peer }: Typing): Activity | null {
  return peerUntil === null ? null : peer;
}

/** What is still believed at this moment. */
export function believed(typing: Typing, now: number): Typing {
  return typing.peerUntil !== null && now >= typing.peerUntil ? peerResting(typing) : typing;
}
