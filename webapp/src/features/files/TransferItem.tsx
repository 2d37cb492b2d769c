/**
 * A file among the lines: where it stands, and what can be done with it. What is played comes
 * with a drawing of its own; everything else is a card.
 */
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransferView } from '../../app/model.ts';
import { timeWords } from '../../ui/times.ts';
import { FileCard } from './FileCard.tsx';
import type { FilesDevice, FilesModel } from './files-model.ts';

export type { FilesModel };

type TransferItemProps = {
  readonly transfer: TransferView;
  readonly peerName: string;
  /** The first of several things in a row by the same person. */
  readonly isFirst: boolean;
  readonly model: FilesModel;
  readonly device: FilesDevice;
  /** What stands in place of the card; of another feature, so it is joined with this one in `app`. */
  readonly played?: ReactNode;
};

export const TransferItem = memo(function TransferItem(props: TransferItemProps) {
  const { t, i18n } = useTranslation();
  const { transfer, peerName, isFirst, model, device, played } = props;
  const isMine = transfer.by === 'me';
  return (
    <li
      data-transfer-id={transfer.id}
      data-by={transfer.by}
      data-stage={transfer.stage.is}
      className={`line-new flex ${isMine ? 'justify-end' : 'justify-start'} ${isFirst ? 'mt-3' : 'mt-1'}`}
    >
      <div
        className={`w-80 max-w-[min(34rem,85%)] rounded-2xl px-4 py-3 ${
          isMine
            ? `bg-mine ${isFirst ? 'rounded-se-md' : ''}`
            : `border border-rule bg-theirs ${isFirst ? 'rounded-ss-md' : ''}`
        }`}
      >
        <span className="sr-only">{isMine ? t('lines.you') : peerName}: </span>
        {played ?? (
          <FileCard transfer={transfer} peerName={peerName} model={model} device={device} />
        )}
        <time
          dateTime={new Date(transfer.at).toISOString()}
          className="mt-1 block text-end text-xs text-muted"
        >
          {timeWords(transfer.at, i18n.language)}
        </time>
      </div>
    </li>
  );
});
