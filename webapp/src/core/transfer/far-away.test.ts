/** Files over lines of some length and rate, with an edge that keeps 512 KiB and refuses the rest. */
import { describe, expect, it } from 'vitest';
import { EDGE_BYTES_MAX, type LineShape, type LongLine } from '../../test/long-line.ts';
import { testPrimitives } from '../../test/primitives.ts';
import { aFile, isWhole, TransferNetwork } from '../../test/transfer-network.ts';
import { chunksOf, KIB, sentBy, until } from '../../test/transfer-story.ts';

const MIB = 1024 * KIB;

type Trip = {
  readonly network: TransferNetwork;
  readonly line: LongLine;
  readonly id: number;
  readonly size: number;
};

/** Alice begins to send a file to Bob, who is so far away. */
async function begun(shape: LineShape, size: number): Promise<Trip> {
  const wayMs = 2 * shape.halfMs;
  const weather = { lost: 0, doubled: 0, changed: 0, delayMs: [wayMs, wayMs] } as const;
  const network = new TransferNetwork({ primitives: await testPrimitives(), weather, line: shape });
  const { line } = network;
  if (line === null) throw new Error('it was given');
  return { network, line, id: sentBy(network.alice, aFile(size)), size };
}

/** Until it is there, whole; the most that Alice kept meanwhile. */
async function arrived({ network, id, size }: Trip): Promise<number> {
  let keptMost = 0;
  while (!network.isOver() && (await network.untilNext())) {
    keptMost = Math.max(keptMost, network.alice.transfers.held.out);
  }
  expect([network.alice.stage(), await isWhole(network.bob, id, size)]).toEqual([
    'delivered',
    true,
  ]);
  return keptMost;
}

/** If the line were full from the first byte: there, back and there again, then the bytes. */
function idealMs({ halfMs, bytesPerSecond }: LineShape, size: number): number {
  return 6 * halfMs + (size * 1_000) / bytesPerSecond;
}

const OCEAN: LineShape = { halfMs: 50, bytesPerSecond: 20 * MIB };

async function midOcean(size: number): Promise<Trip> {
  const trip = await begun(OCEAN, size);
  await until(trip.network, () => trip.network.alice.transfers.held.out > 2 * MIB);
  expect(trip.line.refused).toBe(0);
  return trip;
}

describe('a file over a long line', () => {
  it('[XFER55] has at most 4 MiB on its way, and takes little more than twice as long as it must', async () => {
    const trip = await begun(OCEAN, 40 * MIB);
    const keptMost = await arrived(trip);
    expect(trip.network.clock.now() / idealMs(OCEAN, trip.size)).toBeLessThan(2.25);
    expect(keptMost).toBeGreaterThan(3 * MIB);
    expect(keptMost).toBeLessThanOrEqual(4 * MIB);
    expect(trip.line.refused).toBe(0);
  }, 60_000);

  it('[XFER55] keeps to 512 KiB where more would only wait', async () => {
    const slow = { bytesPerSecond: MIB, size: 4 * MIB };
    const near = { bytesPerSecond: 20 * MIB, size: 16 * MIB };
    for (const [halfMs, { bytesPerSecond, size }] of [
      [10, slow],
      [20, slow],
      [0.5, near],
      [1, near],
    ] as const) {
      const shape = { halfMs, bytesPerSecond };
      const trip = await begun(shape, size);
      expect(await arrived(trip)).toBeLessThanOrEqual(512 * KIB);
      expect(trip.network.clock.now() / idealMs(shape, size)).toBeLessThan(1.05);
      expect(trip.line.refused).toBe(0);
    }
  }, 60_000);

  it('[XFER55] fills the line and no more, however long and fast it is', async () => {
    for (const halfMs of [5, 20, 60, 150]) {
      for (const bytesPerSecond of [2 * MIB, 10 * MIB, 50 * MIB]) {
        const trip = await begun({ halfMs, bytesPerSecond }, 6 * MIB);
        const keptMost = await arrived(trip);
        const carries = (4 * halfMs * bytesPerSecond) / 1_000;
        expect(keptMost).toBeLessThanOrEqual(Math.max(512 * KIB, carries + 512 * KIB));
        expect([trip.line.refused, trip.line.waitedMost <= EDGE_BYTES_MAX]).toEqual([0, true]);
      }
    }
  }, 60_000);

  it('[XFER56] waits for a receiver that reads nothing, and does not beat upon its edge', async () => {
    const trip = await midOcean(20 * MIB);
    const { network, line } = trip;
    const { alice } = network;
    line.stall();
    await network.untilQuiet(1_000);
    const [refused, sent] = [line.refused, chunksOf(alice).length];
    // What was on its way has found room, or has not.
    expect(line.waitingBytes).toBeLessThanOrEqual(EDGE_BYTES_MAX);
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(64);
    await network.untilQuiet(20_000);
    // One at a time, at least 4 s apart in the end.
    expect(chunksOf(alice).length - sent).toBeLessThan(10);
    line.goOn();
    const wentOnAt = network.clock.now();
    await arrived(trip);
    const chunks = Math.ceil(trip.size / (64 * KIB));
    expect(network.clock.now() - wentOnAt).toBeLessThan(10_000);
    expect(chunksOf(alice).length - chunks).toBeLessThan(1.5 * line.refused);
  }, 60_000);

  it('[XFER56] has no more on its way than a line takes that became slow', async () => {
    const trip = await midOcean(22 * MIB);
    const { network, line } = trip;
    line.bytesPerSecond = MIB;
    await network.untilQuiet(5_000);
    const refused = line.refused;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(64);
    let keptMost = 0;
    while (network.alice.stage() !== 'delivered' && (await network.untilNext())) {
      keptMost = Math.max(keptMost, network.alice.transfers.held.out);
    }
    expect(keptMost).toBeLessThan(MIB);
    expect(line.refused - refused).toBeLessThan(5);
    expect(await isWhole(network.bob, trip.id, trip.size)).toBe(true);
  }, 60_000);
});
