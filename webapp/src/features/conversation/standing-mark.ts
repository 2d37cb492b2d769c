/** How far the peer's key is known in an open conversation, and the mark that says so. */
import type { Phase, Scan } from '../../app/model.ts';
import type { IconName } from '../../ui/Icon.tsx';

/** A scan that showed other keys stands above whatever was confirmed before. */
export type KeyStanding = 'verified' | 'notVerified' | 'differs';

export function standingOf(
  { pin }: Extract<Phase, { is: 'secure' }>,
  scan: Scan | null,
): KeyStanding {
  if (scan?.is === 'differs') return 'differs';
  return pin === 'verified' ? 'verified' : 'notVerified';
}

type Mark = {
  readonly words: 'key.verifiedMark' | 'key.notVerified' | 'scan.differsMark';
  readonly icon: IconName;
  readonly color: string;
  readonly border: string;
};

const MARKS: Record<KeyStanding, Mark> = {
  verified: {
    words: 'key.verifiedMark',
    icon: 'verified',
    color: 'text-accent hover:bg-sunken',
    border: 'border-accent',
  },
  notVerified: {
    words: 'key.notVerified',
    icon: 'fingerprint',
    color: 'text-muted hover:bg-sunken hover:text-ink',
    border: 'border-warn/40 bg-warn-soft',
  },
  differs: {
    words: 'scan.differsMark',
    icon: 'alert',
    color: 'bg-danger text-on-danger',
    border: 'border-danger bg-danger-soft',
  },
};

export function markOf(standing: KeyStanding): Mark {
  return MARKS[standing];
}
