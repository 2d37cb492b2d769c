/** What of a conversation can be seen. */

import type { RecordedKind } from '../recording/kind.ts';
import type { TransferView } from '../transfer/view.ts';
import type { Line } from './lines.ts';
import type { Ending, Secure, State } from './machine.ts';
import { canSay } from './speaking.ts';
import { peerActivity } from './typing.ts';

export type Phase =
  | { readonly is: 'establishing' }
  | { readonly is: 'waiting' }
  | {
      readonly is: 'secure';
      readonly lines: readonly Line[];
      readonly peerFingerprint: string;
      readonly pin: 'firstUse' | 'known' | 'verified';
      readonly shortCode: readonly number[];
      readonly connection: 'up' | 'reconnecting';
      /** Whether more can be said before the peer has what was said. */
      readonly outbox: 'open' | 'full';
      readonly peerTyping: boolean;
      readonly peerRecording: RecordedKind | null;
      /** Records that did not open: somebody on the way meddles. */
      readonly unopened: number;
      /** Frames that were dropped: those, and what came again or had no place. */
      readonly noticed: number;
      /** Files on their way and those that were, the oldest first. */
      readonly transfers: readonly TransferView[];
      /** The largest file that is sent and taken. */
      readonly fileBytesMax: number;
    }
  | { readonly is: 'peerOffline' }
  | { readonly is: 'ended'; readonly why: Exclude<Ending, null>; readonly unconfirmed: number }
  | { readonly is: 'blocked'; readonly pinned: string; readonly offered: string };

type FilesShown = {
  readonly transfers: readonly TransferView[];
  readonly fileBytesMax: number;
  /** Chunks that did not open. */
  readonly forged: number;
};

/** `null` once the person here has left. */
export function phaseOf(state: State, files: FilesShown, noticed: number): Phase | null {
  switch (state.at) {
    case 'ringing':
      return state.rang ? { is: 'waiting' } : { is: 'establishing' };
    case 'secure':
      return securePhase(state, files, noticed);
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

/** Whether two phases show the same, part for part. */
export function looksLike(one: Phase | null, other: Phase | null): boolean {
  if (one === null || other === null) return one === other;
  const [parts, others] = [Object.entries(one), new Map(Object.entries(other))];
  return parts.length === others.size && parts.every(([name, part]) => others.get(name) === part);
}

function securePhase(state: Secure, files: FilesShown, noticed: number): Phase {
  const { transfers, forged, fileBytesMax } = files;
  const { lines, peerFingerprint, pin, channel, delivery, typing, unopened } = state;
  const activity = peerActivity(typing);
  return {
    is: 'secure',
    lines,
    peerFingerprint,
    pin,
    shortCode: channel.shortCode,
    connection: delivery.connection.is,
    outbox: canSay(state) ? 'open' : 'full',
    peerTyping: activity === 'text',
    peerRecording: activity === 'text' ? null : activity,
    unopened: unopened + forged,
    noticed: noticed + forged,
    transfers,
    fileBytesMax,
  };
}
