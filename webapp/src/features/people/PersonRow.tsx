/**
 * Somebody who was found; a press opens the conversation.
 */
import { useTranslation } from 'react-i18next';
import type { Person } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import type { Standing } from './PeopleSearch.tsx';

type PersonRowProps = {
  readonly person: Person;
  readonly standing: Standing;
  readonly onOpen: () => void;
};

export function PersonRow({ person, standing, onOpen }: PersonRowProps) {
  const { t } = useTranslation();
  const remark = standing === 'me' ? 'people.you' : standing === 'open' ? 'people.openNow' : null;
  return (
    <button
      type="button"
      disabled={standing !== 'reachable'}
      aria-label={standing === 'reachable' ? t('people.talkTo', { name: person.name }) : undefined}
      onClick={onOpen}
      className="flex w-full cursor-pointer items-center gap-3 rounded-2xl p-2 text-start transition-colors enabled:hover:bg-sunken disabled:cursor-default"
    >
      <Avatar of={person} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{person.name}</span>
        {remark !== null && <span className="block text-sm text-muted">{t(remark)}</span>}
      </span>
    </button>
  );
}
