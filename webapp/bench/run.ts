/**
 * `npm run bench`: what the channel costs, in Node and in a headless Chromium, by Web Crypto and
 * by the libraries alone. Prints a table and writes `target/bench/channel.json`.
 *
 * `DHCHAT_BENCH_FILE_MIB` is the size of the large file for both providers (1,024 MiB, and 128 MiB
 * for the libraries, if not given); `DHCHAT_BENCH_PLACES=node,chromium` names where to measure.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '../src/core/crypto/suite/suite.ts';
import { type Order, PARTS } from './measures.ts';
import { node, type Place, page, residentBytes } from './places.ts';
import { reached, table } from './table.ts';
import { type Measure, MIB } from './timing.ts';

const OUT = join(import.meta.dirname, '../../target/bench');
const PROVIDERS: readonly Provider[] = ['webCrypto', 'library'];
const LOOK_MS = 50;

const { DHCHAT_BENCH_FILE_MIB: mib, DHCHAT_BENCH_PLACES: named = 'node,chromium' } = process.env;
const fileMib = mib === undefined ? null : Number(mib);

export type Column = {
  readonly place: string;
  readonly provider: Provider;
  readonly measures: readonly Measure[];
};

/** A part, and for the file how much the whole process grew meanwhile. */
async function measured(place: Place, order: Order): Promise<Measure[]> {
  if (order.part !== 'file') return place.measure(order);
  const pids = await place.pids();
  const start = residentBytes(pids);
  let most = start;
  const looking = setInterval(() => {
    most = Math.max(most, residentBytes(pids));
  }, LOOK_MS);
  try {
    const measures = await place.measure(order);
    const value = (most - start) / MIB;
    return [...measures, { name: 'resident growth, most', unit: 'MiB', value }];
  } finally {
    clearInterval(looking);
  }
}

async function columnsOf(place: Place): Promise<Column[]> {
  const columns: Column[] = [];
  try {
    for (const provider of PROVIDERS) {
      const measures: Measure[] = [];
      for (const part of PARTS) {
        process.stderr.write(`${place.name}, ${provider}: ${part}\n`);
        measures.push(...(await measured(place, { provider, part, fileMib })));
      }
      columns.push({ place: place.name, provider, measures });
    }
  } finally {
    await place.close();
  }
  return columns;
}

const columns: Column[] = [];
if (named.includes('node')) columns.push(...(await columnsOf(node())));
if (named.includes('chromium')) columns.push(...(await columnsOf(await page())));

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
const [load = 0] = loadavg();
mkdirSync(OUT, { recursive: true });
const written = { at: new Date().toISOString(), machine, load, columns };
writeFileSync(join(OUT, 'channel.json'), `${JSON.stringify(written, null, 2)}\n`);
const head = `${machine}, load ${load.toFixed(1)} at the end`;
process.stdout.write(`${head}\n\n${table(columns)}\n${reached(columns)}\n`);
