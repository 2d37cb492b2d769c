/**
 * A file of this device, read in larger pieces than are asked for: each reading is a question to
 * another process of the browser, which takes longer than to seal what comes of it.
 *
 * Of one file at a time, the piece that is in use and the one after it are kept.
 */
import type { Bytes } from '../core/bytes.ts';

/** What is read at a time. */
export const AHEAD_BYTES = 1024 * 1024;

type Piece = { readonly blob: Blob; readonly from: number; readonly bytes: Promise<Bytes> };

export class ReadAhead {
  #pieces: readonly Piece[] = [];

  /**
   * A part of what was read, which others may have parts of. Rejects where the browser does, as
   * for a file that has changed on the disk.
   */
  async slice(blob: Blob, from: number, to: number): Promise<Bytes> {
    const start = from - (from % AHEAD_BYTES);
    const end = Math.min(blob.size, start + AHEAD_BYTES);
    if (to > end) return bytesOf(blob, from, to);
    const pieceAt = (at: number) =>
      this.#pieces.find((piece) => piece.blob === blob && piece.from === at) ?? begun(blob, at);
    const here = pieceAt(start);
    const after = end < blob.size ? [pieceAt(end)] : [];
    this.#pieces = to === end ? after : [here, ...after];
    return (await here.bytes).subarray(from - start, to - start);
  }
}

function begun(blob: Blob, from: number): Piece {
  const bytes = bytesOf(blob, from, Math.min(blob.size, from + AHEAD_BYTES));
  // Whoever asks for it is told; nobody may.
  bytes.catch(() => {});
  return { blob, from, bytes };
}

async function bytesOf(blob: Blob, from: number, to: number): Promise<Bytes> {
  return new Uint8Array(await blob.slice(from, to).arrayBuffer());
}
