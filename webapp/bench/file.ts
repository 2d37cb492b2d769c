/** One large file through sealing and opening, and what memory it takes on its way. */
import type { Primitives } from '../src/core/crypto/suite/primitives.ts';
import { ChunkOpener, ChunkSealer } from '../src/core/transfer/stream.ts';
import { browserRandom } from '../src/platform/random.ts';
import type { Sizes } from './sizes.ts';
import { type Measure, MIB, middle, timed } from './timing.ts';

const CHUNK_BYTES = 64 * 1024;
const LOOK_EVERY_CHUNKS = 32;
const COLLECTIONS = 4;
const COLLECTED_WITHIN_MS = 100;

/** Bytes that the program holds, as well as this platform can tell. */
export type Memory = () => number;

export async function fileMeasures(
  of: Primitives,
  { fileMib }: Sizes,
  memory: Memory,
): Promise<Measure[]> {
  const { sealer, opener } = await bothEnds(of, fileMib * MIB);
  const plain = new Uint8Array(CHUNK_BYTES).fill(7);
  const chunks = (fileMib * MIB) / CHUNK_BYTES;
  const start = await collected(memory);
  const [sealing, opening]: [number[], number[]] = [[], []];
  let most = start;
  const [, whole] = await timed(async () => {
    for (let at = 0; at < chunks; at += 1) {
      const [chunk, sealed] = await timed(() => sealer.seal(plain));
      const [opened, took] = await timed(() => opener.openNext(chunk.chunk, chunk.sealed));
      if (opened === null) throw new Error('a chunk did not open');
      sealing.push(sealed);
      opening.push(took);
      if (at % LOOK_EVERY_CHUNKS === 0) most = Math.max(most, memory());
    }
  });
  if (sealer.hash().join() !== (await opener.hash()).join())
    throw new Error('the file arrived changed');
  const held = await collected(memory);
  return [
    {
      name: 'file chunks sealed, one by one',
      unit: 'MiB/s',
      value: perSecond(fileMib, sum(sealing)),
    },
    {
      name: 'file chunks opened, one by one',
      unit: 'MiB/s',
      value: perSecond(fileMib, sum(opening)),
    },
    { name: 'file chunk sealed, median', unit: 'ms', value: middle(sealing) },
    { name: 'file chunk opened, median', unit: 'ms', value: middle(opening) },
    { name: 'file through both ends', unit: 'MiB/s', value: perSecond(fileMib, whole) },
    { name: 'size of that file', unit: 'MiB', value: fileMib },
    { name: 'heap growth, held', unit: 'MiB', value: (held - start) / MIB },
    { name: 'heap growth, with garbage', unit: 'MiB', value: (most - start) / MIB },
  ];
}

/** Less what nobody holds any more, where the platform was started so that it can be asked. */
async function collected(memory: Memory): Promise<number> {
  const { gc } = globalThis as { readonly gc?: () => void };
  let least = memory();
  for (let round = 0; round < COLLECTIONS; round += 1) {
    gc?.();
    // Buffers are freed on another thread, some time after they were found unused.
    await new Promise((resolve) => setTimeout(resolve, COLLECTED_WITHIN_MS));
    least = Math.min(least, memory());
  }
  return least;
}

function sum(times: readonly number[]): number {
  return times.reduce((total, time) => total + time, 0);
}

function perSecond(mib: number, ms: number): number {
  return (mib * 1_000) / ms;
}

async function bothEnds(of: Primitives, size: number) {
  const place = { channelId: browserRandom.bytes(32), sender: 'A' } as const;
  const header = {
    lane: 2,
    fileKey: browserRandom.bytes(32),
    prefix: browserRandom.bytes(7),
    name: 'large.bin',
    mime: 'application/octet-stream',
    size,
    chunkBytes: CHUNK_BYTES,
    accessMode: 'both',
    kind: 'file',
    durationMs: null,
  } as const;
  return {
    sealer: await ChunkSealer.make(of, place, header),
    opener: await ChunkOpener.make(of, place, header),
  };
}
