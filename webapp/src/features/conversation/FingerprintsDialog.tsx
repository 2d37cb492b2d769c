/**
 * Both fingerprints of a conversation and its short code, to be compared by a way that the server
 * is not on, and what is known of the peer's key so far.
 */
import { useTranslation } from 'react-i18next';
import type { ConversationView, KeyState, Phase } from '../../app/model.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';
import { Comparing } from './Comparing.tsx';
import { FingerprintPictures } from './FingerprintPictures.tsx';
import { KeyHistory } from './KeyHistory.tsx';
import { KeysDiffer } from './KeysDiffer.tsx';
import { SideBySide } from './SideBySide.tsx';
import { markOf, standingOf } from './standing-mark.ts';

type FingerprintsDialogProps = {
  readonly conversation: ConversationView;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly keyState: KeyState;
  readonly onConfirm: (fingerprint: string) => void;
  readonly onScanned: (text: string) => void;
  readonly onLeave: () => void;
  readonly onClose: () => void;
};

export function FingerprintsDialog(props: FingerprintsDialogProps) {
  const { t } = useTranslation();
  const { conversation, phase, keyState, onConfirm, onScanned, onLeave, onClose } = props;
  const { peer, comparison, keyHistory } = conversation;
  const scan = comparison?.scan ?? null;
  const mark = markOf(standingOf(phase, scan));
  return (
    <Dialog
      title={t('conversation.fingerprints')}
      closeLabel={t('conversation.close')}
      onClose={onClose}
    >
      {scan?.is === 'differs' && (
        <div className="-mx-6">
          <KeysDiffer peer={peer} scan={scan} onLeave={onLeave} />
        </div>
      )}
      <p className="text-muted">{t('key.compare', { name: peer.name })}</p>
      <div className="flex flex-col gap-2">
        <HexGroups
          heading={t('key.fingerprintOf', { name: peer.name })}
          value={phase.peerFingerprint}
        />
        {comparison !== null && <FingerprintPictures pictures={comparison.peerPictures} />}
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
          <strong className={`rounded-full border px-3 py-0.5 font-medium text-ink ${mark.border}`}>
            {t(mark.words)}
          </strong>
          {t(`key.${phase.pin}`)}
        </p>
      </div>
      {keyState.is === 'ready' && (
        <div className="flex flex-col gap-2">
          <HexGroups heading={t('key.yourFingerprint')} value={keyState.fingerprint} />
          {comparison !== null && <FingerprintPictures pictures={comparison.ownPictures} />}
        </div>
      )}
      <p className="text-sm text-muted">{t('key.computedHere')}</p>
      <Comparing peer={peer} phase={phase} comparison={comparison} onConfirm={onConfirm} />
      {comparison !== null && (
        <SideBySide peer={peer} comparison={comparison} onScanned={onScanned} />
      )}
      <KeyHistory changes={keyHistory} />
      <p className="text-sm text-muted">
        {t('key.noticed', { noticed: phase.noticed, unopened: phase.unopened })}
      </p>
    </Dialog>
  );
}
