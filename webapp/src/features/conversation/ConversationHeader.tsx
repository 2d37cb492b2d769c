/**
 * Whom one talks to and where the conversation stands, always in sight and read out when it
 * changes; the way to the fingerprints and the way out.
 */
import { type RefObject, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationView, KeyState, Person, Phase } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { FingerprintsDialog } from './FingerprintsDialog.tsx';
import { phaseTitle } from './phase-words.ts';
import { markOf, standingOf } from './standing-mark.ts';

type ConversationHeaderProps = {
  readonly headingRef: RefObject<HTMLHeadingElement | null>;
  readonly conversation: ConversationView;
  readonly keyState: KeyState;
  readonly onConfirm: (fingerprint: string) => void;
  readonly onScanned: (text: string) => void;
  readonly onLeave: () => void;
};

export function ConversationHeader(props: ConversationHeaderProps) {
  const { t } = useTranslation();
  const { headingRef, conversation, keyState, onConfirm, onScanned, onLeave } = props;
  const { peer, phase } = conversation;
  return (
    <header className="flex items-center gap-3 border-b border-rule bg-card px-3 py-2 sm:px-4">
      <Avatar of={peer} />
      <div className="min-w-0 flex-1">
        <h2 ref={headingRef} tabIndex={-1} className="truncate font-display text-xl leading-tight">
          {peer.name}
        </h2>
        <p role="status" className={`text-sm leading-snug ${statusColor(phase)}`}>
          {phase.is === 'secure' && (
            <Icon name="lock" className="me-1 inline size-4 align-[-0.15em]" />
          )}
          {phaseTitle(t, phase, peer.name)}
        </p>
      </div>
      {phase.is === 'secure' ? (
        <>
          <Fingerprints
            conversation={conversation}
            phase={phase}
            keyState={keyState}
            onConfirm={onConfirm}
            onScanned={onScanned}
            onLeave={onLeave}
          />
          <Leave
            peer={peer}
            hasLines={phase.lines.length + phase.transfers.length > 0}
            onLeave={onLeave}
          />
        </>
      ) : (
        <IconButton label={t('conversation.close')} onClick={onLeave}>
          <Icon name="close" />
        </IconButton>
      )}
    </header>
  );
}

function statusColor(phase: Phase): string {
  if (phase.is === 'secure') return phase.connection === 'up' ? 'text-accent' : 'text-warn';
  return phase.is === 'blocked' ? 'text-warn' : 'text-muted';
}

type FingerprintsProps = Omit<ConversationHeaderProps, 'headingRef'> & {
  readonly phase: Extract<Phase, { is: 'secure' }>;
};

function Fingerprints(props: FingerprintsProps) {
  const { t } = useTranslation();
  const { words, icon, color } = markOf(
    standingOf(props.phase, props.conversation.comparison?.scan ?? null),
  );
  const standing = t(words);
  const [shown, setShown] = useState(false);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={`${t('conversation.fingerprints')}: ${standing}`}
        onClick={() => setShown(true)}
        className={`flex min-h-11 shrink-0 cursor-pointer items-center gap-1.5 rounded-full px-3 text-sm transition-colors ${color}`}
      >
        <Icon name={icon} />
        <span className={hasLittleRoom(props) ? 'max-sm:hidden' : 'max-[24rem]:hidden'}>
          {standing}
        </span>
      </button>
      {shown && <FingerprintsDialog {...props} onClose={() => setShown(false)} />}
    </>
  );
}

/** Beside the words for a lost connection, or with those for keys that do not match. */
function hasLittleRoom({ phase, conversation }: FingerprintsProps): boolean {
  return phase.connection !== 'up' || conversation.comparison?.scan?.is === 'differs';
}

type LeaveProps = {
  readonly peer: Person;
  readonly hasLines: boolean;
  readonly onLeave: () => void;
};

function Leave({ peer, hasLines, onLeave }: LeaveProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <IconButton
        label={t('conversation.leave')}
        onClick={() => (hasLines ? setAsking(true) : onLeave())}
      >
        <Icon name="close" />
      </IconButton>
      {asking && (
        <Dialog
          title={t('conversation.leaveTitle')}
          closeLabel={t('conversation.back')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('conversation.back')}</Button>
              <Button tone="danger" onClick={onLeave}>
                {t('conversation.leave')}
              </Button>
            </>
          }
        >
          <p>{t('conversation.leaveWarning', { name: peer.name })}</p>
        </Dialog>
      )}
    </>
  );
}
