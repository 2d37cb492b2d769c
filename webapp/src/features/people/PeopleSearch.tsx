/**
 * Finding somebody by a part of their name; while nobody is searched for, whom one talked to.
 */
import { type ChangeEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { IconButton } from '../../ui/Button.tsx';
import { FaultNotice } from '../../ui/FaultNotice.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { PersonRow } from './PersonRow.tsx';
import { RecentPeople } from './RecentPeople.tsx';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

type PeopleSearchProps = {
  readonly view: SignedIn;
  readonly model: PeopleModel;
};

type PeopleModel = Pick<AppModel, 'find' | 'open' | 'block' | 'unblock' | 'clearRecent'>;

export function PeopleSearch({ view, model }: PeopleSearchProps) {
  const { t } = useTranslation();
  const [query, setQuery] = useState(view.search.query);
  const field = useRef<HTMLInputElement>(null);
  const fieldId = useId();

  const find = (text: string) => {
    setQuery(text);
    model.find(text);
  };

  return (
    <div className="flex flex-col gap-4 p-4">
      <label htmlFor={fieldId} className="font-display text-2xl">
        {t('people.title')}
      </label>
      <div className="flex items-center rounded-full border border-edge bg-card ps-4 text-muted focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
        <Icon name="search" />
        <input
          ref={field}
          id={fieldId}
          type="text"
          inputMode="search"
          enterKeyHint="search"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={query}
          placeholder={t('people.label')}
          onChange={(event: ChangeEvent<HTMLInputElement>) => find(event.target.value)}
          className="min-h-11 min-w-0 flex-1 bg-transparent px-3 text-ink outline-none placeholder:text-muted"
        />
        {query !== '' && (
          <IconButton
            label={t('people.clear')}
            onClick={() => {
              find('');
              field.current?.focus();
            }}
          >
            <Icon name="close" />
          </IconButton>
        )}
      </div>
      <Results view={view} model={model} />
      {view.search.people.is === 'idle' && (
        <RecentPeople view={view} model={model} onCleared={() => field.current?.focus()} />
      )}
    </div>
  );
}

function Results({ view, model }: PeopleSearchProps) {
  const { t } = useTranslation();
  const { people, query } = view.search;
  const canTalk = view.key.is === 'ready';
  return (
    <>
      <p role="status" className="flex min-h-6 items-center gap-2 text-sm text-muted">
        {people.is === 'idle' && t('people.hint')}
        {people.is === 'asking' && (
          <>
            <Spinner />
            {t('people.searching')}
          </>
        )}
        {people.is === 'answered' &&
          (people.value.length === 0
            ? t('people.none', { query })
            : t('people.found', { count: people.value.length }))}
      </p>
      {people.is === 'failed' && (
        <FaultNotice words={faultWords(t, people.fault)} trace={faultTrace(t, people.fault)} />
      )}
      {people.is === 'answered' && people.value.length > 0 && (
        <>
          {!canTalk && <p className="text-sm text-muted">{t('people.keyFirst')}</p>}
          <ul className="-mx-2 flex flex-col gap-1">
            {people.value.map((person) => (
              <li key={person.id}>
                <PersonRow person={person} view={view} model={model} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
