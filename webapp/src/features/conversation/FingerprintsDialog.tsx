/**
 * Both fingerprints of a conversation and its short code, to be compared by a way that the server
 * is not on, and what is known of the peer's key so far.
 */
import { useTranslation } from 'react-i18next';
import type { ConversationView, KeyState, Phase } from '../../app/model.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';
import { Comparing } from './Comparing.tsx';
import { KeyHistory } from './KeyHistory.tsx';

type FingerprintsDialogProps = {
  readonly conversation: ConversationView;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly keyState: KeyState;
  readonly onConfirm: (fingerprint: string) => void;
  readonly onClose: () => void;
};

export function FingerprintsDialog(props: FingerprintsDialogProps) {
  const { t } = useTranslation();
  const { conversation, phase, keyState, onConfirm, onClose } = props;
  const { peer, comparison, keyHistory } = conversation;
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
          <strong
            className={`rounded-full border px-3 py-0.5 font-medium text-ink ${phase.pin === 'verified' ? 'border-accent' : 'border-warn/40 bg-warn-soft'}`}
          >
            {t(phase.pin === 'verified' ? 'key.verifiedMark' : 'key.notVerified')}
          </strong>
          {t(`key.${phase.pin}`)}
        </p>
      </div>
      {keyState.is === 'ready' && (
        <HexGroups heading={t('key.yourFingerprint')} value={keyState.fingerprint} />
      )}
      <p className="text-sm text-muted">{t('key.computedHere')}</p>
      <Comparing peer={peer} phase={phase} comparison={comparison} onConfirm={onConfirm} />
      <KeyHistory changes={keyHistory} />
      <p className="text-sm text-muted">
        {t('key.noticed', { noticed: phase.noticed, unopened: phase.unopened })}
      </p>
    </Dialog>
  );
}
