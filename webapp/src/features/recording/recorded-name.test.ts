/** What a recording is called. */
import { expect, it } from 'vitest';
import { recordedName } from './recorded-name.ts';

it('[UI93] names what it is and how long, and nothing else', () => {
  const named = (kind: 'voice' | 'video', type: string, durationMs: number) =>
    recordedName({ kind, durationMs, blob: new Blob(['x'], { type }) });
  expect(named('voice', 'audio/webm;codecs=opus', 12_345)).toBe('voice-12s.webm');
  expect(named('voice', 'audio/ogg; codecs=opus', 900)).toBe('voice-1s.ogg');
  expect(named('voice', 'audio/mp4', 61_000)).toBe('voice-61s.m4a');
  expect(named('video', 'video/mp4', 3_000)).toBe('video-3s.mp4');
  expect(named('video', '', 3_000)).toBe('video-3s');
});
