/**
 * `npm run bench:file`: one file from browser to browser through a running server, whose addresses
 * `BASE_URLS` names; `make long-file` starts one. Prints how fast it went, what both sides grew by,
 * and how long their pages were busy without a pause.
 *
 * How much all of the browser computed is told as well, for the speed says little on a machine that
 * has more to do. What the browser would tell its debugger of every frame is not part of it.
 *
 * `DHCHAT_BENCH_FILE_MIB` is its size (50, which is what a server takes if it is not told
 * otherwise), `DHCHAT_BENCH_RUNS` how often it is sent (3); `DHCHAT_BENCH_ROUND_TRIP_MS` is how far
 * each of the two is from the server (0), there and back; `DHCHAT_PROFILE_DIR` keeps profiles of
 * both pages and workers in the form of Chromium's own tools. `DHCHAT_HOLD_TO_FIGURES=1` fails where
 * less is reached than is wished for, which only a quiet machine can say.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { assertNoComplaints, launchWith } from '../e2e/browser.ts';
import { behind, CuttableProxy } from '../e2e/cuttable-proxy.ts';
import { Hand, withoutPicker } from '../e2e/hand.ts';
import { Person, talk } from '../e2e/person.ts';
import { filled } from '../e2e/words.ts';
import { hottest, Inspected, unwatchNetwork } from './inspected.ts';
import { residentBytes } from './places.ts';
import { computedByThread, grownBy } from './threads.ts';
import { MIB, middle } from './timing.ts';

const {
  DHCHAT_BENCH_FILE_MIB: mib = '50',
  DHCHAT_BENCH_RUNS: runs = '3',
  DHCHAT_BENCH_ROUND_TRIP_MS: roundTripMs = '0',
  DHCHAT_PROFILE_DIR: profileFolder,
  DHCHAT_HOLD_TO_FIGURES,
} = process.env;

const MIB_PER_SECOND_MIN = 60;
const GROWTH_MIB_MAX = 64;
const TASK_MS_MAX = 50;
const LOOK_MS = 100;
const HOTTEST = 12;

/** What one way through was like; sizes in MiB, times in milliseconds. */
type Sent = {
  readonly tookMs: number;
  readonly longestTaskMs: number;
  readonly growth: { readonly page: number; readonly worker: number; readonly buffers: number };
  readonly resident: number;
  /** Of all processes of the browser: what a machine with more to do shows as well as an idle one. */
  readonly cpuMs: number;
  readonly threads: ReturnType<typeof grownBy>;
};

const PARTS = ['page', 'worker', 'buffers', 'resident'] as const;
type Part = (typeof PARTS)[number];

type Side = { readonly hand: Hand; readonly inspected: Inspected };

async function meet(near: Browser): Promise<readonly [Side, Side]> {
  const contexts = withoutPicker(far === null ? near : behind(near, far));
  const alice = await Person.arrive(contexts, { called: 'alice', place: 0, language: 'en' });
  const bob = await Person.arrive(contexts, { called: 'bob', place: 1, language: 'en' });
  await alice.register();
  await bob.register();
  await talk(alice, bob);
  for (const { page } of [alice, bob]) await unwatchNetwork(page);
  return [
    { hand: new Hand(alice, bob), inspected: await Inspected.of(alice.page) },
    { hand: new Hand(bob, alice), inspected: await Inspected.of(bob.page) },
  ];
}

