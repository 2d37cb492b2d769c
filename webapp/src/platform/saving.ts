/**
 * Saves bytes as a file of this device: where the person picks, or where the browser puts
 * downloads. Nothing that is saved is opened here, and none of it has a type that a browser acts on.
 */
import type { Bytes } from '../core/bytes.ts';

/** What came of it; `dismissed` if the person thought better of it. */
export type Saved = 'saved' | 'dismissed' | 'failed';

export type ToSave = {
  readonly name: string;
  /** The bytes in order, piece by piece; throws when they cannot be read. */
  pieces(): AsyncIterable<Bytes>;
};

/** What is used of a `FileSystemFileHandle`. */
type Picked = {
  createWritable(): Promise<{
    write(bytes: Bytes): Promise<void>;
    close(): Promise<void>;
    abort(): Promise<void>;
  }>;
};

export type Pick = (options: { readonly suggestedName: string }) => Promise<Picked>;

/** No browser shows, runs or guesses at this. */
const NEUTRAL_TYPE = 'application/octet-stream';
/** Browsers that write a download late read its address late. */
const REVOKE_AFTER_MS = 60_000;

/** Call it from a press: a picker opens only then. */
export async function saveFile(file: ToSave, pick = pickerHere()): Promise<Saved> {
  if (pick === null) return download(file);
  let picked: Picked;
  try {
    picked = await pick({ suggestedName: file.name });
  } catch (reason) {
    // Browsers refuse names of their own systems; a download is renamed instead.
    return isDismissal(reason) ? 'dismissed' : download(file);
  }
  return written(file, picked);
}

/** Larger files than memory is for go this way: nothing but one piece is held. */
async function written(file: ToSave, picked: Picked): Promise<Saved> {
  try {
    const writable = await picked.createWritable();
    try {
      for await (const piece of file.pieces()) await writable.write(piece);
      await writable.close();
      return 'saved';
    } catch {
      // What was there before stays as it was.
      await writable.abort();
      return 'failed';
    }
  } catch {
    return 'failed';
  }
}

async function download(file: ToSave): Promise<Saved> {
  const pieces: Bytes[] = [];
  try {
    for await (const piece of file.pieces()) pieces.push(piece);
  } catch {
    return 'failed';
  }
  const address = URL.createObjectURL(new Blob(pieces, { type: NEUTRAL_TYPE }));
  const link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
  return 'saved';
}

function pickerHere(): Pick | null {
  const { showSaveFilePicker } = globalThis as { showSaveFilePicker?: Pick };
  // Called as a function of the window, which it insists on.
  return showSaveFilePicker === undefined
    ? null
    : (options) => showSaveFilePicker.call(globalThis, options);
}

function isDismissal(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'AbortError';
}
