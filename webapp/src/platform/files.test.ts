/** Files of this device: read, kept, discarded, through the adapters alone and through a transfer. */
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, equal, toHex } from '../core/bytes.ts';
import type { FileSinks } from '../core/ports.ts';
import { MemoryRoot } from '../test/memory-folder.ts';
import { AS_FILE, aFile, bytesAt, isWhole, TransferNetwork } from '../test/transfer-network.ts';
import { blobSource, fileSinks, piecesOf } from './files.ts';
import { emptyTransferStore, storedSinks } from './transfer-store.ts';

const KIB = 1024;
const CHUNK = 4 * KIB;
const SIZE = 10 * KIB + 1;

/** Sealing for tests: 16 more bytes, and every byte another. */
function sealed(plain: Bytes): Bytes {
  return concat(
    plain.map((byte) => byte ^ 0x5a),
    new Uint8Array(16),
  );
}

async function again(_: number, bytes: Bytes): Promise<Bytes | null> {
  return bytes.slice(0, -16).map((byte) => byte ^ 0x5a);
}

async function filled(sinks: FileSinks, size = SIZE, open = again) {
  const sink = await sinks.open({ size, chunkBytes: CHUNK, again: open });
  for (let from = 0; from < size; from += CHUNK) {
    const plain = bytesAt(from, Math.min(size, from + CHUNK));
    await sink.write({ plain, sealed: sealed(plain) });
  }
  return sink;
}

const rooms: [string, () => FileSinks][] = [
  ['memory', () => fileSinks()],
  ['a store in a worker', () => stores(new MemoryRoot('worker'))],
  ['a store in a page', () => stores(new MemoryRoot('page'))],
];

/** A frame with a chunk in it, as a sink that kept the chunk left it. */
async function leftOf(sinks: FileSinks): Promise<Bytes> {
  const sink = await sinks.open({ size: SIZE, chunkBytes: CHUNK, again });
  const plain = bytesAt(0, CHUNK);
  // As it comes, behind what a frame begins with.
  const frame = concat(new Uint8Array(9), sealed(plain));
  await sink.write({ plain, sealed: frame.subarray(9) });
  await sink.discard();
  return frame;
}

function stores(root: MemoryRoot): FileSinks {
  return storedSinks(async () => root);
}

describe('a chunk that was kept', () => {
  it('[FILE28] gives back the memory that it came in, wherever it is kept', async () => {
    for (const [, room] of rooms) {
      expect((await leftOf(room())).length).toBe(0);
    }
  });
});

describe('a file that is sent', () => {
  it('[FILE1] is read by slices', async () => {
    const blob = new Blob([bytesAt(0, SIZE)], { type: 'image/png' });
    const source = blobSource(blob, 'a.png');
    expect(source).toMatchObject({ name: 'a.png', mime: 'image/png', size: SIZE });
    expect(await source.slice(100, 5_000)).toEqual(bytesAt(100, 5_000));
    expect(await source.slice(SIZE - 1, SIZE)).toEqual(bytesAt(SIZE - 1, SIZE));
  });

  it('[FILE1] that has changed ends its transfer', async () => {
    const network = new TransferNetwork({ chunkBytes: CHUNK });
    const source = blobSource(new Blob([bytesAt(0, SIZE - 1)]), 'a');
    network.alice.transfers.send({ ...source, size: SIZE }, AS_FILE);
    await network.untilQuiet();
    expect(network.bob.views).toMatchObject([{ stage: { is: 'ended', why: 'failed' } }]);
  });
});

