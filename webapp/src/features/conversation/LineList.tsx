/**
 * The list of what was said and sent, of which only what is in view is drawn, however long it is.
 */
import { type ComponentType, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, Line, Person, TransferView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { Anchor } from '../../ui/Popover.tsx';
import { DayItem } from './DayItem.tsx';
import { type Row, rowsOf, type Told } from './entries.ts';
import { LineItem } from './LineItem.tsx';
import { LineMenu } from './LineMenu.tsx';
import type { Choice, LineActs } from './line-acts.ts';
import { NewEntries } from './NewEntries.tsx';
import { useLineKeys } from './use-line-keys.ts';
import { useSeen } from './use-seen.ts';
import { useStickToEnd } from './use-stick-to-end.ts';
import { useToday } from './use-today.ts';
import { useWindow } from './use-window.ts';

/** Draws a file as one `<li>`; of another feature, so `app` joins it. */
export type TransferRow = ComponentType<{
  readonly transfer: TransferView;
  readonly peerName: string;
  readonly isFirst: boolean;
  readonly model: AppModel;
}>;

type LineListProps = {
  readonly peer: Person;
  readonly told: Told;
  readonly model: AppModel;
  readonly Transfer: TransferRow;
  readonly onChoose: (line: Line, choice: Choice) => void;
};

/** Where somebody asked what can be done with a line. */
type Asked = { readonly lineId: string; readonly anchor: Anchor };

export function LineList({ peer, told, model, Transfer, onChoose }: LineListProps) {
  const { t } = useTranslation();
  const today = useToday();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [scroller, list, head] = [
    useRef<HTMLDivElement>(null),
    useRef<HTMLOListElement>(null),
    useRef<HTMLParagraphElement>(null),
  ];
  const rows = useMemo(() => rowsOf(told, today), [told, today]);
  const lineById = useMemo(() => new Map(told.lines.map((line) => [line.id, line])), [told.lines]);
  const shown = useWindow(rows, { scroller, list, head });
  const { isAway, missed, onScroll, backToEnd } = useStickToEnd(
    told,
    { scroller, list },
    shown.toEnd,
  );
  const observe = useSeen(told.lines, scroller, model);
  const keys = useLineKeys(rows, shown, { scroller, list });
  const { jumpTo, step } = keys;
  const acts: LineActs = useMemo(
    () => ({
      observe,
      ask: (lineId, anchor) => setAsked({ lineId, anchor }),
      react: (lineId, emoji) => model.react(lineId, emoji),
      jumpTo,
      step,
    }),
    [observe, model, jumpTo, step],
  );

  const draw = (row: Row) => {
    switch (row.is) {
      case 'day':
        return <DayItem key={row.key} day={row.day} today={today} />;
      case 'transfer': {
        const { key, transfer, isFirst } = row;
        const props = { transfer, peerName: peer.name, isFirst, model };
        return <Transfer key={key} {...props} />;
      }
      case 'line': {
        const { key, line, isFirst } = row;
        const answered = line.replyTo === null ? null : (lineById.get(line.replyTo) ?? null);
        const [isStop, isLit] = [keys.stop === key, keys.lit === key];
        const props = { line, peerName: peer.name, isFirst, answered, isStop, isLit, acts };
        return <LineItem key={key} {...props} />;
      }
    }
  };

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={(event) => {
          if (hasKeysOfItsOwn(event.target)) return;
          // By itself the browser glides there, through everything that lies between.
          if (event.key === 'Home') shown.toStart();
          else if (event.key === 'End') backToEnd();
          else return;
          event.preventDefault();
        }}
        role="log"
        aria-label={t('lines.label')}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it.
        tabIndex={0}
        // Relative, so that what is said only to screen readers scrolls with it and not beyond it.
        className="relative flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain px-3 pb-4 -outline-offset-4 sm:px-6"
      >
        <p ref={head} className="mx-auto max-w-md py-4 text-center text-sm text-muted">
          {t('conversation.secureHint', { name: peer.name })}
        </p>
        <div style={{ height: shown.abovePx }} className="mt-auto shrink-0" />
        <ol ref={list} onFocus={keys.onFocus} className="mx-auto flex w-full max-w-4xl flex-col">
          {shown.drawn.map(draw)}
        </ol>
        <div style={{ height: shown.belowPx }} className="shrink-0" />
      </div>
      {isAway && <ToEnd missed={missed} onPress={backToEnd} />}
      <NewEntries told={told} peerName={peer.name} />
      <Asking asked={asked} lineById={lineById} onChoose={onChoose} onAsked={setAsked} />
    </div>
  );
}

/** What is played or set in a row moves by the same keys. */
function hasKeysOfItsOwn(target: EventTarget): boolean {
  return (
    target instanceof Element && target.closest('input, audio, video, [role="slider"]') !== null
  );
}

function ToEnd({ missed, onPress }: { missed: number; onPress: () => void }) {
  const { t } = useTranslation();
  return (
    <Button
      onClick={onPress}
      aria-label={missed === 0 ? t('lines.toEnd') : undefined}
      className="absolute inset-x-0 bottom-3 mx-auto w-fit shadow-md"
    >
      {missed > 0 && t('lines.unread', { count: missed })}
      <Icon name="arrowDown" />
    </Button>
  );
}

type AskingProps = Pick<LineListProps, 'onChoose'> & {
  readonly asked: Asked | null;
  readonly lineById: ReadonlyMap<string, Line>;
  readonly onAsked: (asked: null) => void;
};

/** The menu, as long as its line is there. */
function Asking({ asked, lineById, onChoose, onAsked }: AskingProps) {
  const close = useCallback(() => onAsked(null), [onAsked]);
  const line = asked === null ? undefined : lineById.get(asked.lineId);
  if (asked === null || line === undefined || line.hidden) return null;
  return (
    <LineMenu
      key={asked.lineId}
      line={line}
      anchor={asked.anchor}
      onClose={close}
      onChoose={(choice) => {
        close();
        onChoose(line, choice);
      }}
    />
  );
}
