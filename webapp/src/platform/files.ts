/** Files of this device as the core sees them: read by slices, and kept where there is room. */
import { type Bytes, giveBack } from '../core/bytes.ts';
import type { FileSink, FileSinks, FileSource, ReceivedFile } from '../core/ports.ts';
import { ReadAhead } from './read-ahead.ts';
import { storedSinks } from './transfer-store.ts';

/** Larger ones are stored: a page has better uses for its memory. */
export const IN_MEMORY_FILE_BYTES_MAX = 50 * 1024 * 1024;
/** All that are in memory at a time; a long conversation brings many. */
export const IN_MEMORY_BYTES_MAX = 200 * 1024 * 1024;

/** Shared, so that of all files together two pieces are kept. */
const readAhead = new ReadAhead();

/** A picked, pasted or recorded file. The browser refuses to read one that changed on the disk. */
export function blobSource(blob: Blob, name: string): FileSource {
  return {
    name,
    mime: blob.type,
    size: blob.size,
    slice: (from, to) => readAhead.slice(blob, from, to),
  };
}

/** In memory while there is room, stored as sealed otherwise. */
export function fileSinks(
  stored: FileSinks = storedSinks(),
  bytesMax: { readonly file: number; readonly all: number } = {
    file: IN_MEMORY_FILE_BYTES_MAX,
    all: IN_MEMORY_BYTES_MAX,
  },
): FileSinks {
  let used = 0;
  return {
    async open(file) {
      if (file.size > bytesMax.file || used + file.size > bytesMax.all) return stored.open(file);
      used += file.size;
      return inMemory(() => {
        used -= file.size;
      });
    },
  };
}

/** Not a `Blob`: browsers may move those to the disk as they are. */
function inMemory(freed: () => void): FileSink {
  let chunks: Bytes[] = [];
  let gone = false;
  const discard = async () => {
    if (gone) return;
    gone = true;
    for (const chunk of chunks) chunk.fill(0);
    chunks = [];
    freed();
  };
  return {
    async write({ plain, sealed }) {
      if (!gone) chunks.push(plain);
      giveBack(sealed);
    },
    async finish() {
      const size = chunks.reduce((sum, { length }) => sum + length, 0);
      return { size, sealed: false, slice: async (from, to) => joined(chunks, from, to), discard };
    },
    discard,
  };
}

function joined(chunks: readonly Bytes[], from: number, to: number): Bytes {
  const parts: Bytes[] = [];
  let at = 0;
  for (const chunk of chunks) {
    parts.push(chunk.subarray(Math.max(0, from - at), Math.max(0, to - at)));
    at += chunk.length;
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The pieces of a file that came, one after another: for a save picker, or a viewer. */
export async function* piecesOf(file: ReceivedFile, pieceBytes = 1024 * 1024) {
  for (let from = 0; from < file.size; from += pieceBytes) {
    yield await file.slice(from, Math.min(file.size, from + pieceBytes));
  }
}
