/**
 * What can be done with a line: a menu beside it, walked through with arrows.
 */
import { type KeyboardEvent, type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Line } from '../../app/model.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { type Anchor, Popover } from '../../ui/Popover.tsx';
import { EmojiPicker } from './EmojiPicker.tsx';
import { AT_HAND } from './emoji.ts';
import { type Choice, isEditable, ownReaction } from './line-acts.ts';

type LineMenuProps = {
  readonly line: Line;
  readonly anchor: Anchor;
  readonly onChoose: (choice: Choice) => void;
  readonly onClose: () => void;
};

/** The menu, and in its place the emoji there are besides those at hand. */
export function LineMenu({ line, anchor, onChoose, onClose }: LineMenuProps) {
  const [shows, setShows] = useState<'acts' | 'emoji'>('acts');
  const close = useCallback(() => onClose(), [onClose]);
  return shows === 'acts' ? (
    <Acts
      line={line}
      anchor={anchor}
      onChoose={onChoose}
      onMore={() => setShows('emoji')}
      onClose={close}
    />
  ) : (
    <EmojiPicker
      anchor={anchor}
      chosen={ownReaction(line)}
      onChoose={(emoji) => onChoose({ is: 'react', emoji })}
      onClose={close}
    />
  );
}

function Acts({ line, anchor, onChoose, onMore, onClose }: LineMenuProps & { onMore: () => void }) {
  const { t } = useTranslation();
  const [canEdit] = useState(() => isEditable(line, Date.now()));
  return (
    <Popover
      role="menu"
      label={t('acts.label')}
      anchor={anchor}
      onClose={onClose}
      onKeyDown={walk}
      className="w-64"
    >
      {!line.deleted && <AtHand line={line} onChoose={onChoose} onMore={onMore} />}
      {!line.deleted && (
        <Act icon="reply" onPress={() => onChoose({ is: 'reply' })}>
          {t('acts.reply')}
        </Act>
      )}
      {canEdit && (
        <Act icon="edit" onPress={() => onChoose({ is: 'edit' })}>
          {t('acts.edit')}
        </Act>
      )}
      {!line.deleted && (
        <Act icon="copy" onPress={() => onChoose({ is: 'copy' })}>
          {t('acts.copy')}
        </Act>
      )}
      <Act icon="trash" onPress={() => onChoose({ is: 'delete' })}>
        {t('acts.delete')}
      </Act>
    </Popover>
  );
}

type AtHandProps = Pick<LineMenuProps, 'line' | 'onChoose'> & { readonly onMore: () => void };

function AtHand({ line, onChoose, onMore }: AtHandProps) {
  const { t } = useTranslation();
  const own = ownReaction(line);
  const looks =
    'inline-flex size-8 cursor-pointer items-center justify-center rounded-full text-lg hover:bg-sunken';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a menu has groups, and no set of fields.
    <div role="group" aria-label={t('acts.react')} className="flex justify-between px-1 pb-1">
      {AT_HAND.map((emoji) => (
        <button
          key={emoji}
          type="button"
          role="menuitemradio"
          tabIndex={-1}
          aria-checked={emoji === own}
          aria-label={t(emoji === own ? 'acts.takeBack' : 'acts.reactWith', { emoji })}
          onClick={() => onChoose({ is: 'react', emoji: emoji === own ? null : emoji })}
          className={`${looks} ${emoji === own ? 'bg-mine' : ''}`}
        >
          {emoji}
        </button>
      ))}
      <button
        type="button"
        role="menuitem"
        tabIndex={-1}
        aria-haspopup="dialog"
        aria-label={t('acts.otherEmoji')}
        title={t('acts.otherEmoji')}
        onClick={onMore}
        className={`${looks} text-muted`}
      >
        <Icon name="smile" />
      </button>
    </div>
  );
}

type ActProps = {
  readonly icon: IconName;
  readonly onPress: () => void;
  readonly children: ReactNode;
};

function Act({ icon, onPress, children }: ActProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={onPress}
      className="flex min-h-11 w-full cursor-pointer items-center gap-3 rounded-xl px-3 text-start hover:bg-sunken focus-visible:bg-sunken"
    >
      <Icon name={icon} className="size-5 text-muted" />
      {children}
    </button>
  );
}

/** Up and down go from row to row, right and left along a row of emoji, Home and End to the ends. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const here = items.indexOf(document.activeElement as HTMLElement);
  const rowOf = (item: HTMLElement | undefined) => item?.closest('[role="group"]') ?? item;
  const wanted = (): HTMLElement | undefined => {
    switch (event.key) {
      case 'ArrowDown':
        return (
          items.find((item, at) => at > here && rowOf(item) !== rowOf(items[here])) ?? items[0]
        );
      case 'ArrowUp': {
        const before = items.slice(0, Math.max(here, 0));
        const above = before.findLast((item) => rowOf(item) !== rowOf(items[here]));
        return items.find((item) => rowOf(item) === rowOf(above ?? items.at(-1)));
      }
      case 'ArrowRight':
        return rowOf(items[here + 1]) === rowOf(items[here]) ? items[here + 1] : undefined;
      case 'ArrowLeft':
        return rowOf(items[here - 1]) === rowOf(items[here]) ? items[here - 1] : undefined;
      case 'Home':
        return items[0];
      case 'End':
        return items.at(-1);
      default:
        return undefined;
    }
  };
  if (!['ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft', 'Home', 'End'].includes(event.key))
    return;
  event.preventDefault();
  wanted()?.focus();
}
