/**
 * What both think of a line. A press on one joins in, or takes the own one back.
 */
import { useTranslation } from 'react-i18next';
import type { Line } from '../../app/model.ts';

type ReactionsProps = {
  readonly line: Line;
  readonly peerName: string;
  /** Whether the keyboard stops here. */
  readonly isStop: boolean;
  readonly onReact: (emoji: string | null) => void;
};

export function Reactions({ line, peerName, isStop, onReact }: ReactionsProps) {
  const { t } = useTranslation();
  const emojis = [...new Set(line.reactions.map(({ emoji }) => emoji))];
  return (
    <fieldset
      aria-label={t('reactions.label')}
      className={`-mt-1 flex min-w-0 flex-wrap gap-1 px-2 ${line.by === 'me' ? 'justify-end' : ''}`}
    >
      {emojis.map((emoji) => {
        const by = line.reactions.filter((each) => each.emoji === emoji).map((each) => each.by);
        const isMine = by.includes('me');
        const names = by.map((each) => (each === 'me' ? t('lines.you') : peerName)).join(', ');
        const words = t('reactions.by', { emoji, names });
        return (
          <button
            key={emoji}
            type="button"
            tabIndex={isStop ? 0 : -1}
            aria-pressed={isMine}
            aria-label={words}
            title={words}
            // Drawn by the style: its name says whose they are, which is more than how many.
            data-count={by.length > 1 ? by.length : undefined}
            onClick={() => onReact(isMine ? null : emoji)}
            className={`inline-flex min-h-7 data-count:after:text-xs data-count:after:content-[attr(data-count)] min-w-9 cursor-pointer items-center justify-center gap-1 rounded-full border px-2 text-sm ${
              isMine ? 'border-accent bg-mine' : 'border-edge bg-card'
            }`}
          >
            {emoji}
          </button>
        );
      })}
    </fieldset>
  );
}
