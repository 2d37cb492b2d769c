/** Who is writing: said now and then while it lasts, and believed only for a while. */

/** How long the peer's word holds. */
export const TYPING_HOLDS_MS = 5_000;
/** How often it is said anew while somebody writes. */
export const TYPING_AGAIN_MS = 3_000;

export type Typing = {
  /** Until when the peer is shown as writing. */
  readonly peerUntil: number | null;
  /** When we last said that we write; `null` if we do not. */
  readonly saidAt: number | null;
};

export const NOBODY_TYPES: Typing = { peerUntil: null, saidAt: null };

/** The person here writes; the peer is told if what comes is another state. */
export function writing(typing: Typing, now: number): Typing {
  const isFresh = typing.saidAt !== null && now < typing.saidAt + TYPING_AGAIN_MS;
  return isFresh ? typing : { ...typing, saidAt: now };
}

export function resting(typing: Typing): Typing {
  return typing.saidAt === null ? typing : { ...typing, saidAt: null };
}

export function peerWriting(typing: Typing, now: number): Typing {
  return { ...typing, peerUntil: now + TYPING_HOLDS_MS };
}

export function peerResting(typing: Typing): Typing {
  return typing.peerUntil === null ? typing : { ...typing, peerUntil: null };
}

/** What is still believed at this moment. */
export function believed(typing: Typing, now: number): Typing {
  return typing.peerUntil !== null && now >= typing.peerUntil ? peerResting(typing) : typing;
}
