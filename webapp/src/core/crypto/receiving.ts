/**
 * Where a record that arrived may belong, judged by its header alone: what the header says is
 * believed only when the record opens, and nothing here moves anything.
 */
import { AHEAD_MAX } from './chain.ts';
import type { Ratchet, Receiving } from './ratchet.ts';
import type { Place } from './record-layout.ts';

export type Judged =
  /** Its key is at hand: try. */
  | { readonly is: 'open'; readonly receiving: Receiving }
  /** Behind what was opened. */
  | { readonly is: 'repeat' }
  /** Cannot be opened before something else is. */
  | { readonly is: 'early' }
  /** No place where the peer could have sealed one. */
  | { readonly is: 'forged' };

export function judge(ratchet: Ratchet, place: Place): Judged {
  return place.lane === 1 ? judgeTalk(ratchet, place) : judgeControl(ratchet, place);
}

/** Strictly in order: only the next one opens. */
function judgeTalk(ratchet: Ratchet, { epoch, counter }: Place): Judged {
  const ahead = counter - ratchet.talkNext;
  if (ahead < 0) return { is: 'repeat' };
  if (ahead > AHEAD_MAX) return { is: 'forged' };
  // The turn before an epoch has a counter too, so its records cannot be the next.
  if (isNextEpoch(ratchet, epoch)) return { is: ahead > 0 ? 'early' : 'forged' };
  const receiving = ratchet.receiving.find((kept) => kept.epoch === epoch);
  if (receiving === undefined) return { is: 'forged' };
  return ahead > 0 ? { is: 'early' } : { is: 'open', receiving };
}

/** Any newer one opens; what it skips is lost. */
function judgeControl(ratchet: Ratchet, { epoch, counter }: Place): Judged {
  if (isNextEpoch(ratchet, epoch)) return { is: counter <= AHEAD_MAX ? 'early' : 'forged' };
  if (epoch > ratchet.epoch) return { is: 'forged' };
  const receiving = ratchet.receiving.find((kept) => kept.epoch === epoch);
  if (!receiving?.control) return { is: 'repeat' };
  const ahead = counter - receiving.control.next;
  if (ahead < 0) return { is: 'repeat' };
  return ahead > AHEAD_MAX ? { is: 'forged' } : { is: 'open', receiving };
}

/** Whether the peer can be in an epoch that is not known here yet: after its turn, and no further. */
function isNextEpoch({ epoch: present, part }: Ratchet, epoch: number): boolean {
  return part.is === 'waits' && epoch === present + 1;
}
