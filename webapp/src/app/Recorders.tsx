/**
 * Voice and video, where the composer has room for them: the buttons, and the recorder that one of
 * them opens.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RecordButtons } from '../features/recording/RecordButtons.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Notice } from '../ui/Notice.tsx';
import { ShownLater } from './later.tsx';
import type { AppModel, RecordedKind } from './model.ts';
import { recorderHere } from './recorder-later.ts';

type RecordersProps = {
  readonly peerName: string;
  /** What can be sent at most. */
  readonly bytesMax: number;
  readonly model: Pick<AppModel, 'sendFile' | 'recording'>;
};

export function Recorders({ peerName, bytesMax, model }: RecordersProps) {
  const [kind, setKind] = useState<RecordedKind | null>(null);
  const close = () => setKind(null);
  return (
    <>
      <RecordButtons peerName={peerName} onRecord={setKind} />
      {kind !== null && (
        <ShownLater
          part={recorderHere}
          props={{ kind, peerName, bytesMax, model, onClose: close }}
          meanwhile={null}
          otherwise={<NotLoaded kind={kind} peerName={peerName} onClose={close} />}
        />
      )}
    </>
  );
}

type NotLoadedProps = {
  readonly kind: RecordedKind;
  readonly peerName: string;
  readonly onClose: () => void;
};

/** As after a new version came. The conversation is worth more than a voice. */
function NotLoaded({ kind, peerName, onClose }: NotLoadedProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t(`recording.record.${kind}`, { name: peerName })}
      closeLabel={t('recording.close')}
      onClose={onClose}
    >
      <Notice tone="warn" role="alert">
        {t('recording.notLoaded')}
      </Notice>
    </Dialog>
  );
}
