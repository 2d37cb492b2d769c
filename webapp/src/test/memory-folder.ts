/** A browser's private file system in memory, as a worker or as a page has it. */
import type { Bytes } from '../core/bytes.ts';
import type { Folder, Root, StoredFile } from '../platform/transfer-store.ts';

export class MemoryRoot implements Root {
  readonly files = new Map<string, Bytes[]>();
  readonly #kind: 'worker' | 'page' | 'neither';
  /** Bytes that still fit. */
  room = Infinity;

  constructor(kind: 'worker' | 'page' | 'neither') {
    this.#kind = kind;
  }

  async getDirectoryHandle(): Promise<Folder> {
    return {
      getFileHandle: async (name) => {
        const parts: Bytes[] = [];
        this.files.set(name, parts);
        return this.#file(name, parts);
      },
      removeEntry: async (name) => {
        if (!this.files.delete(name)) throw new DOMException('it is not there', 'NotFoundError');
      },
    };
  }

  async removeEntry(): Promise<void> {
    if (this.files.size === 0) throw new DOMException('it is not there', 'NotFoundError');
    this.files.clear();
  }

  #file(name: string, parts: Bytes[]): StoredFile {
    const append = (bytes: Bytes) => {
      const fits = bytes.slice(0, Math.min(bytes.length, this.room));
      this.room -= fits.length;
      parts.push(fits);
      return fits.length;
    };
    const getFile = async () => {
      if (!this.files.has(name)) throw new DOMException('it is not there', 'NotFoundError');
      return new Blob(parts);
    };
    switch (this.#kind) {
      case 'worker':
        return {
          getFile,
          createSyncAccessHandle: async () => ({ write: append, close: () => {} }),
        };
      case 'page':
        return {
          getFile,
          createSyncAccessHandle: () => Promise.reject(new DOMException('not in a page')),
          createWritable: async () => ({
            write: async (bytes) => {
              if (append(bytes) < bytes.length)
                throw new DOMException('full', 'QuotaExceededError');
            },
            close: async () => {},
          }),
        };
      case 'neither':
        return { getFile };
    }
  }
}
