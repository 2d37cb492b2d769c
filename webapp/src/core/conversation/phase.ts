/** What of a conversation can be seen. */
import type { Line } from './lines.ts';
import type { Ending, State } from './machine.ts';

export type Phase =
  | { readonly is: 'establishing' }
  | { readonly is: 'waiting' }
  | {
      readonly is: 'secure';
      readonly lines: readonly Line[];
      readonly peerFingerprint: string;
      readonly pin: 'firstUse' | 'known' | 'verified';
    }
  | { readonly is: 'peerOffline' }
  | { readonly is: 'ended'; readonly why: Exclude<Ending, null> }
  | { readonly is: 'blocked'; readonly pinned: string; readonly offered: string };

/** `null` once the person here has left. */
export function phaseOf(state: State): Phase | null {
  switch (state.at) {
    case 'ringing':
      return state.rang ? { is: 'waiting' } : { is: 'establishing' };
    case 'secure': {
      const { lines, peerFingerprint, pin } = state;
      return { is: 'secure', lines, peerFingerprint, pin };
    }
    case 'offline':
      return { is: 'peerOffline' };
    case 'blocked': {
      const { pinned, offered } = state;
      return { is: 'blocked', pinned, offered };
    }
    case 'ended':
      return state.why && { is: 'ended', why: state.why };
    case 'leaving':
      return null;
    default:
      return { is: 'establishing' };
  }
}
