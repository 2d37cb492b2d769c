/** Transfers over bad networks, each decided by its seed; `DHCHAT_SIMULATIONS` says how many. */
import { describe, expect, it } from 'vitest';
import type { LineShape } from '../../test/long-line.ts';
import { testPrimitives } from '../../test/primitives.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import {
  AS_FILE,
  aFile,
  isWhole,
  type Party,
  type Setting,
  TransferNetwork,
  type Weather,
} from '../../test/transfer-network.ts';
import type { Random } from '../ports.ts';

const KIB = 1024;
const SIMULATIONS = Number(process.env['DHCHAT_SIMULATIONS'] ?? 20);

/** Chosen once for a run: what it is about, and how bad it gets. */
type Plan = {
  readonly weather: Weather;
  readonly line: LineShape | null;
  readonly chunkBytes: number;
  readonly sizes: readonly [alice: number, bob: number];
  readonly cuts: number;
  readonly pauses: number;
  readonly cancels: boolean;
};

function planOf(random: Random): Plan {
  const often = (most: number) => (random.fraction() < 0.3 ? 0 : random.fraction() * most);
  const large = random.fraction() < 0.2;
  const size = () => Math.ceil(random.fraction() * (large ? 2_400 : 120) * KIB);
  const fromMs = random.fraction() * 100;
  const line = random.fraction() < 0.3 ? lineOf(random) : null;
  return {
    line,
    weather: {
      lost: often(0.3),
      doubled: often(0.3),
      changed: often(0.1),
      delayMs: [fromMs, fromMs + often(300)],
    },
    chunkBytes: large ? 64 * KIB : 4 * KIB,
    sizes: [size(), size()],
    cuts: Math.floor(often(6)),
    pauses: Math.floor(often(4)),
    cancels: random.fraction() < 0.2,
  };
}

/** From a few hundred KiB a second to more than anybody fills. */
function lineOf(random: Random): LineShape {
  return {
    halfMs: random.fraction() * 80,
    bytesPerSecond: 256 * KIB * 2 ** (random.fraction() * 8),
  };
}

/** What people and cables do, at moments that the seed decides. */
async function trouble(network: TransferNetwork, plan: Plan, random: Random): Promise<void> {
  const parties = [network.alice, network.bob];
  const someone = () => parties[Math.floor(random.fraction() * 2)] ?? network.alice;
  const anything = ({ views }: Party) => views[Math.floor(random.fraction() * views.length)]?.id;
  const acts: (() => void)[] = [
    ...Array.from({ length: plan.cuts }, () => () => {
      network.cut();
      network.clock.after(random.fraction() * 5_000, () => network.mend());
    }),
    ...Array.from({ length: plan.pauses }, () => () => {
      const [who, id] = [someone(), anything(network.alice) ?? 2];
      who.transfers.pause(id);
      network.clock.after(random.fraction() * 3_000, () => who.transfers.resume(id));
    }),
    ...(plan.cancels ? [() => someone().transfers.cancel(anything(network.bob) ?? 2)] : []),
  ];
  for (const act of acts) network.clock.after(random.fraction() * 4_000, act);
  while (!network.isOver() || network.clock.now() < 4_000) {
    for (const { transfers } of parties) {
      expect(transfers.held.out).toBeLessThanOrEqual(4_096 * KIB);
      expect(transfers.held.in).toBeLessThanOrEqual(8_192 * KIB + 16 * KIB);
    }
    if (!(await network.untilNext())) break;
  }
}

async function run(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const plan = planOf(random);
  const { weather, line, chunkBytes } = plan;
  const network = new TransferNetwork({ seed, weather, line, chunkBytes });
  const { alice, bob } = network;
  const ids = [alice, bob].map(({ transfers }, n) => {
    const sent = transfers.send(aFile(plan.sizes[n] ?? 1), AS_FILE);
    return sent.ok ? sent.id : 0;
  });
  await trouble(network, plan, random);
  const delivered: boolean[] = [];
  for (const [n, id] of ids.entries()) {
    const [sender, receiver] = n === 0 ? [alice, bob] : [bob, alice];
    const kept = receiver.stage(id) === 'delivered';
    // A cancel may cross the last word: then it has come and its sender does not know.
    if (sender.stage(id) === 'delivered') expect([seed, kept]).toEqual([seed, true]);
    expect([seed, await isWhole(receiver, id, plan.sizes[n] ?? 1)]).toEqual([seed, kept]);
    delivered.push(sender.stage(id) === 'delivered');
  }
  expect([seed, network.isOver()]).toEqual([seed, true]);
  if (!plan.cancels) expect([seed, delivered]).toEqual([seed, [true, true]]);
}

describe('a transfer over a bad network', () => {
  it('[XFER29] comes to the same end on both sides, and is whole if it came', async () => {
    for (let seed = 1; seed <= SIMULATIONS; seed += 1) await run(seed);
  }, 3_600_000);

  it('[XFER13] goes on after each of many cuts, and sends at most a fifth twice', async () => {
    const line = { halfMs: 12, bytesPerSecond: 2_048 * KIB };
    expect(await cutOften({ weather: DELAYED, line })).toBeLessThan(1.2);
  }, 60_000);

  it('[XFER13, XFER57] sends no more twice than was on its way, whatever the line carries', async () => {
    expect(await cutOften({ weather: DELAYED })).toBeGreaterThan(1.01);
  }, 60_000);
});

const DELAYED: Weather = { lost: 0, doubled: 0, changed: 0, delayMs: [20, 30] };

/** Cuts as dense as 20 in 50 MiB; how much was sent, of the size of the file. */
async function cutOften(setting: Setting): Promise<number> {
  const primitives = await testPrimitives();
  const network = new TransferNetwork({ seed: 7, primitives, ...setting });
  const { alice, bob } = network;
  // As many as that in the long runs.
  const cutsMax = SIMULATIONS > 100 ? 20 : 5;
  const size = cutsMax * 2_560 * KIB;
  const sent = alice.transfers.send(aFile(size), AS_FILE);
  const random = seededRandom(8);
  let onItsWay = 0;
  for (let cuts = 0; cuts < cutsMax; ) {
    const before = alice.views[0]?.bytes ?? 0;
    if (before >= ((cuts + random.fraction()) * size) / (cutsMax + 1)) {
      onItsWay += alice.transfers.held.out;
      network.cut();
      network.clock.after(random.fraction() * 2_000, () => network.mend());
      cuts += 1;
    }
    if (!(await network.untilNext())) break;
  }
  await network.untilQuiet();
  expect([alice.stage(), bob.stage()]).toEqual(['delivered', 'delivered']);
  expect(await isWhole(bob, sent.ok ? sent.id : 0, size)).toBe(true);
  const bytes = alice.sent.frames.reduce((sum, { body }) => sum + body.length, 0);
  expect(bytes - size).toBeLessThanOrEqual(onItsWay);
  return bytes / size;
}
