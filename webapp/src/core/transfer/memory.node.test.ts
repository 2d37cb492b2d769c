/**
 * What a large file costs in memory, measured: 32 MiB here, and a whole GiB with `DHCHAT_GIB=1`.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { testPrimitives } from '../../test/primitives.ts';
import { AS_FILE, TransferNetwork } from '../../test/transfer-network.ts';
import type { FileSinks } from '../ports.ts';
import { LIMITS } from './header.ts';

const MIB = 1024 * 1024;
const GIB = process.env['DHCHAT_GIB'] === '1';
const SIZE = (GIB ? 1_024 : 32) * MIB;
const GROWTH_MAX = 64 * MIB;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memoryBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Counts what is written and forgets it. */
function forgetful(): FileSinks & { bytes: number } {
  const sinks = {
    bytes: 0,
    async open() {
      return {
        write: async ({ plain }: { plain: Uint8Array }) => {
          sinks.bytes += plain.length;
        },
        finish: async () => ({
          size: sinks.bytes,
          sealed: false,
          slice: async () => new Uint8Array(),
          discard: async () => {},
        }),
        discard: async () => {},
      };
    },
  };
  return sinks;
}

describe('the memory of a transfer', () => {
  it('[XFER22] stays the same however large the file is', async () => {
    const sinks = forgetful();
    const network = new TransferNetwork({
      primitives: await testPrimitives(),
      limits: { ...LIMITS, fileBytesMax: 2 ** 40 },
      sinks,
      forgets: true,
    });
    const { alice, bob } = network;
    const slice = async (from: number, to: number) => new Uint8Array(to - from).fill(from >>> 16);
    alice.transfers.send({ name: 'large', mime: '', size: SIZE, slice }, AS_FILE);
    const before = memoryBytes();
    const began = performance.now();
    let [most, held, looked] = [0, 0, 0];
    while (!network.isOver() && (await network.untilNext())) {
      held = Math.max(held, alice.transfers.held.out, bob.transfers.held.in);
      if (sinks.bytes - looked < 8 * MIB) continue;
      looked = sinks.bytes;
      most = Math.max(most, memoryBytes() - before);
    }
    expect([alice.stage(), bob.stage(), sinks.bytes]).toEqual(['delivered', 'delivered', SIZE]);
    const seconds = (performance.now() - began) / 1_000;
    const figures = `${SIZE / MIB} MiB in ${seconds.toFixed(1)} s; held ${held} B, grew ${most} B`;
    if (GIB) process.stdout.write(`${figures}\n`);
    expect(looked).toBeGreaterThan(0);
    // Sealed, and once more as opened.
    expect(held).toBeLessThanOrEqual(8.1 * MIB);
    expect(most).toBeLessThan(GROWTH_MAX);
  }, 3_600_000);
});
