/**
 * The line that another one answers, in short, and the way to it.
 */
import { useTranslation } from 'react-i18next';
import type { Line } from '../../app/model.ts';
import { excerptOf } from './line-acts.ts';

type QuoteProps = {
  /** `null` if it is not there any more. */
  readonly line: Line | null;
  readonly peerName: string;
  /** Whether the keyboard stops here. */
  readonly isStop: boolean;
  readonly onJump: (lineId: string) => void;
};

const LOOKS =
  'mb-1 block w-full rounded-lg border-s-3 border-accent bg-paper/60 px-2 py-1 text-start text-sm';

export function Quote({ line, peerName, isStop, onJump }: QuoteProps) {
  const { t } = useTranslation();
  if (line === null || line.hidden || line.deleted) {
    return (
      <span className={`${LOOKS} text-muted italic`}>
        <span className="sr-only">{t('lines.inAnswerTo')}: </span>
        {t('lines.quotedGone')}
      </span>
    );
  }
  return (
    <button
      type="button"
      tabIndex={isStop ? 0 : -1}
      title={t('lines.toQuoted')}
      onClick={() => onJump(line.id)}
      className={`${LOOKS} cursor-pointer hover:bg-paper`}
    >
      <span className="sr-only">{t('lines.inAnswerTo')}: </span>
      <span className="block truncate font-medium text-accent">
        {line.by === 'me' ? t('lines.you') : peerName}
      </span>
      <span dir="auto" className="line-clamp-2 wrap-anywhere">
        {excerptOf(line.text)}
      </span>
    </button>
  );
}
