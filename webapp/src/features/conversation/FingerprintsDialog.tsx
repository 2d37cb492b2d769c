/**
 * Both fingerprints of a conversation, to be compared by a way that the server is not on.
 */
import { useTranslation } from 'react-i18next';
import type { KeyState, Person, Phase } from '../../app/model.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';

type FingerprintsDialogProps = {
  readonly peer: Person;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly keyState: KeyState;
  readonly onClose: () => void;
};

export function FingerprintsDialog({ peer, phase, keyState, onClose }: FingerprintsDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t('conversation.fingerprints')}
      closeLabel={t('conversation.close')}
      onClose={onClose}
    >
      <p className="text-muted">{t('key.compare', { name: peer.name })}</p>
      <div className="flex flex-col gap-2">
        <HexGroups
          heading={t('key.fingerprintOf', { name: peer.name })}
          value={phase.peerFingerprint}
        />
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
          <strong className="rounded-full border border-warn/40 bg-warn-soft px-3 py-0.5 font-medium text-ink">
            {t('key.notVerified')}
          </strong>
          {t(`key.${phase.pin}`)}
        </p>
      </div>
      {keyState.is === 'ready' && (
        <HexGroups heading={t('key.yourFingerprint')} value={keyState.fingerprint} />
      )}
      <p className="text-sm text-muted">{t('key.computedHere')}</p>
      <p className="text-sm text-muted">
        {t('key.noticed', { noticed: phase.noticed, unopened: phase.unopened })}
      </p>
    </Dialog>
  );
}
