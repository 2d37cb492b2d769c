/**
 * One thing that was said, with its time and what has become of it. The state is a picture with
 * a name: as text it would be read out again at every change.
 *
 * What can be done with it is asked by its button, by a right press, by a finger that rests on it
 * and by the keyboard. One line of the list is where the keyboard stops; from there it moves by
 * arrows.
 */
import { type KeyboardEvent, type MouseEvent, memo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Line } from '../../app/model.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { timeWords } from '../../ui/times.ts';
import { useLongPress } from '../../ui/use-long-press.ts';
import { LineText } from './LineText.tsx';
import { excerptOf, type LineActs } from './line-acts.ts';
import { Quote } from './Quote.tsx';
import { Reactions } from './Reactions.tsx';

type LineItemProps = {
  readonly line: Line;
  readonly peerName: string;
  /** The first of several in a row by the same person. */
  readonly isFirst: boolean;
  /** The line that it answers; `null` if that is gone, or if it answers none. */
  readonly answered: Line | null;
  /** The keyboard stops here. */
  readonly isStop: boolean;
  /** Somebody jumped here. */
  readonly isLit: boolean;
  readonly acts: LineActs;
};

/** A line that is drawn so soon after it came appears; one that was scrolled to is just there. */
const NEW_MS = 1_000;

export const LineItem = memo(function LineItem(props: LineItemProps) {
  const { line, peerName, isFirst, isStop, acts } = props;
  const isMine = line.by === 'me';
  const [isNew] = useState(() => Date.now() - line.at < NEW_MS);
  const longPress = useLongPress((at) => acts.ask(line.id, at));

  return (
    <li
      ref={isMine ? null : acts.observe}
      data-line-id={line.id}
      data-by={line.by}
      data-state={line.state}
      {...longPress}
      onContextMenu={(event) => {
        if (wantsOwnMenu(event)) return;
        event.preventDefault();
        const { clientX: x, clientY: y } = event;
        acts.ask(line.id, { left: x, right: x, top: y, bottom: y });
      }}
      className={`group/line flex items-center gap-1 pointer-coarse:select-none ${isNew ? 'line-new' : ''} ${
        isMine ? 'flex-row-reverse' : ''
      } ${isFirst ? 'pt-3' : 'pt-1'}`}
    >
      <div className="flex max-w-[min(34rem,85%)] min-w-0 flex-col">
        <Bubble {...props} />
        {line.reactions.length > 0 && (
          <Reactions
            line={line}
            peerName={peerName}
            isStop={isStop}
            onReact={(emoji) => acts.react(line.id, emoji)}
          />
        )}
      </div>
      <ActsButton line={line} isStop={isStop} acts={acts} />
    </li>
  );
});

/** Where there is a link, or something was selected, the browser has more to offer. */
function wantsOwnMenu({ target }: MouseEvent): boolean {
  const isLink = target instanceof Element && target.closest('a') !== null;
  return isLink || getSelection()?.isCollapsed === false;
}

function Bubble({ line, peerName, isFirst, answered, isStop, isLit, acts }: LineItemProps) {
  const { t, i18n } = useTranslation();
  const isMine = line.by === 'me';
  return (
    <div
      className={`rounded-2xl px-4 py-2 ${isLit ? 'outline-2 outline-offset-2 outline-accent' : ''} ${
        isMine
          ? `bg-mine ${isFirst ? 'rounded-se-md' : ''}`
          : `border border-rule bg-theirs ${isFirst ? 'rounded-ss-md' : ''}`
      }`}
    >
      <span className="sr-only">{isMine ? t('lines.you') : peerName}: </span>
      {line.replyTo !== null && !line.deleted && (
        <Quote line={answered} peerName={peerName} isStop={isStop} onJump={acts.jumpTo} />
      )}
      {line.deleted ? (
        <span className="text-muted italic">{t('lines.deleted')}</span>
      ) : (
        <LineText text={line.text} />
      )}
      <span className="float-end ms-3 mt-1.5 flex items-center gap-1 text-xs text-muted">
        {line.edited && !line.deleted && <span>{t('lines.edited')}</span>}
        <time dateTime={new Date(line.at).toISOString()}>{timeWords(line.at, i18n.language)}</time>
        {line.state !== 'received' && <Tick state={line.state} />}
      </span>
    </div>
  );
}

function ActsButton({ line, isStop, acts }: Pick<LineItemProps, 'line' | 'isStop' | 'acts'>) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const ask = () => {
    const at = button.current?.getBoundingClientRect();
    if (at !== undefined) acts.ask(line.id, at);
  };
  const press = (event: KeyboardEvent) => {
    const isMenuKey = event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
    if (!isMenuKey && step === null) return;
    event.preventDefault();
    if (step === null) ask();
    else acts.step(line.id, step);
  };
  return (
    <button
      ref={button}
      type="button"
      data-acts
      tabIndex={isStop ? 0 : -1}
      aria-haspopup="menu"
      aria-label={
        line.deleted ? t('lines.actsOfDeleted') : t('lines.actsOf', { text: excerptOf(line.text) })
      }
      onClick={ask}
      onKeyDown={press}
      className="inline-flex size-8 shrink-0 cursor-pointer items-center justify-center rounded-full text-muted opacity-0 group-hover/line:opacity-100 hover:bg-sunken hover:text-ink focus-visible:opacity-100"
    >
      <Icon name="more" />
    </button>
  );
}

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
