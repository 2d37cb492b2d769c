/**
 * A video among the lines, as a circle: a picture of it until it is pressed, then the video itself
 * in the same place, with its sound. What the browser cannot play says so and can be saved.
 */
import { type ReactNode, useCallback, useState } from 'react';
import type { TransferView } from '../../app/model.ts';
import { Circle } from './Circle.tsx';
import { useFrame } from './use-frame.ts';

export type VideoItemProps = {
  readonly transfer: TransferView;
  /** `null` while its bytes come. */
  readonly blob: Blob | null;
  /** What stands for it as a file, where it is only to be saved. */
  readonly card: ReactNode;
  /** What stands in its place where it cannot be played. */
  readonly unplayable: ReactNode;
  readonly onSeen: () => void;
};

export function VideoItem({ transfer, blob, card, unplayable, onSeen }: VideoItemProps) {
  const isForSaving = transfer.accessMode === 'download_only' && transfer.by === 'peer';
  const frame = useFrame(transfer, isForSaving ? null : blob);
  const [hasFailed, setHasFailed] = useState(false);
  const fail = useCallback(() => setHasFailed(true), []);

  if (isForSaving) return card;
  if (hasFailed || frame.is === 'failed') return <div data-video="failed">{unplayable}</div>;
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
