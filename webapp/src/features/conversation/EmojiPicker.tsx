/**
 * More to react with: some to press, and a field for any other.
 */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button.tsx';
import { type Anchor, Popover } from '../../ui/Popover.tsx';
import { EMOJI_CHARS_MAX, emojiIn, TO_CHOOSE } from './emoji.ts';

type EmojiPickerProps = {
  readonly anchor: Anchor;
  /** The own reaction. */
  readonly chosen: string | null;
  readonly onChoose: (emoji: string | null) => void;
  readonly onClose: () => void;
};

export function EmojiPicker({ anchor, chosen, onChoose, onClose }: EmojiPickerProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const other = emojiIn(typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (other !== null) onChoose(other);
  };
  return (
    <Popover role="dialog" label={t('acts.react')} anchor={anchor} onClose={onClose}>
      <div className="grid grid-cols-6">
        {TO_CHOOSE.map((emoji) => (
          <button
            key={emoji}
            type="button"
            aria-pressed={emoji === chosen}
            aria-label={t(emoji === chosen ? 'acts.takeBack' : 'acts.reactWith', { emoji })}
            onClick={() => onChoose(emoji === chosen ? null : emoji)}
            className={`inline-flex size-10 cursor-pointer items-center justify-center rounded-full text-xl hover:bg-sunken ${
              emoji === chosen ? 'bg-mine' : ''
            }`}
          >
            {emoji}
          </button>
        ))}
      </div>
      <form onSubmit={submit} className="flex items-end gap-2 p-2">
        <label className="flex min-w-0 flex-1 flex-col gap-1 text-sm">
          {t('acts.typeEmoji')}
          <input
            value={typed}
            maxLength={EMOJI_CHARS_MAX}
            autoComplete="off"
            onChange={(event) => setTyped(event.target.value)}
            className="min-h-11 w-24 rounded-xl border border-edge bg-paper px-3 text-lg"
          />
        </label>
        <Button type="submit" tone="primary" disabled={other === null}>
          {t('acts.react')}
        </Button>
      </form>
    </Popover>
  );
}
