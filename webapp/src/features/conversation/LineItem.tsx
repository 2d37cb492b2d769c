/**
 * One thing that was said, with its time and what has become of it. The state is a picture with
 * a name: as text it would be read out again at every change.
 */
import { memo, type RefCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Line } from '../../app/model.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';

type LineItemProps = {
  readonly line: Line;
  readonly peerName: string;
  /** The first of several in a row by the same person. */
  readonly isFirst: boolean;
  readonly observe: RefCallback<HTMLElement>;
};

export const LineItem = memo(function LineItem(props: LineItemProps) {
  const { t, i18n } = useTranslation();
  const { line, peerName, isFirst, observe } = props;
  const isMine = line.by === 'me';
  const time = new Intl.DateTimeFormat(i18n.language, { hour: 'numeric', minute: '2-digit' });
  return (
    <li
      ref={isMine ? null : observe}
      data-line-id={line.id}
      data-by={line.by}
      data-state={line.state}
      className={`line-new flex ${isMine ? 'justify-end' : 'justify-start'} ${isFirst ? 'mt-3' : 'mt-1'}`}
    >
      <div
        className={`max-w-[min(34rem,85%)] rounded-2xl px-4 py-2 ${
          isMine
            ? `bg-mine ${isFirst ? 'rounded-se-md' : ''}`
            : `border border-rule bg-theirs ${isFirst ? 'rounded-ss-md' : ''}`
        }`}
      >
        <span className="sr-only">{isMine ? t('lines.you') : peerName}: </span>
        {line.deleted ? (
          <span className="text-muted italic">{t('lines.deleted')}</span>
        ) : (
          <span dir="auto" data-text className="whitespace-pre-wrap wrap-anywhere">
            {line.text}
          </span>
        )}
        <span className="float-end ms-3 mt-1.5 flex items-center gap-1 text-xs text-muted">
          {line.edited && !line.deleted && <span>{t('lines.edited')}</span>}
          <time dateTime={new Date(line.at).toISOString()}>{time.format(line.at)}</time>
          {line.state !== 'received' && <Tick state={line.state} />}
        </span>
      </div>
    </li>
  );
});

const TICKS: Record<Exclude<Line['state'], 'received'>, { icon: IconName; color: string }> = {
  sending: { icon: 'clock', color: '' },
  delivered: { icon: 'check', color: '' },
  read: { icon: 'doubleCheck', color: 'text-accent' },
  unconfirmed: { icon: 'alert', color: 'text-warn' },
};

function Tick({ state }: { state: keyof typeof TICKS }) {
  const { t } = useTranslation();
  const words = t(`lines.state.${state}`);
  return (
    <span role="img" aria-label={words} title={words} className={TICKS[state].color}>
      <Icon name={TICKS[state].icon} className="size-4" />
    </span>
  );
}
