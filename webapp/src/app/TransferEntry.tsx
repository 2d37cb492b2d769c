/**
 * Joins the features that draw a transfer: a file is a card, what is played is drawn by its own
 * feature, which is loaded when there is something to play.
 */
import { memo } from 'react';
import { FileCard } from '../features/files/FileCard.tsx';
import type { FilesDevice, FilesModel } from '../features/files/files-model.ts';
import { TransferItem } from '../features/files/TransferItem.tsx';
import { saveFile } from '../platform/saving.ts';
import { ShownLater } from './later.tsx';
import type { TransferView } from './model.ts';
import { playedHere } from './played-later.ts';
import { trustedScript } from './trusted-scripts.ts';

const device: FilesDevice = {
  save: (file) => saveFile(file),
  pdfWorker: () => new Worker(trustedScript('pdf'), { type: 'module' }),
};

type TransferEntryProps = {
  readonly transfer: TransferView;
  readonly peerName: string;
  readonly isFirst: boolean;
  readonly model: FilesModel;
};

/** As much as it will take, so that nothing moves when it comes. A card would read the file. */
const ROOM = { file: '', voice: 'h-20', video: 'h-60' } as const;

/** Drawn anew when its transfer changes, however often the list around it does. */
export const TransferEntry = memo(function TransferEntry(props: TransferEntryProps) {
  const { transfer, peerName, model } = props;
  const isPlayed = transfer.kind !== 'file' && transfer.stage.is === 'delivered';
  // A card can stand for everything, also for what is still on its way.
  if (!isPlayed) return <TransferItem {...props} device={device} />;
  const card = <FileCard transfer={transfer} peerName={peerName} model={model} device={device} />;
  const played = (
    <ShownLater
      part={playedHere}
      props={{ transfer, model, card }}
      meanwhile={<div className={ROOM[transfer.kind]} />}
      otherwise={card}
    />
  );
  return <TransferItem {...props} device={device} played={played} />;
});
