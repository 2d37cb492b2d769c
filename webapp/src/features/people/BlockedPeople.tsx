/**
 * Who is blocked, and the way to undo it.
 */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, Person } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';

type BlockedPeopleProps = {
  readonly people: readonly Person[];
  readonly model: Pick<AppModel, 'unblock'>;
};

export function BlockedPeople({ people, model }: BlockedPeopleProps) {
  const { t } = useTranslation();
  const words = useRef<HTMLParagraphElement>(null);

  // The button that was pressed is gone, and would take the focus with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when somebody is gone.
  useEffect(() => {
    if (document.activeElement === document.body) words.current?.focus();
  }, [people.length]);

  return (
    <>
      <p ref={words} tabIndex={-1} className="text-sm text-muted">
        {t(people.length === 0 ? 'people.nobodyBlocked' : 'people.blockedMeans')}
      </p>
      {people.length > 0 && (
        <ul className="flex flex-col gap-1">
          {people.map((person) => (
            <li key={person.id} className="flex items-center gap-3">
              <Avatar of={person} className="size-9 text-base" />
              <span className="min-w-0 flex-1 truncate font-medium">{person.name}</span>
              <Button
                aria-label={t('people.unblockOf', { name: person.name })}
                onClick={() => model.unblock(person.id)}
              >
                {t('people.unblock')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
