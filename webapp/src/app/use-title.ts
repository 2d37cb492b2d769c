/**
 * The title of the tab tells whoever looks elsewhere that somebody wants to talk, and how much was
 * said meanwhile.
 */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppView } from './model.ts';

export function useTitle(view: AppView, unread: number): void {
  const { t } = useTranslation();
  const caller = view.at === 'signedIn' ? view.incoming[0] : undefined;
  const mark = unread === 0 ? '' : `(${unread}) `;
  const name = t('app.title');
  const rings = caller === undefined ? '' : `${t('app.titleIncoming', { name: caller.name })} · `;
  const title = `${mark}${rings}${name}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
