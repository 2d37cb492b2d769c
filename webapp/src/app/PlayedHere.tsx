/**
 * What was recorded, among the lines: read into the page once somebody has scrolled to it, and
 * drawn by the feature that plays it.
 */
import { type ReactNode, useCallback, useRef } from 'react';
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
  const { transfer, card, model, file } = props;
  const { id, by, kind } = transfer;
  const tell = useCallback(() => {
    if (by === 'peer') model.fileSeen(id);
  }, [model, id, by]);
  return kind === 'video' ? (
    <VideoItem transfer={transfer} card={card} file={file} onSeen={tell} />
  ) : (
    <VoiceItem transfer={transfer} card={card} file={file} onHeard={tell} />
  );
}
