/**
 * Whom one talked to of late, until one signs out or clears it.
 */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { PersonRow } from './PersonRow.tsx';

type RecentPeopleProps = {
  readonly view: Extract<AppView, { at: 'signedIn' }>;
  readonly model: Pick<AppModel, 'open' | 'block' | 'unblock' | 'clearRecent'>;
  /** Where the focus goes when the list, and the button that cleared it, are gone. */
  readonly onCleared: () => void;
};

export function RecentPeople({ view, model, onCleared }: RecentPeopleProps) {
  const { t } = useTranslation();
  const titleId = useId();
  if (view.recent.length === 0) return null;
  return (
    <section aria-labelledby={titleId} className="flex flex-col gap-2">
      <div className="flex items-center gap-2">
        <h2 id={titleId} className="flex-1 font-medium">
          {t('people.recent')}
        </h2>
        <Button
          tone="plain"
          className="-me-4 shrink-0 text-sm"
          aria-label={t('people.clearRecentLabel')}
          onClick={() => {
            model.clearRecent();
            onCleared();
          }}
        >
          {t('people.clearRecent')}
        </Button>
      </div>
      <ul className="-mx-2 flex flex-col gap-1">
        {view.recent.map((person) => (
          <li key={person.id}>
            <PersonRow person={person} view={view} model={model} />
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted">{t('people.recentMeans')}</p>
    </section>
  );
}
