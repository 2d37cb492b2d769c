/** Transfers over bad networks, each decided by its seed; `DHCHAT_SIMULATIONS` says how many. */
import { describe, expect, it } from 'vitest';
import { testPrimitives } from '../../test/primitives.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import {
  AS_FILE,
  aFile,
  isWhole,
  type Party,
  TransferNetwork,
  type Weather,
} from '../../test/transfer-network.ts';
import type { Random } from '../ports.ts';

const KIB = 1024;
const SIMULATIONS = Number(process.env['DHCHAT_SIMULATIONS'] ?? 20);

/** Chosen once for a run: what it is about, and how bad it gets. */
type Plan = {
  readonly weather: Weather;
  readonly chunkBytes: number;
  readonly sizes: readonly [alice: number, bob: number];
  readonly cuts: number;
  readonly pauses: number;
  readonly cancels: boolean;
};

function planOf(random: Random): Plan {
  const often = (most: number) => (random.fraction() < 0.3 ? 0 : random.fraction() * most);
  const large = random.fraction() < 0.2;
  const size = () => Math.ceil(random.fraction() * (large ? 1_200 : 120) * KIB);
  const fromMs = random.fraction() * 100;
  return {
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
      expect(transfers.held.out).toBeLessThanOrEqual(512 * KIB);
      expect(transfers.held.in).toBeLessThanOrEqual(1_024 * KIB + 16 * KIB);
    }
    if (!(await network.untilNext())) break;
  }
}

async function run(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const plan = planOf(random);
  const { weather, chunkBytes } = plan;
  const network = new TransferNetwork({ seed, weather, chunkBytes });
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
    const weather = { lost: 0, doubled: 0, changed: 0, delayMs: [20, 30] } as const;
    const primitives = await testPrimitives();
    const network = new TransferNetwork({ seed: 7, weather, primitives });
    const { alice, bob } = network;
    // As dense as 20 in 50 MiB, which the long runs have.
    const cutsMax = SIMULATIONS > 100 ? 20 : 5;
    const size = cutsMax * 2_560 * KIB;
    const sent = alice.transfers.send(aFile(size), AS_FILE);
    const random = seededRandom(8);
    for (let cuts = 0; cuts < cutsMax; ) {
      const before = alice.views[0]?.bytes ?? 0;
      if (before >= ((cuts + random.fraction()) * size) / (cutsMax + 1)) {
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
    expect(bytes / size).toBeLessThan(1.2);
    expect(bytes / size).toBeGreaterThan(1.01);
  }, 60_000);
});
