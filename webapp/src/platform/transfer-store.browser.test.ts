/** The store in a real browser's private file system, in the page and in a worker. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Found } from '../test/store-worker.ts';
import { AS_FILE, aFile, isWhole, TransferNetwork } from '../test/transfer-network.ts';
import { emptyTransferStore, storedSinks } from './transfer-store.ts';

const SIZE = 200 * 1024 + 7;

afterEach(() => emptyTransferStore());

async function filesStored(): Promise<number> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('dhchat-transfers').catch(() => null);
  let files = 0;
  if (folder !== null) for await (const _ of folder.keys()) files += 1;
  return files;
}

async function transferred() {
  const network = new TransferNetwork({ sinks: storedSinks() });
  const sent = network.alice.transfers.send(aFile(SIZE), AS_FILE);
  await network.untilQuiet();
  return { network, id: sent.ok ? sent.id : 0 };
}

describe('the store of a real browser', () => {
  it('[FILE2] keeps a file that comes, and gives it back by slices', async () => {
    const { network, id } = await transferred();
    expect([network.alice.stage(), network.bob.stage()]).toEqual(['delivered', 'delivered']);
    expect(await filesStored()).toBe(1);
    expect(await isWhole(network.bob, id, SIZE)).toBe(true);
  });

  it('[FILE4] has nothing left of a file that was discarded, nor after it was emptied', async () => {
    const { network } = await transferred();
    await network.bob.transfers.wipe();
    expect(await filesStored()).toBe(0);
    await transferred();
    expect(await filesStored()).toBe(1);
    await emptyTransferStore();
    expect(await filesStored()).toBe(0);
  });

  it('[FILE4] has nothing left of a file whose transfer was cancelled', async () => {
    const network = new TransferNetwork({ sinks: storedSinks(), meddle: () => [] });
    const sent = network.alice.transfers.send(aFile(SIZE), AS_FILE);
    await network.untilQuiet(2_000);
    // Some browsers write beside the file until it is closed.
    expect(await filesStored()).toBeGreaterThan(0);
    network.bob.transfers.cancel(sent.ok ? sent.id : 0);
    await network.settled();
    expect(await filesStored()).toBe(0);
  });

  it('[FILE2, FILE4] does the same in a worker, with the handles that only workers have', async () => {
    const worker = new Worker(new URL('../test/store-worker.ts', import.meta.url), {
      type: 'module',
    });
    const found = new Promise<Found>((resolve) => {
      worker.addEventListener('message', ({ data }) => resolve(data));
    });
    worker.postMessage('go');
    expect(await found).toEqual({ same: true, left: 0, handles: true });
    worker.terminate();
  });
});
