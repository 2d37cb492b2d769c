/**
 * The picture that stands for a video, made when the browser has nothing better to do. It is kept
 * in memory with the transfer that it is of, and goes with it.
 */
import { useEffect, useState } from 'react';
import { type Frame, frameOf } from '../../ui/frame-of.ts';
import { whenIdle } from '../../ui/idle.ts';

/** Twice what it is shown at, for screens that show twice as much. */
const SIDE_PX = 400;

export type FrameHere =
  | { readonly is: 'making' }
  | { readonly is: 'made'; readonly frame: Frame }
  | { readonly is: 'failed' };

const made = new WeakMap<object, Frame>();

export function useFrame(owner: object, blob: Blob | null): FrameHere {
  const [shown, setShown] = useState<FrameHere>(() => {
    const frame = made.get(owner);
    return frame === undefined ? { is: 'making' } : { is: 'made', frame };
  });
  useEffect(() => {
    if (blob === null || made.has(owner)) return;
    let isWanted = true;
    const takeBack = whenIdle(() => {
      void frameOf(blob, SIDE_PX).then((frame) => {
        if (frame !== null) made.set(owner, frame);
        if (isWanted) setShown(frame === null ? { is: 'failed' } : { is: 'made', frame });
      });
    });
    return () => {
      isWanted = false;
      takeBack();
    };
  }, [owner, blob]);
  return shown;
}
