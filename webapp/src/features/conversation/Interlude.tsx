/**
 * What stands in place of messages while there can be none: the way to *secure*, or why not.
 */
import { useTranslation } from 'react-i18next';
import type { AppModel, KeyChange, Person, Phase } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Thread } from '../../ui/Thread.tsx';
import { KeyHistory } from './KeyHistory.tsx';
import { hasWiped, phaseHint, phaseThread, phaseTitle } from './phase-words.ts';

type Unsecured = Exclude<Phase, { is: 'secure' }>;

type InterludeProps = {
  readonly me: Person;
  readonly peer: Person;
  readonly phase: Unsecured;
  readonly keyHistory: readonly KeyChange[];
  readonly model: Pick<AppModel, 'leave' | 'retry' | 'acceptKey'>;
};

export function Interlude({ me, peer, phase, keyHistory, model }: InterludeProps) {
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
        {phase.is === 'blocked' && <ChangedKey phase={phase} peer={peer} history={keyHistory} />}
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

type ChangedKeyProps = {
  readonly phase: Extract<Phase, { is: 'blocked' }>;
  readonly peer: Person;
  readonly history: readonly KeyChange[];
};

function ChangedKey({ phase, peer, history }: ChangedKeyProps) {
  const { t } = useTranslation();
  // What was compared weighs more: a mistake of the person is out of the question.
  const wasVerified = isVerified(history, phase.pinned);
  return (
    <div className="grid w-full gap-4 text-start lg:grid-cols-2">
      {wasVerified && (
        <div className="lg:col-span-2">
          <Notice tone="danger" role="alert">
            {t('conversation.blockedVerified', { name: peer.name })}
          </Notice>
        </div>
      )}
      <HexGroups heading={t('conversation.pinnedKey')} value={phase.pinned} />
      <HexGroups heading={t('conversation.offeredKey')} value={phase.offered} />
      <p className="text-sm text-muted lg:col-span-2">{t('key.computedHere')}</p>
      <div className="lg:col-span-2">
        <KeyHistory changes={history} />
      </div>
    </div>
  );
}

/** Whether the last that became of the pinned key is that it was compared. */
function isVerified(history: readonly KeyChange[], pinned: string): boolean {
  const last = history.at(-1);
  return last?.fingerprint === pinned && (last.is === 'verified' || last.is === 'imported');
}
