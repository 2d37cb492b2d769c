/**
 * People who rang: by name, to be accepted or declined. The region is always there, so that a
 * screen reader is told when somebody comes.
 */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, Person } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';

type IncomingRequestsProps = {
  readonly people: readonly Person[];
  /** Whom accepting would leave; null if nobody. */
  readonly talkingTo: Person | null;
  readonly model: Pick<AppModel, 'accept' | 'decline'>;
  /** What else can be done with somebody. */
  readonly more?: (person: Person) => ReactNode;
};

export function IncomingRequests({ people, ...each }: IncomingRequestsProps) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('incoming.title')} aria-live="polite" aria-relevant="additions">
      {people.length > 0 && (
        <ul className="flex max-h-[40dvh] flex-col gap-2 overflow-y-auto border-b border-rule bg-paper p-3">
          {people.map((person) => (
            <Request key={person.id} person={person} {...each} />
          ))}
        </ul>
      )}
    </section>
  );
}

type RequestProps = Omit<IncomingRequestsProps, 'people'> & { readonly person: Person };

function Request({ person, talkingTo, model, more }: RequestProps) {
  const { t } = useTranslation();
  const { id, name } = person;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl border border-accent/40 bg-card p-3">
      <Avatar of={person} />
      <div className="min-w-0 flex-1 basis-32">
        <p className="font-medium break-words">{t('incoming.wants', { name })}</p>
        {talkingTo !== null && (
          <p className="text-sm text-muted">{t('incoming.ends', { name: talkingTo.name })}</p>
        )}
      </div>
      {more?.(person)}
      <div className="flex gap-2">
        <Button aria-label={t('incoming.declineFrom', { name })} onClick={() => model.decline(id)}>
          {t('incoming.decline')}
        </Button>
        <Button
          tone="primary"
          aria-label={t('incoming.acceptFrom', { name })}
          onClick={() => model.accept(id)}
        >
          {t('incoming.accept')}
        </Button>
      </div>
    </li>
  );
}
