/** Where it is measured: this Node, and a page in a headless Chromium. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { measuresOf, type Order } from './measures.ts';
import type { Measure } from './timing.ts';

const { CHROMIUM: executablePath = '/usr/bin/chromium' } = process.env;

/** How long one part may take: a large file by the library takes minutes. */
const PART_MS = 20 * 60_000;

export type Place = {
  readonly name: string;
  measure(order: Order): Promise<Measure[]>;
  /** The processes that may measure, for their resident memory. */
  pids(): Promise<readonly number[]>;
  close(): Promise<void>;
};

export function node(): Place {
  const memory = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  return {
    name: `Node ${process.versions.node}`,
    measure: (order) => measuresOf(order, memory),
    pids: async () => [process.pid],
    close: async () => {},
  };
}

export async function page(): Promise<Place> {
  const headers = {
    // Isolated pages have a clock of 5 µs, others one of 100 µs.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const server = await createServer({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'error',
    server: { port: 0, headers, hmr: false, fs: { allow: ['..'] } },
    optimizeDeps: { entries: ['page.ts'] },
  });
  await server.listen();
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--enable-precise-memory-info',
      '--js-flags=--expose-gc',
    ],
  });
  const opened = await browser.newPage();
  opened.setDefaultTimeout(PART_MS);
  await opened.goto(`${server.resolvedUrls?.local[0] ?? ''}page.html`);
  await opened.waitForFunction('globalThis.measure');
  const session = await browser.newBrowserCDPSession();
  return {
    name: `Chromium ${browser.version()}`,
    measure: (order) => opened.evaluate(`measure(${JSON.stringify(order)})`),
    pids: async () => {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** Bytes of processes in memory; zero where the system does not tell. */
export function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
}

function residentBytesOf(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return 1_024 * Number(kib ?? 0);
  } catch {
    return 0;
  }
}
