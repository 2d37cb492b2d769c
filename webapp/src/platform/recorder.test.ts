/** What a browser says of its devices, in words that the core has. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserDevices } from './recorder.ts';

type Kinds = readonly ('audioinput' | 'videoinput')[];

/** A browser that refuses with this, and says that it has these devices. */
function browser(refusal: unknown, kinds: Kinds = []) {
  const getUserMedia = vi.fn(() => Promise.reject(refusal));
  const enumerateDevices = async () => kinds.map((kind, n) => ({ kind, deviceId: `${n}` }));
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('MediaRecorder', recorder(['audio/ogg;codecs=opus', 'video/mp4']));
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, enumerateDevices } });
  return getUserMedia;
}

function recorder(types: readonly string[]) {
  return Object.assign(() => {}, { isTypeSupported: (type: string) => types.includes(type) });
}

const opened = (kind: 'voice' | 'video' = 'voice') =>
  browserDevices.open({ kind, insteadOf: null }, () => {});

afterEach(() => vi.unstubAllGlobals());

describe('the devices of a browser', () => {
  it.each([
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotFoundError', 'noMicrophone'],
    ['NotReadableError', 'inUse'],
    ['AbortError', 'inUse'],
    ['TypeError', 'failed'],
  ])('[UI90] that are refused with %s are %s', async (name, why) => {
    browser(new DOMException('no', name));
    expect(await opened()).toEqual({ is: 'refused', why });
  });

  it('[UI90] tell a camera that is missing from a microphone', async () => {
    const missing = new DOMException('no', 'NotFoundError');
    browser(missing, ['audioinput']);
    expect(await opened('video')).toEqual({ is: 'refused', why: 'noCamera' });
    browser(missing, ['videoinput']);
    expect(await opened('video')).toEqual({ is: 'refused', why: 'noMicrophone' });
  });

  it('[UI90] are not asked for over an open line, or where nothing could be recorded', async () => {
    const asked = browser(null);
    vi.stubGlobal('isSecureContext', false);
    expect(await opened()).toEqual({ is: 'refused', why: 'insecureContext' });
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('MediaRecorder', recorder(['audio/wav']));
    expect(await opened()).toEqual({ is: 'refused', why: 'unsupported' });
    vi.stubGlobal('MediaRecorder', undefined);
    expect(await opened()).toEqual({ is: 'refused', why: 'unsupported' });
    vi.stubGlobal('MediaRecorder', recorder(['audio/ogg;codecs=opus']));
    vi.stubGlobal('navigator', {});
    expect(await opened()).toEqual({ is: 'refused', why: 'unsupported' });
    expect(asked).not.toHaveBeenCalled();
  });

  it('[REC9] are asked for another camera than the one before', async () => {
    const asked = browser(null, ['videoinput', 'videoinput', 'audioinput']);
    const other = async (insteadOf: { id: string; facing: 'user' | 'environment' | null }) => {
      await browserDevices.open({ kind: 'video', insteadOf }, () => {});
      return asked.mock.lastCall;
    };
    expect(await other({ id: '0', facing: 'user' })).toMatchObject([
      { video: { facingMode: { ideal: 'environment' } } },
    ]);
    expect(await other({ id: '1', facing: 'environment' })).toMatchObject([
      { video: { facingMode: { ideal: 'user' } } },
    ]);
    expect(await other({ id: '0', facing: null })).toMatchObject([
      { video: { deviceId: { exact: '1' } } },
    ]);
    expect(await other({ id: '1', facing: null })).toMatchObject([
      { video: { deviceId: { exact: '0' } } },
    ]);
  });
});

describe('a device that is on', () => {
  it('[REC1] is switched off when it cannot be recorded', async () => {
    browser(null);
    const track = { stop: vi.fn(), kind: 'audio' };
    const stream = { getTracks: () => [track], getVideoTracks: () => [] };
    vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: async () => stream } });
    const broken = () => {
      throw new DOMException('no', 'NotSupportedError');
    };
    vi.stubGlobal('MediaRecorder', Object.assign(broken, { isTypeSupported: () => true }));
    expect(await opened()).toEqual({ is: 'refused', why: 'failed' });
    expect(track.stop).toHaveBeenCalledTimes(1);
  });
});
