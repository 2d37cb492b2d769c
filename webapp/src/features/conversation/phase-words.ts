/**
 * Each phase of a conversation in a few plain words, and the picture that goes with it.
 */
import type { TFunction } from 'i18next';
import type { Ending, Phase } from '../../app/model.ts';
import type { ThreadState } from '../../ui/Thread.tsx';

/** Where the conversation stands, short enough for the header. */
export function phaseTitle(t: TFunction, phase: Phase, name: string): string {
  if (phase.is === 'ended') return t(`ended.${phase.why}`, { name });
  if (phase.is === 'secure' && phase.connection === 'reconnecting') {
    return t('conversation.reconnecting');
  }
  return t(`conversation.${phase.is}`, { name });
}

/** What it means and what can be done. */
export function phaseHint(t: TFunction, phase: Phase, name: string): string {
  if (phase.is === 'ended') return t(`ended.${phase.why}Hint`, { name });
  return t(`conversation.${phase.is}Hint`, { name });
}

/** Whether something that was said vanished with this ending. */
export function hasWiped(why: Ending): boolean {
  return why === 'left' || why === 'cutOff';
}

const THREADS: Record<Exclude<Phase['is'], 'ended'>, ThreadState> = {
  establishing: 'reaching',
  waiting: 'ringing',
  secure: 'secure',
  peerOffline: 'absent',
  blocked: 'blocked',
};

export function phaseThread(phase: Phase): ThreadState {
  return phase.is === 'ended' ? 'broken' : THREADS[phase.is];
}
