/**
 * The title of the tab tells whoever looks elsewhere that somebody wants to talk.
 */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppView } from './model.ts';

export function useTitle(view: AppView): void {
  const { t } = useTranslation();
  const caller = view.at === 'signedIn' ? view.incoming[0] : undefined;
  const name = t('app.title');
  const title =
    caller === undefined ? name : `${t('app.titleIncoming', { name: caller.name })} · ${name}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