describe.each(rooms)('a file kept in %s', (_, make) => {
  it('[FILE2] is there in slices of any place and size', async () => {
    const file = await (await filled(make())).finish();
    expect(file.size).toBe(SIZE);
    for (const [from, to] of [
      [0, SIZE],
      [0, 1],
      [CHUNK - 1, CHUNK + 1],
      [100, 2 * CHUNK + 5],
      [SIZE - 1, SIZE],
      [5, 5],
    ] as const) {
      expect(equal(await file.slice(from, to), bytesAt(from, to))).toBe(true);
    }
    const pieces: Bytes[] = [];
    for await (const piece of piecesOf(file, 3_000)) pieces.push(piece);
    expect(pieces.map(({ length }) => length)).toEqual([3_000, 3_000, 3_000, 1_241]);
    expect(equal(concat(...pieces), bytesAt(0, SIZE))).toBe(true);
  });

  it('[FILE4] is gone when it was discarded, and may be discarded again', async () => {
    const file = await (await filled(make())).finish();
    await file.discard();
    await file.discard();
    const left = await file.slice(0, SIZE).catch(() => new Uint8Array());
    expect(left.length).toBe(0);
    const sink = await filled(make());
    await Promise.all([
      sink.write({ plain: bytesAt(0, 9), sealed: bytesAt(0, 9) }),
      sink.discard(),
    ]);
    await sink.discard();
  });
});

describe('the store', () => {
  it('[FILE2] takes what is too large for memory, and what memory has no room for', async () => {
    const root = new MemoryRoot('worker');
    const sinks = fileSinks(stores(root), { file: 3 * SIZE, all: 2 * SIZE });
    const first = await (await filled(sinks)).finish();
    await filled(sinks);
    expect(root.files.size).toBe(0);
    const third = await (await filled(sinks)).finish();
    expect([root.files.size, first.sealed, third.sealed]).toEqual([1, false, true]);
    await first.discard();
    await filled(sinks);
    expect(root.files.size).toBe(1);
    await filled(fileSinks(stores(root), { file: SIZE - 1, all: 100 * SIZE }));
    expect(root.files.size).toBe(2);
  });

  it('[FILE3] has only sealed chunks, which open no more when their key is gone', async () => {
    const root = new MemoryRoot('worker');
    const network = new TransferNetwork({ chunkBytes: CHUNK, sinks: stores(root) });
    const { alice, bob } = network;
    const sent = alice.transfers.send(aFile(SIZE), AS_FILE);
    const id = sent.ok ? sent.id : 0;
    await network.untilQuiet();
    expect(bob.stage()).toBe('delivered');
    expect(await isWhole(bob, id, SIZE)).toBe(true);
    const kept = toHex(concat(...[...root.files.values()].flat()));
    expect(kept.length / 2).toBe(2 * (CHUNK + 16) + CHUNK + 16);
    for (let at = 0; at + 16 < SIZE; at += 512) {
      expect(kept).not.toContain(toHex(bytesAt(at, at + 16)));
    }
    const start = alice.sent.records[0];
    if (start?.is !== 'fileStart') throw new Error('it begins with the start');
    expect(kept).not.toContain(toHex(start.header.fileKey));
    const file = bob.transfers.file(id);
    await bob.transfers.wipe();
    expect(root.files.size).toBe(0);
    await expect(file?.slice(0, 1)).rejects.toThrow();
  });

  it('[FILE3] notices bytes that were changed where they lie', async () => {
    const file = await (
      await filled(stores(new MemoryRoot('page')), SIZE, async () => null)
    ).finish();
    await expect(file.slice(0, 1)).rejects.toThrow();
  });

  it('[FILE4] is empty after it was emptied, whatever was in it', async () => {
    const root = new MemoryRoot('worker');
    const sinks = stores(root);
    await (await filled(sinks)).finish();
    await filled(sinks);
    await emptyTransferStore(async () => root);
    expect(root.files.size).toBe(0);
    await emptyTransferStore(async () => root);
    await emptyTransferStore(() => Promise.reject(new Error('no such store')));
  });

  it('[FILE5] that is missing or full refuses the file', async () => {
    const limits = { file: CHUNK, all: CHUNK };
    const missing = storedSinks(() => Promise.reject(new Error('not in this window')));
    const neither = stores(new MemoryRoot('neither'));
    for (const each of [missing, neither]) {
      const open = fileSinks(each, limits).open({ size: SIZE, chunkBytes: CHUNK, again });
      await expect(open).rejects.toThrow();
    }
    for (const kind of ['worker', 'page'] as const) {
      const root = new MemoryRoot(kind);
      root.room = CHUNK;
      await expect(filled(stores(root))).rejects.toThrow();
    }
  });
});
