/**
 * A video among the lines, as a circle: a picture of it until it is pressed, then the video itself
 * in the same place, with its sound. What the browser cannot play says so and can be saved.
 */
import { type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransferView } from '../../app/model.ts';
import { Circle } from './Circle.tsx';
import { useFrame } from './use-frame.ts';

/** The bytes of a file, as they come. */
type FileHere =
  | { readonly is: 'loading' }
  | { readonly is: 'here'; readonly blob: Blob }
  | { readonly is: 'gone' };

export type VideoItemProps = {
  readonly transfer: TransferView;
  readonly file: FileHere;
  /** What stands for it as a file, where it cannot be played or is only to be saved. */
  readonly card: ReactNode;
  readonly onSeen: () => void;
};

export function VideoItem({ transfer, file, card, onSeen }: VideoItemProps) {
  const { t } = useTranslation();
  const blob = file.is === 'here' ? file.blob : null;
  const isForSaving = transfer.accessMode === 'download_only' && transfer.by === 'peer';
  const frame = useFrame(transfer, isForSaving ? null : blob);
  const [hasFailed, setHasFailed] = useState(false);
  const fail = useCallback(() => setHasFailed(true), []);

  if (file.is === 'gone') return <p className="text-sm text-muted">{t('playing.gone')}</p>;
  if (isForSaving) return card;
  if (hasFailed || frame.is === 'failed') {
    return (
      <div data-video="failed" className="flex flex-col gap-2">
        {card}
        <p className="text-sm">{t('playing.unplayable', { type: transfer.mime })}</p>
      </div>
    );
  }
  return (
    <Circle
      blob={blob}
      picture={frame.is === 'made' ? frame.frame.picture : null}
      durationMs={frame.is === 'made' ? frame.frame.durationMs : (transfer.durationMs ?? 0)}
      onSeen={onSeen}
      onFail={fail}
    />
  );
}
