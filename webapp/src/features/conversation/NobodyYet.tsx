/**
 * What stands beside the search, or below it on a phone, while there is no conversation.
 */
import { useTranslation } from 'react-i18next';
import type { Person } from '../../app/model.ts';
import { Thread } from '../../ui/Thread.tsx';

type NobodyYetProps = { readonly me: Person; readonly className: string };

export function NobodyYet({ me, className }: NobodyYetProps) {
  const { t } = useTranslation();
  return (
    <div
      className={`min-w-0 flex-1 shrink-0 flex-col items-center justify-center gap-5 p-6 text-center ${className}`}
    >
      <Thread state="absent" me={me} peer={{ id: '', name: '?' }} />
      <h2 className="font-display text-2xl">{t('conversation.none')}</h2>
      <p className="max-w-md text-muted">{t('conversation.noneHint')}</p>
    </div>
  );
}