/** One file, from the press that accepts it until its receiver says that it is whole. */
async function through(sides: readonly [Side, Side], name: string, isLast: boolean): Promise<Sent> {
  const [alice, bob] = sides;
  await alice.hand.choose([join(folder, name)]);
  await alice.hand.offers(1);
  await bob.hand.sees(name, 'offered');
  for (const { inspected } of sides) await inspected.collect();
  const before = await sizes(sides);
  for (const { inspected } of sides) await inspected.page.evaluate(watchTasks);
  const profiled = isLast && profileFolder !== undefined;
  if (profiled) for (const { inspected } of sides) await inspected.beginProfiles();
  const most = { ...before };
  let isThere = false;
  const looking = (async () => {
    while (!isThere) {
      const now = await sizes(sides);
      for (const part of PARTS) most[part] = Math.max(most[part], now[part]);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  const accept = filled(bob.hand.person.words.files.acceptOf, { file: name });
  const processes = await processesOf(bob.inspected.browser);
  const computed = await computedMs(bob.inspected.browser);
  const byThread = computedByThread(processes);
  const tookMs = await bob.inspected.page.evaluate(acceptTimed, accept);
  const threads = grownBy(byThread, computedByThread(processes));
  const cpuMs = (await computedMs(bob.inspected.browser)) - computed;
  isThere = true;
  await looking;
  if (profiled) await keepProfiles(sides);
  const tasks = await Promise.all(
    sides.map(({ inspected }) => inspected.page.evaluate(() => Math.max(0, ...window.tasks))),
  );
  const grown = (part: Part) => (most[part] - before[part]) / MIB;
  return {
    tookMs,
    longestTaskMs: Math.max(...tasks),
    growth: { page: grown('page'), worker: grown('worker'), buffers: grown('buffers') },
    resident: grown('resident'),
    cpuMs,
    threads,
  };
}

/** Bytes: of the larger of both sides, and resident of all that draw and compute. */
async function sizes(sides: readonly [Side, Side]): Promise<Record<Part, number>> {
  const heaps = await Promise.all(sides.map(({ inspected }) => inspected.heaps()));
  const all = await processesOf(sides[0].inspected.browser);
  const renderers = all.filter(({ type }) => type === 'renderer');
  const most = (sizeOf: (heap: (typeof heaps)[number]) => number) => Math.max(...heaps.map(sizeOf));
  return {
    page: most(({ page }) => page.usedSize),
    worker: most(({ worker }) => worker.usedSize),
    buffers: most(({ page, worker }) => page.backingStorageSize + worker.backingStorageSize),
    resident: residentBytes(renderers.map(({ id }) => id)),
  };
}

async function processesOf(browser: Browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo;
}

/** What all processes of the browser have computed so far, in milliseconds. */
async function computedMs(browser: Browser): Promise<number> {
  const all = await processesOf(browser);
  return all.reduce((sum, { cpuTime }) => sum + 1_000 * cpuTime, 0);
}

declare global {
  interface Window {
    /** Milliseconds of each time that the page was busy for more than 50. */
    tasks: number[];
  }
}

/** Runs in the page. */
function watchTasks(): void {
  window.tasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.tasks.push(duration);
  }).observe({ entryTypes: ['longtask'] });
}

/** Presses, and gives the milliseconds until the file is there. Runs in the page. */
function acceptTimed(label: string): Promise<number> {
  const press = document.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`);
  const item = press?.closest('[data-transfer-id]');
  if (!press || !item) return Promise.reject(new Error(`there is no press "${label}"`));
  const id = item.getAttribute('data-transfer-id');
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const look = () => {
      const stage = document
        .querySelector(`[data-transfer-id="${id}"]`)
        ?.getAttribute('data-stage');
      if (stage === 'ended') reject(new Error('the file did not arrive'));
      if (stage !== 'delivered') return;
      watching.disconnect();
      resolve(performance.now() - begun);
    };
    const watching = new MutationObserver(look);
    watching.observe(document.body, { subtree: true, childList: true, attributes: true });
    press.click();
  });
}

async function keepProfiles(sides: readonly Side[]): Promise<void> {
  if (profileFolder === undefined) return;
  await mkdir(profileFolder, { recursive: true });
  for (const { hand, inspected } of sides) {
    const profiles = await inspected.endProfiles();
    for (const [part, profile] of Object.entries(profiles)) {
      const name = `${hand.name.split('-')[0]}-${part}`;
      await writeFile(join(profileFolder, `${name}.cpuprofile`), JSON.stringify(profile));
      process.stderr.write(`${name}\n  ${hottest(profile, HOTTEST).join('\n  ')}\n`);
    }
  }
}

/** Milliseconds for each MiB, by kind of thread; what is less than a hundredth is left out. */
function threadsPerMib(all: readonly Sent[]): Record<string, number> {
  const kinds = [...new Set(all.flatMap(({ threads }) => threads.map(([kind]) => kind)))];
  const each = kinds.map((kind) => {
    const times = all.map(({ threads }) => threads.find(([name]) => name === kind)?.[1] ?? 0);
    return [kind, Number((middle(times) / Number(mib)).toFixed(2))] as const;
  });
  return Object.fromEntries(each.filter(([, ms]) => ms >= 0.01));
}

function report(all: readonly Sent[]): void {
  const speeds = all.map(({ tookMs }) => (Number(mib) * 1_000) / tookMs);
  const longestTaskMs = Math.max(...all.map((sent) => sent.longestTaskMs));
  const growth = Math.max(...all.map((sent) => sent.growth.page + sent.growth.worker));
  const speed = middle(speeds);
  const details = {
    file_mib: Number(mib),
    round_trip_ms: Number(roundTripMs),
    runs: speeds.map((each) => Number(each.toFixed(1))),
    cpu_ms_per_mib: Number((middle(all.map(({ cpuMs }) => cpuMs)) / Number(mib)).toFixed(1)),
    heap_growth_mib: Number(growth.toFixed(1)),
    buffers_growth_mib: Number(Math.max(...all.map((sent) => sent.growth.buffers)).toFixed(1)),
    longest_task_ms: Math.round(longestTaskMs),
    thread_ms_per_mib: threadsPerMib(all),
  };
  const value = Number(speed.toFixed(1));
  const figures = { measure: 'file-between-browsers', unit: 'MiB/s', value, details };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  if (DHCHAT_HOLD_TO_FIGURES === undefined) return;
  const isReached =
    speed >= MIB_PER_SECOND_MIN && growth < GROWTH_MIB_MAX && longestTaskMs <= TASK_MS_MAX;
  if (!isReached) process.exitCode = 1;
}

const far = roundTripMs === '0' ? null : await CuttableProxy.start(Number(roundTripMs) / 2);
const browser = await launchWith('--enable-precise-memory-info');
const folder = await mkdtemp(join(tmpdir(), 'dhchat-bench-'));
try {
  const sides = await meet(browser);
  const all: Sent[] = [];
  for (let run = 0; run < Number(runs); run += 1) {
    const name = `file-${run}.bin`;
    await writeFile(join(folder, name), randomBytes(Number(mib) * MIB));
    const sent = await through(sides, name, run === Number(runs) - 1);
    const { threads, ...rest } = sent;
    process.stderr.write(`${JSON.stringify(rest)}\n`);
    all.push(sent);
  }
  for (const { hand } of sides) assertNoComplaints(hand.person.watched);
  report(all);
} finally {
  await browser.close();
  await far?.stop();
  await rm(folder, { recursive: true });
}
