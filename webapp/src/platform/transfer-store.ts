/**
 * Received files that memory is not for: in the origin-private file system, as the sealed chunks
 * that came. Their keys are in memory alone, so what a crash leaves behind opens for nobody; it is
 * removed when the app starts.
 */
import { type Bytes, giveBack } from '../core/bytes.ts';
import type { FileSink, FileSinks, ReceivedFile } from '../core/ports.ts';

/** What is used of a `FileSystemFileHandle`, in a worker and in a page. */
export type StoredFile = {
  getFile(): Promise<Blob>;
  createWritable?(): Promise<{ write(bytes: Bytes): Promise<void>; close(): Promise<void> }>;
  /** Workers only, and there the one that every browser has. */
  createSyncAccessHandle?(): Promise<{
    write(bytes: Bytes, options: { at: number }): number;
    close(): void;
  }>;
};

export type Folder = {
  getFileHandle(name: string, options: { create: boolean }): Promise<StoredFile>;
  removeEntry(name: string): Promise<void>;
};

export type Root = {
  getDirectoryHandle(name: string, options: { create: boolean }): Promise<Folder>;
  removeEntry(name: string, options: { recursive: boolean }): Promise<void>;
};

const FOLDER = 'dhchat-transfers';
const TAG_BYTES = 16;

/** Where there is no such file system (an insecure page, a private window), it rejects. */
export async function privateFiles(): Promise<Root> {
  return navigator.storage.getDirectory();
}

/** Everything that was ever received and not discarded is gone. */
export async function emptyTransferStore(root: () => Promise<Root> = privateFiles): Promise<void> {
  try {
    await (await root()).removeEntry(FOLDER, { recursive: true });
  } catch {
    // Nothing was there, or nothing can be: in both cases nothing is left.
  }
}

export function storedSinks(root: () => Promise<Root> = privateFiles): FileSinks {
  return {
    async open({ size, chunkBytes, again }) {
      const folder = await (await root()).getDirectoryHandle(FOLDER, { create: true });
      const name = crypto.randomUUID();
      const file = await folder.getFileHandle(name, { create: true });
      return new StoredSink({ folder, name, file, size, chunkBytes, again }, await written(file));
    },
  };
}

type Place = Parameters<FileSinks['open']>[0] & {
  readonly folder: Folder;
  readonly name: string;
  readonly file: StoredFile;
};

type Writing = { append(bytes: Bytes): Promise<void>; close(): Promise<void> };

class StoredSink implements FileSink {
  readonly #place: Place;
  readonly #writing: Writing;
  /** One thing after another: a file that is being written cannot be removed. */
  #chain: Promise<unknown> = Promise.resolve();
  #state: 'open' | 'closed' | 'gone' = 'open';

  constructor(place: Place, writing: Writing) {
    this.#place = place;
    this.#writing = writing;
  }

  write({ sealed }: { sealed: Bytes }): Promise<void> {
    return this.#next(async () => {
      await this.#writing.append(sealed);
      giveBack(sealed);
    });
  }

  async finish(): Promise<ReceivedFile> {
    await this.#next(() => this.#close());
    const blob = await this.#place.file.getFile();
    const { size } = this.#place;
    const slice = (from: number, to: number) => this.#slice(blob, from, Math.min(to, size));
    return { size, sealed: true, slice, discard: () => this.discard() };
  }

  discard(): Promise<void> {
    return this.#next(async () => {
      if (this.#state === 'gone') return;
      await this.#close();
      this.#state = 'gone';
      await this.#place.folder.removeEntry(this.#place.name);
    });
  }

  async #close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    await this.#writing.close();
  }

  async #slice(blob: Blob, from: number, to: number): Promise<Bytes> {
    const { chunkBytes, again } = this.#place;
    if (this.#state === 'gone') throw new Error('this file was discarded');
    const slice = new Uint8Array(Math.max(0, to - from));
    for (let chunk = Math.floor(from / chunkBytes); chunk * chunkBytes < to; chunk += 1) {
      const sealedBytes = chunkBytes + TAG_BYTES;
      const stored = blob.slice(chunk * sealedBytes, (chunk + 1) * sealedBytes);
      const plain = await again(chunk, new Uint8Array(await stored.arrayBuffer()));
      if (plain === null) throw new Error('a stored file has changed');
      const start = chunk * chunkBytes;
      const piece = plain.subarray(Math.max(0, from - start), Math.max(0, to - start));
      slice.set(piece, Math.max(0, start - from));
    }
    return slice;
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#chain.then(act);
    this.#chain = done.catch(() => {});
    return done;
  }
}

async function written(file: StoredFile): Promise<Writing> {
  const handle = await file.createSyncAccessHandle?.().catch(() => undefined);
  if (handle !== undefined) {
    let at = 0;
    return {
      async append(bytes) {
        const bytesWritten = handle.write(bytes, { at });
        if (bytesWritten !== bytes.length) throw new Error('the disk is full');
        at += bytesWritten;
      },
      close: async () => handle.close(),
    };
  }
  const stream = await file.createWritable?.();
  if (stream === undefined) throw new Error('this browser cannot write to its private files');
  return { append: (bytes) => stream.write(bytes), close: () => stream.close() };
}
