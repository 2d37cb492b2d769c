/** What of a conversation can be seen. */

import type { Line } from './lines.ts';
import type { Ending, Secure, State } from './machine.ts';
import { canSay } from './speaking.ts';

export type Phase =
  | { readonly is: 'establishing' }
  | { readonly is: 'waiting' }
  | {
      readonly is: 'secure';
      readonly lines: readonly Line[];
      readonly peerFingerprint: string;
      readonly pin: 'firstUse' | 'known';
      readonly shortCode: readonly number[];
      readonly connection: 'up' | 'reconnecting';
      /** Whether more can be said before the peer has what was said. */
      readonly outbox: 'open' | 'full';
      readonly peerTyping: boolean;
      /** Records that did not open: somebody on the way meddles. */
      readonly unopened: number;
      /** Frames that were dropped: those, and what came again or had no place. */
      readonly noticed: number;
    }
  | { readonly is: 'peerOffline' }
  | { readonly is: 'ended'; readonly why: Exclude<Ending, null>; readonly unconfirmed: number }
  | { readonly is: 'blocked'; readonly pinned: string; readonly offered: string };

/** `null` once the person here has left. */
export function phaseOf(state: State, noticed: number): Phase | null {
  switch (state.at) {
    case 'ringing':
      return state.rang ? { is: 'waiting' } : { is: 'establishing' };
    case 'secure':
      return securePhase(state, noticed);
    case 'offline':
      return { is: 'peerOffline' };
    case 'blocked': {
      const { pinned, offered } = state;
      return { is: 'blocked', pinned, offered };
    }
    case 'ended': {
      const { why, unconfirmed } = state;
      return why && { is: 'ended', why, unconfirmed };
    }
    case 'leaving':
      return null;
    default:
      return { is: 'establishing' };
  }
}

function securePhase(state: Secure, noticed: number): Phase {
  const { lines, peerFingerprint, pin, channel, delivery, typing, unopened } = state;
  return {
    is: 'secure',
    lines,
    peerFingerprint,
    pin,
    shortCode: channel.shortCode,
    connection: delivery.connection.is,
    outbox: canSay(state) ? 'open' : 'full',
    peerTyping: typing.peerUntil !== null,
    unopened,
    noticed,
  };
}
