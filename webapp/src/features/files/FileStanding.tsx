/** Where a transfer stands, in words and as a bar. */
import { useTranslation } from 'react-i18next';
import type { TransferView } from '../../app/model.ts';
import { endedWords, paceWords } from './file-words.ts';

type FileStandingProps = { readonly transfer: TransferView; readonly peerName: string };

export function FileStanding({ transfer, peerName }: FileStandingProps) {
  const { t, i18n } = useTranslation();
  const { stage, bytes, size, name } = transfer;
  const moves = stage.is === 'moving' || stage.is === 'paused' || stage.is === 'checking';
  const failed = stage.is === 'ended' && stage.why !== 'cancelled' && stage.why !== 'declined';
  return (
    <>
      {moves && (
        <progress
          value={bytes}
          max={size}
          aria-label={t('files.progressOf', { file: name })}
          className="progress mb-1"
        />
      )}
      <p className={`text-sm ${failed ? 'text-danger' : 'text-muted'}`}>
        {standingWords()}
        {stage.is === 'moving' && paceWords(t, i18n.language, transfer)}
      </p>
    </>
  );

  function standingWords(): string {
    const { by, isRead } = transfer;
    const named = { name: peerName };
    switch (stage.is) {
      case 'ended':
        return endedWords(t, transfer, stage, peerName);
      case 'paused':
        return t(`files.paused.${stage.by}`, named);
      case 'offered':
        return t(`files.offered.${by}`, named);
      case 'delivered':
        return isRead && by === 'me' ? t('files.read', named) : t(`files.delivered.${by}`, named);
      default:
        return t(`files.stage.${stage.is}`);
    }
  }
}
