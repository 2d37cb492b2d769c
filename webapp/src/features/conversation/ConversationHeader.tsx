/**
 * Whom one talks to and where the conversation stands, always in sight and read out when it
 * changes; the way to the fingerprints and the way out.
 */
import { type RefObject, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyState, Person, Phase } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { FingerprintsDialog } from './FingerprintsDialog.tsx';
import { phaseTitle } from './phase-words.ts';

type ConversationHeaderProps = {
  readonly headingRef: RefObject<HTMLHeadingElement | null>;
  readonly peer: Person;
  readonly phase: Phase;
  readonly keyState: KeyState;
  readonly onLeave: () => void;
};

export function ConversationHeader(props: ConversationHeaderProps) {
  const { t } = useTranslation();
  const { headingRef, peer, phase, keyState, onLeave } = props;
  const [open, setOpen] = useState<'fingerprints' | 'leaving' | null>(null);
  const hasLines = phase.is === 'secure' && phase.lines.length > 0;
  const close = () => setOpen(null);

  return (
    <header className="flex items-center gap-3 border-b border-rule bg-card px-3 py-2 sm:px-4">
      <Avatar of={peer} />
      <div className="min-w-0 flex-1">
        <h2 ref={headingRef} tabIndex={-1} className="truncate font-display text-xl leading-tight">
          {peer.name}
        </h2>
        <p role="status" className={`truncate text-sm ${statusColor(phase)}`}>
          {phase.is === 'secure' && (
            <Icon name="lock" className="me-1 inline size-4 align-[-0.15em]" />
          )}
          {phaseTitle(t, phase, peer.name)}
        </p>
      </div>
      {phase.is === 'secure' && (
        <button
          type="button"
          aria-haspopup="dialog"
          title={t('conversation.showFingerprints')}
          onClick={() => setOpen('fingerprints')}
          className="flex min-h-11 shrink-0 cursor-pointer items-center gap-1.5 rounded-full px-3 text-sm text-muted transition-colors hover:bg-sunken hover:text-ink"
        >
          <Icon name="fingerprint" />
          <span className="sr-only">{t('conversation.fingerprints')}: </span>
          {t('key.notVerified')}
        </button>
      )}
      <IconButton
        label={t(phase.is === 'secure' ? 'conversation.leave' : 'conversation.close')}
        onClick={() => (hasLines ? setOpen('leaving') : onLeave())}
      >
        <Icon name="close" />
      </IconButton>
      {open === 'fingerprints' && phase.is === 'secure' && (
        <FingerprintsDialog peer={peer} phase={phase} keyState={keyState} onClose={close} />
      )}
      {open === 'leaving' && hasLines && (
        <Dialog
          title={t('conversation.leaveTitle')}
          closeLabel={t('conversation.back')}
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{t('conversation.back')}</Button>
              <Button tone="danger" onClick={onLeave}>
                {t('conversation.leave')}
              </Button>
            </>
          }
        >
          <p>{t('conversation.leaveWarning', { name: peer.name })}</p>
        </Dialog>
      )}
    </header>
  );
}

function statusColor(phase: Phase): string {
  if (phase.is === 'secure') return 'text-accent';
  return phase.is === 'blocked' ? 'text-warn' : 'text-muted';
}
