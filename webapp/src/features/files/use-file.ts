/**
 * The bytes of a transfer as one `Blob`, for what only takes an address or a whole: a picture, a
 * player, a download. Read piece by piece, so that page and worker never hold more than one apart.
 */
import { useEffect, useState } from 'react';
import type { AppModel, TransferView } from '../../app/model.ts';

/** What crosses from the worker at a time. */
export const PIECE_BYTES = 1024 * 1024;

export type FileHere =
  | { readonly is: 'loading' }
  | { readonly is: 'here'; readonly blob: Blob }
  /** It was discarded, or has changed where it was picked. */
  | { readonly is: 'gone' };

type Reader = Pick<AppModel, 'readFile'>;
type Readable = Pick<TransferView, 'id' | 'size'>;

/** The pieces in order; throws if one is not there. */
export async function* piecesOf(model: Reader, { id, size }: Readable) {
  for (let from = 0; from < size; from += PIECE_BYTES) {
    const piece = await model.readFile(id, from, Math.min(size, from + PIECE_BYTES));
    if (piece === null) throw new Error('the file is not there any more');
    yield piece;
  }
}

/** `null` if any of it is not there. `isWanted` is asked between pieces: reading may end early. */
export async function readWhole(
  model: Reader,
  file: Readable,
  isWanted: () => boolean = () => true,
): Promise<Uint8Array<ArrayBuffer>[] | null> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  try {
    for await (const piece of piecesOf(model, file)) {
      if (!isWanted()) return null;
      pieces.push(piece);
    }
  } catch {
    return null;
  }
  return pieces;
}

/**
 * Reads the whole of it once, and again when it is another file. `type` is what the blob claims
 * to be: what the bytes say, never what the sender said.
 */
export function useFile(model: Reader, transfer: Readable, type: string): FileHere {
  const [file, setFile] = useState<FileHere>({ is: 'loading' });
  const { id, size } = transfer;
  useEffect(() => {
    let isWanted = true;
    setFile({ is: 'loading' });
    const read = readWhole(model, { id, size }, () => isWanted);
    void read.then((pieces) => {
      if (!isWanted) return;
      setFile(pieces === null ? { is: 'gone' } : { is: 'here', blob: new Blob(pieces, { type }) });
    });
    return () => {
      isWanted = false;
    };
  }, [model, id, size, type]);
  return file;
}
