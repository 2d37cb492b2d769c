/** What a recording is called as a file: what it is and how long, and nothing about its person. */
import type { Recorded } from '../../app/model.ts';

const ENDINGS: Readonly<Record<string, string>> = {
  'audio/webm': 'webm',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
  'audio/mpeg': 'mp3',
  'video/webm': 'webm',
  'video/mp4': 'mp4',
};

export function recordedName({ kind, blob, durationMs }: Recorded): string {
  const [type = ''] = blob.type.split(';');
  const ending = ENDINGS[type.trim()];
  const name = `${kind}-${Math.round(durationMs / 1_000)}s`;
  return ending === undefined ? name : `${name}.${ending}`;
}
