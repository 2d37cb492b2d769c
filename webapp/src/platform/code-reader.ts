/**
 * Reads QR codes: through the camera, or in a picture. The browser's own reader is used where there
 * is one, else a library that is loaded when it is first needed. What is seen stays in the page: no
 * picture is kept or sent. Of what was read nothing is believed here.
 */

/** Why there is nothing to look through. */
export type CameraFault =
  /** The person, or the browser in their name, has not let this page use the camera. */
  | 'refused'
  /** There is no camera. */
  | 'none'
  /** Another program has it, or it failed. */
  | 'busy'
  /** This browser has no way to ask for one, or the page is not served securely. */
  | 'unsupported';

export type CodeReader = {
  /**
   * Shows the camera in `video` and tells the first code that is read. Looks until `signal` says
   * otherwise, and has let go of the camera whatever happens. Rejects if the library does not load.
   */
  watch(video: HTMLVideoElement, signal: AbortSignal): Promise<Watched>;
  /** The first code in a picture; `null` if there is none, or it is no picture. */
  readPicture(file: Blob): Promise<string | null>;
};

export type Watched =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'stopped' }
  | { readonly is: 'failed'; readonly why: CameraFault };

/** Reads what a frame or a picture shows; `null` if that is no code. */
type Detect = (picture: CanvasImageSource, size: Size) => Promise<string | null>;
type Size = { readonly width: number; readonly height: number };

/** Enough for a code that fills a third of the picture, and quick on a telephone. */
const LONGER_SIDE_PX = 960;
/** More than any camera makes; larger ones are not unpacked. */
const PICTURE_BYTES_MAX = 40 * 1_024 * 1_024;
/** How often a frame is looked at: five times a second is as fast as a hand holds still. */
const LOOK_EVERY_MS = 200;

export const browserCodeReader: CodeReader = { watch, readPicture };

async function watch(video: HTMLVideoElement, signal: AbortSignal): Promise<Watched> {
  const camera = await openCamera();
  if (typeof camera === 'string') return { is: 'failed', why: camera };
  try {
    if (signal.aborted) return { is: 'stopped' };
    video.srcObject = camera;
    return await look(video, camera, signal);
  } finally {
    for (const track of camera.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function openCamera(): Promise<MediaStream | CameraFault> {
  // Absent where a page is not served securely, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return 'unsupported';
  try {
    const video = { facingMode: 'environment', width: { ideal: 1_280 } };
    return await devices.getUserMedia({ video, audio: false });
  } catch (error) {
    return faultOf(error);
  }
}

/** By the names that Media Capture and Streams 10.2 gives. */
function faultOf(error: unknown): CameraFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  return 'busy';
}

async function look(
  video: HTMLVideoElement,
  camera: MediaStream,
  signal: AbortSignal,
): Promise<Watched> {
  const detect = await detector();
  // Refused by a browser that plays nothing by itself: there is a picture all the same.
  await video.play().catch(() => {});
  while (!signal.aborted) {
    if (camera.getVideoTracks().every(({ readyState }) => readyState === 'ended')) {
      return { is: 'failed', why: 'busy' };
    }
    const { videoWidth: width, videoHeight: height } = video;
    const text = width > 0 ? await detect(video, { width, height }) : null;
    if (text !== null && !signal.aborted) return { is: 'read', text };
    await pause(LOOK_EVERY_MS, signal);
  }
  return { is: 'stopped' };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function readPicture(file: Blob): Promise<string | null> {
  if (file.size > PICTURE_BYTES_MAX) return null;
  const detect = await detector();
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  try {
    return await detect(picture, picture);
  } finally {
    picture.close();
  }
}

type BrowserDetector = { detect(picture: CanvasImageSource): Promise<{ rawValue: string }[]> };
type BrowserDetectors = {
  new (options: { formats: string[] }): BrowserDetector;
  getSupportedFormats(): Promise<string[]>;
};

async function detector(): Promise<Detect> {
  const { BarcodeDetector: Own } = globalThis as { BarcodeDetector?: BrowserDetectors };
  const formats = (await Own?.getSupportedFormats().catch(() => [])) ?? [];
  return Own !== undefined && formats.includes('qr_code') ? ofBrowser(Own) : ofLibrary();
}

function ofBrowser(Own: BrowserDetectors): Detect {
  const detector = new Own({ formats: ['qr_code'] });
  return async (picture) => {
    const found = await detector.detect(picture).catch(() => []);
    return found[0]?.rawValue ?? null;
  };
}

async function ofLibrary(): Promise<Detect> {
  const { default: decode } = await import('qr/decode.js');
  const canvas = document.createElement('canvas');
  return async (picture, size) => {
    const image = pixelsOf(canvas, picture, size);
    try {
      return image === null ? null : decode(image);
    } catch {
      // The library's way to say that there is none.
      return null;
    }
  };
}

/** The pixels of a picture, made smaller if need be; `null` where a browser gives none. */
function pixelsOf(
  canvas: HTMLCanvasElement,
  picture: CanvasImageSource,
  { width, height }: Size,
): ImageData | null {
  const scale = Math.min(1, LONGER_SIDE_PX / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  // A picture that can be seen through is drawn as it is seen: on white.
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
