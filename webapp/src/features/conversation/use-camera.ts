/**
 * One look through the camera after the other, and letting go of it: when a code was read, when it
 * is stopped, and when the place where it is shown is gone.
 */
import { type RefObject, use, useEffect, useRef, useState } from 'react';
import type { CameraFault, CodeReader } from '../../app/model.ts';
import { CodeReaderContext } from './code-reader.ts';

export type Looking =
  | { readonly is: 'idle' }
  | { readonly is: 'looking' }
  | { readonly is: 'failed'; readonly why: CameraFault | 'notLoaded' | 'noCode' };

type Camera = {
  readonly looking: Looking;
  readonly video: RefObject<HTMLVideoElement | null>;
  look(): void;
  stop(): void;
  readPicture(file: Blob): void;
};

export function useCamera(onText: (text: string) => void): Camera {
  const reader = use(CodeReaderContext);
  const video = useRef<HTMLVideoElement>(null);
  const [looking, setLooking] = useState<Looking>({ is: 'idle' });
  const tell = useRef(onText);

  useEffect(() => {
    tell.current = onText;
  }, [onText]);

  // The camera belongs to what is drawn: both go together.
  const isLooking = looking.is === 'looking';
  useEffect(() => {
    if (!isLooking || reader === null || video.current === null) return;
    const abort = new AbortController();
    void watched(reader, video.current, abort.signal).then((came) => {
      if (abort.signal.aborted) return;
      if (typeof came === 'string') tell.current(came);
      setLooking(typeof came === 'string' ? { is: 'idle' } : came);
    });
    return () => abort.abort();
  }, [isLooking, reader]);

  const readPicture = async (file: Blob) => {
    const came = await pictured(reader, file);
    if (typeof came === 'string') tell.current(came);
    setLooking(typeof came === 'string' ? { is: 'idle' } : came);
  };

  return {
    looking,
    video,
    look: () => setLooking(reader === null ? failed('unsupported') : { is: 'looking' }),
    stop: () => setLooking({ is: 'idle' }),
    readPicture: (file) => void readPicture(file),
  };
}

async function watched(
  reader: CodeReader,
  video: HTMLVideoElement,
  signal: AbortSignal,
): Promise<string | Looking> {
  try {
    const came = await reader.watch(video, signal);
    if (came.is === 'read') return came.text;
    return came.is === 'failed' ? failed(came.why) : { is: 'idle' };
  } catch {
    return failed('notLoaded');
  }
}

async function pictured(reader: CodeReader | null, file: Blob): Promise<string | Looking> {
  if (reader === null) return failed('unsupported');
  try {
    return (await reader.readPicture(file)) ?? failed('noCode');
  } catch {
    return failed('notLoaded');
  }
}

function failed(why: CameraFault | 'notLoaded' | 'noCode'): Looking {
  return { is: 'failed', why };
}
