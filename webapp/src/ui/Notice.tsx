/**
 * A few words that matter: neutral, a warning, or a fault. `alert` reads it out at once.
 */
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';

type Tone = 'calm' | 'warn' | 'danger';

const TONES: Record<Tone, string> = {
  calm: 'border-rule bg-sunken text-ink',
  warn: 'border-warn/40 bg-warn-soft text-ink',
  danger: 'border-danger/40 bg-danger-soft text-ink',
};

const MARKS: Record<Tone, string> = {
  calm: 'text-muted',
  warn: 'text-warn',
  danger: 'text-danger',
};

type NoticeProps = {
  readonly tone: Tone;
  readonly role?: 'alert' | 'status' | 'note';
  readonly children: ReactNode;
};

export function Notice({ tone, role = 'note', children }: NoticeProps) {
  return (
    <div
      role={role}
      className={`flex gap-3 rounded-2xl border px-4 py-3 text-start ${TONES[tone]}`}
    >
      <Icon name="alert" className={`mt-0.5 size-5 ${MARKS[tone]}`} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
