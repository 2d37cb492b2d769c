/** The store of received files, used in a worker: keeps a file, reads it back, discards it. */
import { type Bytes, concat, equal } from '../core/bytes.ts';
import { storedSinks } from '../platform/transfer-store.ts';

const CHUNK_BYTES = 4_096;
const SIZE = 10_000;

export type Found = { readonly same: boolean; readonly left: number; readonly handles: boolean };

async function tried(): Promise<Found> {
  const plain = crypto.getRandomValues(new Uint8Array(SIZE));
  const again = async (_: number, sealed: Bytes) => sealed.slice(0, -16);
  const sink = await storedSinks().open({ size: SIZE, chunkBytes: CHUNK_BYTES, again });
  for (let from = 0; from < SIZE; from += CHUNK_BYTES) {
    const chunk = plain.slice(from, from + CHUNK_BYTES);
    await sink.write({ plain: chunk, sealed: concat(chunk, new Uint8Array(16)) });
  }
  const file = await sink.finish();
  const same = equal(await file.slice(3, 9_999), plain.slice(3, 9_999));
  await file.discard();
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('dhchat-transfers');
  let left = 0;
  for await (const _ of folder.keys()) left += 1;
  return { same, left, handles: 'createSyncAccessHandle' in FileSystemFileHandle.prototype };
}

self.addEventListener('message', () => {
  void tried().then((found) => self.postMessage(found));
});
