/** What can be done with a transfer in its stage: each press names its file to those who only hear. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransferView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { type Content, isViewable } from './content.ts';
import type { FilesDevice, FilesModel } from './files-model.ts';
import { lookAt } from './looking.ts';
import { piecesOf } from './use-file.ts';

type FilePressesProps = {
  readonly transfer: TransferView;
  readonly content: Content | null;
  readonly model: FilesModel;
  readonly device: FilesDevice;
};

export function FilePresses(props: FilePressesProps) {
  const { transfer, content, model } = props;
  const { stage, by } = transfer;
  const isGoing = stage.is !== 'ended' && stage.is !== 'checking' && stage.is !== 'delivered';
  return (
    <>
      {isGoing && <OnItsWay transfer={transfer} model={model} />}
      {stage.is === 'ended' && by === 'me' && <SendAgain transfer={transfer} model={model} />}
      {content !== null && <WithIt {...props} content={content} />}
    </>
  );
}

type PressProps = { readonly transfer: TransferView; readonly model: FilesModel };

function SendAgain({ transfer, model }: PressProps) {
  const { t } = useTranslation();
  const { id, name: file } = transfer;
  return (
    <div>
      <Button aria-label={t('files.againOf', { file })} onClick={() => model.sendFileAgain(id)}>
        {t('files.again')}
      </Button>
    </div>
  );
}

function OnItsWay({ transfer, model }: PressProps) {
  const { t } = useTranslation();
  const { id, stage, by, name: file } = transfer;
  const isOffered = stage.is === 'offered' && by === 'peer';
  const isPausedHere = stage.is === 'paused' && stage.by !== 'peer';
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

/** Looking and saving, as far as the sender wished for it; an own file may always be looked at. */
function WithIt({ transfer, content, model, device }: FilePressesProps & { content: Content }) {
  const { t } = useTranslation();
  const { name: file, by, accessMode } = transfer;
  const mayView = by === 'me' || accessMode !== 'download_only';
  const maySave = by === 'peer' && accessMode !== 'view_only';
  const canView = mayView && isViewable(content);
  const isPlayed = content.is === 'video' || content.is === 'sound';
  return (
    <div className="flex flex-wrap items-center gap-2">
      {canView && (
        <Button
          aria-label={t(isPlayed ? 'files.playOf' : 'files.viewOf', { file })}
          onClick={() => lookAt({ transfer, content, model, device })}
        >
          {t(isPlayed ? 'files.play' : 'files.view')}
        </Button>
      )}
      {maySave && <SaveButton transfer={transfer} model={model} device={device} />}
      {by === 'peer' && !canView && !maySave && (
        <p className="text-sm text-muted">{t('files.cannotView')}</p>
      )}
    </div>
  );
}

function SaveButton({ transfer, model, device }: PressProps & { readonly device: FilesDevice }) {
  const { t } = useTranslation();
  const { id, name } = transfer;
  const [state, setState] = useState<'idle' | 'saving' | 'saved' | 'failed'>('idle');
  const press = async () => {
    setState('saving');
    const saved = await device.save({ name, pieces: () => piecesOf(model, transfer) });
    setState(saved === 'dismissed' ? 'idle' : saved);
    if (saved === 'saved') model.fileSeen(id);
  };
  return (
    <>
      <Button
        busy={state === 'saving'}
        aria-label={t('files.saveOf', { file: name })}
        onClick={() => void press()}
      >
        {t('files.save')}
      </Button>
      <span
        role="status"
        className={`text-sm ${state === 'failed' ? 'text-danger' : 'text-muted'}`}
      >
        {state === 'saved' && t('files.saved')}
        {state === 'failed' && t('files.notSaved')}
      </span>
    </>
  );
}
