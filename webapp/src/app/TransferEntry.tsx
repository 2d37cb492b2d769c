/**
 * Joins the features that draw a transfer: a file is a card, what is played is drawn by its own
 * feature, which is loaded when there is something to play.
 */
import type { FilesDevice, FilesModel } from '../features/files/files-model.ts';
import { TransferItem } from '../features/files/TransferItem.tsx';
import { saveFile } from '../platform/saving.ts';
import type { TransferView } from './model.ts';
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

export function TransferEntry({ transfer, ...rest }: TransferEntryProps) {
  switch (transfer.kind) {
    // A card can stand for everything.
    case 'voice':
    case 'video':
    case 'file':
      return <TransferItem transfer={transfer} device={device} {...rest} />;
  }
}
