/**
 * A picture of a video, and how long it is: what stands for it until it is played. Made from memory
 * and kept nowhere.
 */
import { FRESH, Player, type PlayerState } from './player.ts';

/** Near the beginning, but after cameras have found their light. */
const AT_MS = 100;
/** A browser that has not shown anything by then will not. */
const WAITS_MS_MAX = 10_000;

export type Frame = { readonly picture: ImageBitmap; readonly durationMs: number };

/** The middle of it, square; `null` if this browser cannot show it. */
export async function frameOf(blob: Blob, sidePx: number): Promise<Frame | null> {
  const video = document.createElement('video');
  const url = URL.createObjectURL(blob);
  video.muted = true;
  video.playsInline = true;
  video.preload = 'auto';
  try {
    const durationMs = await measured(video, url);
    video.currentTime = Math.min(AT_MS, durationMs / 2) / 1_000;
    await told(video, 'seeked');
    return { picture: await squareOf(video, sidePx), durationMs };
  } catch {
    return null;
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  }
}

function measured(video: HTMLVideoElement, url: string): Promise<number> {
  const ready = Promise.withResolvers<number>();
  let state: PlayerState = FRESH;
  const player = new Player(video, (next) => {
    state = next;
    if (state.is === 'ready') ready.resolve(state.durationMs ?? 0);
    if (state.is === 'failed') ready.reject(new Error('not a video here'));
  });
  video.src = url;
  return inTime(ready.promise).finally(() => player.stop());
}

function told(video: HTMLVideoElement, name: 'seeked'): Promise<void> {
  return inTime(
    new Promise((resolve, reject) => {
      video.addEventListener(name, () => resolve(), { once: true });
      video.addEventListener('error', () => reject(new Error('cannot be read')), { once: true });
    }),
  );
}

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing came')), WAITS_MS_MAX);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function squareOf(video: HTMLVideoElement, sidePx: number): Promise<ImageBitmap> {
  const { videoWidth, videoHeight } = video;
  const side = Math.min(videoWidth, videoHeight);
  const [x, y] = [(videoWidth - side) / 2, (videoHeight - side) / 2];
  return createImageBitmap(video, x, y, side, side, {
    resizeWidth: sidePx,
    resizeHeight: sidePx,
    resizeQuality: 'medium',
  });
}
