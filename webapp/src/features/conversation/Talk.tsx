/**
 * What two people say while their conversation is secure.
 */
import { useTranslation } from 'react-i18next';
import type { AppModel, Person, Phase } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Composer } from './Composer.tsx';
import { LineItem } from './LineItem.tsx';
import { useSeen } from './use-seen.ts';
import { useStickToEnd } from './use-stick-to-end.ts';

type TalkProps = {
  readonly peer: Person;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly model: Pick<AppModel, 'say' | 'seen'>;
};

export function Talk({ peer, phase, model }: TalkProps) {
  const { lines, outbox } = phase;
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
            {lines.map((line, place) => (
              <LineItem
                key={line.id}
                line={line}
                peerName={peer.name}
                isFirst={lines[place - 1]?.by !== line.by}
                observe={observe}
              />
            ))}
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
      <Composer peerName={peer.name} outbox={outbox} onSay={(text) => model.say(text)} />
    </>
  );
}
