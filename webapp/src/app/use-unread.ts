/**
 * How much the peer has said since somebody last looked at the page.
 */
import { useMemo, useState } from 'react';
import { usePageVisible } from '../ui/use-page-visible.ts';
import type { AppView, Line } from './model.ts';

const NO_LINES: readonly Line[] = [];

export function useUnread(view: AppView): number {
  const visible = usePageVisible();
  const phase = view.at === 'signedIn' ? view.conversation?.phase : undefined;
  const lines = phase?.is === 'secure' ? phase.lines : NO_LINES;
  const heard = useMemo(() => lines.filter(({ by }) => by === 'peer').length, [lines]);
  const [seen, setSeen] = useState(heard);
  // Fewer than before are those of another conversation.
  if (heard !== seen && (visible || heard < seen)) setSeen(heard);
  return visible ? 0 : Math.max(0, heard - seen);
}
