/**
 * How much the peer has said and offered since somebody last looked at the page.
 */
import { useMemo, useState } from 'react';
import { usePageVisible } from '../ui/use-page-visible.ts';
import type { AppView, Phase } from './model.ts';

type Told = Pick<Extract<Phase, { is: 'secure' }>, 'lines' | 'transfers'>;

const NOTHING: Told = { lines: [], transfers: [] };

export function useUnread(view: AppView): number {
  const visible = usePageVisible();
  const phase = view.at === 'signedIn' ? view.conversation?.phase : undefined;
  const { lines, transfers }: Told = phase?.is === 'secure' ? phase : NOTHING;
  const heard = useMemo(
    () => [...lines, ...transfers].filter(({ by }) => by === 'peer').length,
    [lines, transfers],
  );
  const [seen, setSeen] = useState(heard);
  // Fewer than before are those of another conversation.
  if (heard !== seen && (visible || heard < seen)) setSeen(heard);
  return visible ? 0 : Math.max(0, heard - seen);
}
