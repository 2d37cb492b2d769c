/**
 * Microphone and camera of this device, recorded by the browser. Whoever asks for them decides
 * when; here nothing is on unless it was asked for, and nothing stays on after `close`.
 */
import type {
  Camera,
  Capture,
  CaptureNews,
  Devices,
  Opened,
  Refusal,
  Wish,
} from '../core/recording/devices.ts';
import type { RecordedKind } from '../core/recording/kind.ts';
import { openMeter } from './sound-meter.ts';

/** The first that the browser records: small and free formats before those of a vendor. */
const TYPES: { readonly [Kind in RecordedKind]: readonly string[] } = {
  voice: [
    'audio/webm;codecs=opus',
    'audio/ogg;codecs=opus',
    'audio/mp4;codecs=opus',
    'audio/mp4',
    'audio/mpeg',
    'audio/webm',
    'audio/ogg',
  ],
  video: [
    'video/webm;codecs=vp9,opus',
    'video/webm;codecs=vp8,opus',
    'video/webm',
    'video/mp4;codecs=avc1.42E01E,mp4a.40.2',
    'video/mp4',
  ],
};

/** Speech needs no more; five minutes of it are 1.2 MB. */
const VOICE_BITS_PER_SECOND = 32_000;
/** As the original: 50 MB are two minutes and a half. */
const VIDEO_BITS_PER_SECOND = 2_500_000;
/** How often what was recorded is handed out, and so counted. */
const PIECE_MS: { readonly [Kind in RecordedKind]: number } = { voice: 100, video: 1_000 };
/** It is shown as a circle, so a square is asked for. */
const VIDEO_SIDE_PX = 640;

export const browserDevices: Devices = {
  async open(wish, tell): Promise<Opened> {
    const type = typeFor(wish.kind);
    if (typeof type !== 'string') return { is: 'refused', why: type.why };
    try {
      const stream = await navigator.mediaDevices.getUserMedia(await constraintsFor(wish));
      return { is: 'opened', capture: await captured(stream, { kind: wish.kind, type }, tell) };
    } catch (error) {
      return { is: 'refused', why: await refusalOf(error, wish.kind) };
    }
  },
};

/** What will be recorded, or why nothing can be. */
function typeFor(kind: RecordedKind): string | { readonly why: Refusal } {
  if (!globalThis.isSecureContext) return { why: 'insecureContext' };
  if (navigator.mediaDevices?.getUserMedia === undefined) return { why: 'unsupported' };
  if (typeof globalThis.MediaRecorder !== 'function') return { why: 'unsupported' };
  const type = TYPES[kind].find((each) => MediaRecorder.isTypeSupported(each));
  return type ?? { why: 'unsupported' };
}

async function constraintsFor({ kind, insteadOf }: Wish): Promise<MediaStreamConstraints> {
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (kind === 'voice') return { audio };
  const side = { ideal: VIDEO_SIDE_PX };
  return { audio, video: { width: side, height: side, ...(await anotherThan(insteadOf)) } };
}

/** Telephones tell front from back; elsewhere it is the next one in the list, round and round. */
async function anotherThan(camera: Camera | null): Promise<MediaTrackConstraints> {
  if (camera === null) return { facingMode: { ideal: 'user' } };
  if (camera.facing !== null) {
    return { facingMode: { ideal: camera.facing === 'user' ? 'environment' : 'user' } };
  }
  const all = await cameras();
  const place = all.findIndex(({ deviceId }) => deviceId === camera.id);
  const next = all[(place + 1) % all.length];
  return next === undefined ? {} : { deviceId: { exact: next.deviceId } };
}

async function cameras(): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter(({ kind }) => kind === 'videoinput');
}

/** Media Capture and Streams, section 10.2: the names of what a browser refuses with. */
async function refusalOf(error: unknown, kind: RecordedKind): Promise<Refusal> {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return kind === 'video' && (await hasMicrophone()) ? 'noCamera' : 'noMicrophone';
    case 'NotReadableError':
    case 'AbortError':
      return 'inUse';
    default:
      return 'failed';
  }
}

async function hasMicrophone(): Promise<boolean> {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return all.some(({ kind }) => kind === 'audioinput');
}

type Form = { readonly kind: RecordedKind; readonly type: string };
type Tell = (news: CaptureNews) => void;

/** A device that cannot be recorded does not stay on. */
async function captured(stream: MediaStream, form: Form, tell: Tell): Promise<Capture> {
  try {
    const canSwitch = form.kind === 'video' && (await cameras()).length > 1;
    return captureOf(stream, { ...form, canSwitch }, tell);
  } catch (error) {
    for (const track of stream.getTracks()) track.stop();
    throw error;
  }
}

function captureOf(
  stream: MediaStream,
  { kind, type, canSwitch }: Form & { readonly canSwitch: boolean },
  tell: Tell,
): Capture {
  const meter = openMeter(stream);
  const pieces: Blob[] = [];
  const recorder = new MediaRecorder(stream, {
    mimeType: type,
    audioBitsPerSecond: VOICE_BITS_PER_SECOND,
    ...(kind === 'video' ? { videoBitsPerSecond: VIDEO_BITS_PER_SECOND } : {}),
  });
  recorder.onstart = () => tell({ is: 'begun' });
  recorder.onerror = () => tell({ is: 'lost' });
  recorder.ondataavailable = ({ data }) => {
    pieces.push(data);
    tell({ is: 'piece', bytes: data.size });
  };
  for (const track of stream.getTracks()) track.onended = () => tell({ is: 'lost' });

  return {
    camera: cameraOf(stream),
    canSwitch,
    preview: kind === 'video' ? stream : null,
    level: meter.level,
    begin: () => recorder.start(PIECE_MS[kind]),
    finish: async () => {
      await stopped(recorder);
      return new Blob(pieces, { type: recorder.mimeType || type });
    },
    close() {
      recorder.ondataavailable = null;
      if (recorder.state !== 'inactive') recorder.stop();
      for (const track of stream.getTracks()) track.stop();
      meter.close();
      pieces.length = 0;
    },
  };
}

/** The last piece is handed out before `stop` is told. A recorder whose device is gone has stopped. */
function stopped(recorder: MediaRecorder): Promise<void> {
  if (recorder.state === 'inactive') return Promise.resolve();
  return new Promise((resolve) => {
    recorder.onstop = () => resolve();
    recorder.stop();
  });
}

function cameraOf(stream: MediaStream): Camera | null {
  const [track] = stream.getVideoTracks();
  if (track === undefined) return null;
  const { deviceId = '', facingMode } = track.getSettings();
  const facing = facingMode === 'user' || facingMode === 'environment' ? facingMode : null;
  return { id: deviceId, facing };
}
