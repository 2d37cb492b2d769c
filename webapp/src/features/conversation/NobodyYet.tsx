/**
 * What stands beside the search while there is no conversation; a phone has no room for it.
 */
import { useTranslation } from 'react-i18next';
import type { Person } from '../../app/model.ts';
import { Thread } from '../../ui/Thread.tsx';

export function NobodyYet({ me }: { me: Person }) {
  const { t } = useTranslation();
  return (
    <div className="hidden min-w-0 flex-1 flex-col items-center justify-center gap-5 p-6 text-center md:flex">
      <Thread state="absent" me={me} peer={{ id: '', name: '?' }} />
      <h2 className="font-display text-2xl">{t('conversation.none')}</h2>
      <p className="max-w-md text-muted">{t('conversation.noneHint')}</p>
    </div>
  );
}
