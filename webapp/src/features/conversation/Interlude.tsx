/**
 * What stands in place of messages while there can be none: the way to *secure*, or why not.
 */
import { useTranslation } from 'react-i18next';
import type { AppModel, Person, Phase } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';
import { Thread } from '../../ui/Thread.tsx';
import { hasWiped, phaseHint, phaseThread, phaseTitle } from './phase-words.ts';

type Unsecured = Exclude<Phase, { is: 'secure' }>;

type InterludeProps = {
  readonly me: Person;
  readonly peer: Person;
  readonly phase: Unsecured;
  readonly model: Pick<AppModel, 'leave' | 'retry' | 'acceptKey'>;
};

export function Interlude({ me, peer, phase, model }: InterludeProps) {
  const { t } = useTranslation();
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto p-6">
      <div className="m-auto flex max-w-2xl flex-col items-center gap-5 text-center">
        <Thread state={phaseThread(phase)} me={me} peer={peer} />
        <h3 className="font-display text-2xl leading-tight break-words">
          {phaseTitle(t, phase, peer.name)}
        </h3>
        <p className="max-w-lg text-muted">{phaseHint(t, phase, peer.name)}</p>
        {phase.is === 'ended' && hasWiped(phase.why) && (
          <p className="text-muted">{t('conversation.wiped')}</p>
        )}
        {phase.is === 'ended' && phase.unconfirmed > 0 && (
          <p className="font-medium text-warn">
            {t('ended.unconfirmed', { count: phase.unconfirmed })}
          </p>
        )}
        {phase.is === 'blocked' && <ChangedKey phase={phase} />}
        <div className="flex flex-wrap justify-center gap-3">
          <Actions phase={phase} model={model} />
        </div>
      </div>
    </div>
  );
}

function Actions({ phase, model }: Pick<InterludeProps, 'phase' | 'model'>) {
  const { t } = useTranslation();
  switch (phase.is) {
    case 'establishing':
    case 'waiting':
      return <Button onClick={() => model.leave()}>{t('conversation.cancel')}</Button>;
    case 'blocked':
      return (
        <>
          <Button onClick={() => model.leave()}>{t('conversation.close')}</Button>
          <Button tone="danger" onClick={() => model.acceptKey()}>
            {t('conversation.acceptKey')}
          </Button>
        </>
      );
    case 'peerOffline':
    case 'ended':
      return (
        <>
          <Button onClick={() => model.leave()}>{t('conversation.close')}</Button>
          <Button tone="primary" onClick={() => model.retry()}>
            {t('conversation.retry')}
          </Button>
        </>
      );
  }
}

function ChangedKey({ phase }: { phase: Extract<Phase, { is: 'blocked' }> }) {
  const { t } = useTranslation();
  return (
    <div className="grid w-full gap-4 text-start lg:grid-cols-2">
      <HexGroups heading={t('conversation.pinnedKey')} value={phase.pinned} />
      <HexGroups heading={t('conversation.offeredKey')} value={phase.offered} />
      <p className="text-sm text-muted lg:col-span-2">{t('key.computedHere')}</p>
    </div>
  );
}
