/**
 * What was recorded, among the lines: read into the page once somebody has scrolled to it, and
 * drawn by the feature that plays it. What is gone or cannot be played is said alike of both.
 */
import { type ReactNode, useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type FileHere, useFile } from '../features/files/use-file.ts';
import { VideoItem } from '../features/video/VideoItem.tsx';
import { VoiceItem } from '../features/voice/VoiceItem.tsx';
import { useInSight } from '../ui/use-in-sight.ts';
import type { AppModel, TransferView } from './model.ts';

type PlayedHereProps = {
  readonly transfer: TransferView;
  /** What stands for it as a file, where it cannot be played. */
  readonly card: ReactNode;
  readonly model: Pick<AppModel, 'readFile' | 'fileSeen'>;
};

export function PlayedHere(props: PlayedHereProps) {
  const place = useRef<HTMLDivElement>(null);
  const isInSight = useInSight(place);
  return (
    <div ref={place}>{isInSight ? <Read {...props} /> : <Played {...props} file={LOADING} />}</div>
  );
}

const LOADING: FileHere = { is: 'loading' };

function Read(props: PlayedHereProps): ReactNode {
  const { model, transfer } = props;
  // Only types that are played come this far, and an address of one of those is never a page.
  const file = useFile(model, transfer, transfer.mime);
  return <Played {...props} file={file} />;
}

function Played(props: PlayedHereProps & { readonly file: FileHere }): ReactNode {
  const { t } = useTranslation();
  const { transfer, card, model, file } = props;
  const { id, by, kind, mime } = transfer;
  const tell = useCallback(() => {
    if (by === 'peer') model.fileSeen(id);
  }, [model, id, by]);
  if (file.is === 'gone') return <p className="text-sm text-muted">{t('playing.gone')}</p>;
  const unplayable = (
    <div className="flex flex-col gap-2">
      {card}
      <p className="text-sm">{t('playing.unplayable', { type: mime })}</p>
    </div>
  );
  const played = { transfer, unplayable, blob: file.is === 'here' ? file.blob : null };
  return kind === 'video' ? (
    <VideoItem {...played} card={card} onSeen={tell} />
  ) : (
    <VoiceItem {...played} onHeard={tell} />
  );
}
