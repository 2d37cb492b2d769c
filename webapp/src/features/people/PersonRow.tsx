/**
 * Somebody who is listed; a press opens the conversation. Beside it stands the way to block them,
 * or to undo that.
 */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView, Person } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { BlockPerson } from './BlockPerson.tsx';
import { type Standing, standingOf } from './standing.ts';

type PersonRowProps = {
  readonly person: Person;
  readonly view: Extract<AppView, { at: 'signedIn' }>;
  readonly model: Pick<AppModel, 'open' | 'block' | 'unblock'>;
};

export function PersonRow({ person, view, model }: PersonRowProps) {
  const { t } = useTranslation();
  const presenceId = useId();
  const verifiedId = useId();
  const isVerified = view.verified.includes(person.id);
  const standing = standingOf(person.id, view);
  const presence = standing === 'reachable' ? view.presence[person.id] : undefined;
  const remark = remarkOn(standing);
  return (
    <div className="flex items-center">
      <button
        type="button"
        disabled={standing !== 'reachable'}
        aria-label={
          standing === 'reachable' ? t('people.talkTo', { name: person.name }) : undefined
        }
        aria-describedby={described([
          [isVerified, verifiedId],
          [presence !== undefined, presenceId],
        ])}
        onClick={() => model.open(person)}
        className="flex min-w-0 flex-1 cursor-pointer items-center gap-3 rounded-2xl p-2 text-start transition-colors enabled:hover:bg-sunken disabled:cursor-default"
      >
        <span className="relative shrink-0">
          <Avatar of={person} />
          {presence === 'here' && (
            <span className="absolute -end-0.5 -bottom-0.5 size-3.5 rounded-full border-2 border-paper bg-accent" />
          )}
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-medium">{person.name}</span>
            {isVerified && (
              <span
                id={verifiedId}
                role="img"
                aria-label={t('people.verified')}
                title={t('people.verified')}
                className="text-accent"
              >
                <Icon name="verified" className="size-4.5" />
              </span>
            )}
          </span>
          {remark !== null && (
            // That somebody is blocked is seen by the button, which leaves no room for it.
            <span className={standing === 'blocked' ? 'sr-only' : 'block text-sm text-muted'}>
              {t(remark)}
            </span>
          )}
        </span>
      </button>
      {presence !== undefined && (
        <span id={presenceId} className="shrink-0 ps-2 text-sm text-muted">
          {t(`people.${presence}`)}
        </span>
      )}
      {standing === 'blocked' ? (
        <Button
          tone="plain"
          aria-label={t('people.unblockOf', { name: person.name })}
          onClick={() => model.unblock(person.id)}
        >
          {t('people.unblock')}
        </Button>
      ) : (
        standing !== 'me' && <BlockPerson person={person} onBlock={model.block} />
      )}
    </div>
  );
}

/** What is read out after the name: the ids of what there is. */
function described(parts: readonly (readonly [isThere: boolean, id: string])[]) {
  const ids = parts.flatMap(([isThere, id]) => (isThere ? [id] : []));
  return ids.length === 0 ? undefined : ids.join(' ');
}

function remarkOn(standing: Standing) {
  switch (standing) {
    case 'me':
      return 'people.you';
    case 'open':
      return 'people.openNow';
    case 'blocked':
      return 'people.isBlocked';
    default:
      return null;
  }
}
