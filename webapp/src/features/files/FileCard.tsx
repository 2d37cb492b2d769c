/**
 * A file as a card: its name and size, how far it has come, and the presses that its stage has.
 */
import { useTranslation } from 'react-i18next';
import type { AppModel, TransferView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { endedWords, sizeWords } from './file-words.ts';

type FileCardProps = {
  readonly transfer: TransferView;
  readonly peerName: string;
  readonly model: Pick<AppModel, 'acceptFile' | 'pauseFile' | 'resumeFile' | 'cancelFile'>;
};

export function FileCard({ transfer, peerName, model }: FileCardProps) {
  const { i18n } = useTranslation();
  const { name, size } = transfer;
  return (
    <div className="flex flex-col gap-2">
      <p className="min-w-0">
        {/* A name cannot reach out of its place, whatever direction it is written in. */}
        <bdi data-file-name className="font-medium wrap-anywhere">
          {name}
        </bdi>{' '}
        <span className="whitespace-nowrap text-sm text-muted">
          {sizeWords(i18n.language, size)}
        </span>
      </p>
      <Standing transfer={transfer} peerName={peerName} />
      <Presses transfer={transfer} model={model} />
    </div>
  );
}

function Standing({ transfer, peerName }: Pick<FileCardProps, 'transfer' | 'peerName'>) {
  const { t } = useTranslation();
  const { stage, by, bytes, size, name } = transfer;
  const moves = stage.is === 'moving' || stage.is === 'paused' || stage.is === 'checking';
  return (
    <>
      {moves && (
        <progress
          value={bytes}
          max={size}
          aria-label={t('files.progressOf', { file: name })}
          className="progress"
        />
      )}
      <p className="text-sm text-muted">
        {stage.is === 'ended' && endedWords(t, transfer, stage, peerName)}
        {stage.is === 'paused' && t(`files.paused.${stage.by}`, { name: peerName })}
        {stage.is === 'offered' && t(`files.offered.${by}`, { name: peerName })}
        {stage.is !== 'ended' &&
          stage.is !== 'paused' &&
          stage.is !== 'offered' &&
          t(`files.stage.${stage.is}`)}
      </p>
    </>
  );
}

function Presses({ transfer, model }: Pick<FileCardProps, 'transfer' | 'model'>) {
  const { t } = useTranslation();
  const { id, stage, by, name: file } = transfer;
  const isOffered = stage.is === 'offered' && by === 'peer';
  const isPausedHere = stage.is === 'paused' && stage.by !== 'peer';
  if (stage.is === 'delivered' || stage.is === 'ended' || stage.is === 'checking') return null;
  return (
    <div className="flex flex-wrap gap-2">
      {isOffered && (
        <Button
          tone="primary"
          aria-label={t('files.acceptOf', { file })}
          onClick={() => model.acceptFile(id)}
        >
          {t('files.accept')}
        </Button>
      )}
      {stage.is === 'moving' && (
        <Button aria-label={t('files.pauseOf', { file })} onClick={() => model.pauseFile(id)}>
          {t('files.pause')}
        </Button>
      )}
      {isPausedHere && (
        <Button aria-label={t('files.resumeOf', { file })} onClick={() => model.resumeFile(id)}>
          {t('files.resume')}
        </Button>
      )}
      <Button
        aria-label={t(isOffered ? 'files.declineOf' : 'files.cancelOf', { file })}
        onClick={() => model.cancelFile(id)}
      >
        {t(isOffered ? 'files.decline' : 'files.cancel')}
      </Button>
    </div>
  );
}
