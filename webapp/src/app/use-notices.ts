/**
 * Tells whoever looks elsewhere that somebody rings or has said something: neither who nor what,
 * for a notice stands on a locked screen and stays in the system's history.
 */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Notices } from '../platform/notices.ts';
import { usePageVisible } from '../ui/use-page-visible.ts';
import type { AppView } from './model.ts';

export function useNotices(view: AppView, unread: number, notices: Notices): void {
  const { t } = useTranslation();
  const visible = usePageVisible();
  const rings = view.at === 'signedIn' ? view.incoming.length : 0;
  const before = useRef({ rings, unread });

  useEffect(() => {
    const was = before.current;
    before.current = { rings, unread };
    if (visible) notices.withdraw();
    else if (rings > was.rings) notices.show(t('app.title'), t('notices.ring'));
    else if (unread > was.unread)
      notices.show(t('app.title'), t('notices.lines', { count: unread }));
  }, [visible, rings, unread, notices, t]);
}
