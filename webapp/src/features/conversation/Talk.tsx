/**
 * What two people say while their conversation is secure.
 */
import type { ComponentType, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, Person, Phase, TransferView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Composer } from './Composer.tsx';
import { LineItem } from './LineItem.tsx';
import { useSeen } from './use-seen.ts';
import { useStickToEnd } from './use-stick-to-end.ts';

/** What stands in a conversation of other features; `app` joins it. */
export type TalkParts = {
  readonly Transfer?: ComponentType<{
    readonly transfer: TransferView;
    readonly peerName: string;
    readonly isFirst: boolean;
    readonly model: AppModel;
  }>;
  /** Before the writing. */
  readonly before?: ReactNode;
  /** In place of the send button while nothing is written. */
  readonly instead?: ReactNode;
};

type TalkProps = TalkParts & {
  readonly peer: Person;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly model: AppModel;
};

export function Talk({ peer, phase, model, Transfer, before, instead }: TalkProps) {
  const { lines, transfers, outbox } = phase;
  const told = [...lines, ...transfers].sort((one, other) => one.at - other.at);
  const { t } = useTranslation();
  const { scroller, isAway, missed, onScroll, toEnd } = useStickToEnd(lines);
  const observe = useSeen(lines, scroller, model);

  return (
    <>
      <div className="relative flex min-h-0 flex-1 flex-col">
        <div
          ref={scroller}
          onScroll={onScroll}
          role="log"
          aria-label={t('lines.label')}
          aria-relevant="additions"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it.
          tabIndex={0}
          className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain px-3 py-4 -outline-offset-4 sm:px-6"
        >
          <p className="mx-auto mb-4 max-w-md text-center text-sm text-muted">
            {t('conversation.secureHint', { name: peer.name })}
          </p>
          <ol className="mx-auto mt-auto flex w-full max-w-4xl flex-col">
            {told.map((each, place) => {
              const shown = { peerName: peer.name, isFirst: told[place - 1]?.by !== each.by };
              if ('text' in each) {
                return <LineItem key={each.id} line={each} observe={observe} {...shown} />;
              }
              return (
                Transfer && <Transfer key={each.id} transfer={each} model={model} {...shown} />
              );
            })}
          </ol>
        </div>
        {isAway && (
          <Button
            onClick={toEnd}
            aria-label={missed === 0 ? t('lines.toEnd') : undefined}
            className="absolute inset-x-0 bottom-3 mx-auto w-fit shadow-md"
          >
            {missed > 0 && t('lines.unread', { count: missed })}
            <Icon name="arrowDown" />
          </Button>
        )}
      </div>
      <Composer
        peerName={peer.name}
        outbox={outbox}
        onSay={(text) => model.say(text)}
        before={before}
        instead={instead}
      />
    </>
  );
}
