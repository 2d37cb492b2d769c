/**
 * The first thing that anybody sees, from a running server into a browser that has never been
 * there: what it loads for it, and how long until the largest part of it is painted. Figures are
 * printed, and held only under `DHCHAT_HOLD_TO_FIGURES=1`, on a quiet machine.
 */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertNoComplaints, launch, openPage } from './browser.ts';
import { baseUrls } from './person.ts';
import { dictionaries } from './words.ts';

const RUNS = 7;
const PAINTED_MS_MAX = 1_000;
const SCRIPT = /\.m?js$/;
const { DHCHAT_HOLD_TO_FIGURES } = process.env;

/** Parts that nobody needs to sign in, by the files that they are made of. */
const LATER = [
  'SignedIn',
  'Viewer',
  'RecorderHere',
  'PlayedHere',
  'qr',
  'decode',
  'pdf',
  'strength',
];

/** What one visit took: milliseconds until the paint, and the scripts, each with its bytes. */
type Visit = { readonly paintedMs: number; readonly scripts: ReadonlyMap<string, number> };

describe('the screen to sign in', () => {
  let browser: Browser;
  const visits: Visit[] = [];

  before(async () => {
    browser = await launch();
    for (let run = 0; run < RUNS; run += 1) visits.push(await visited(browser));
  });
  after(() => browser.close());

  it('loads the page, its worker, and nothing that comes after it', async () => {
    const files = await filesOfBuild();
    const late = LATER.flatMap((part) => files.filter((file) => isOf(file, part)));
    // A part that is called otherwise would be missed by all that follows.
    assert.deepEqual(new Set(late.map(partOf)), new Set(LATER));
    const named = await scriptsOfPage();
    for (const { scripts } of visits) {
      const others = [...scripts.keys()].filter((path) => !named.includes(path));
      assert.deepEqual(others.map(partOf), ['worker']);
    }
  });

  it('is painted within a second', () => {
    const times = visits.map(({ paintedMs }) => paintedMs).sort((one, other) => one - other);
    const median = times[Math.floor(RUNS / 2)] ?? Number.NaN;
    const scripts = Object.fromEntries(visits[0]?.scripts ?? []);
    const bytes = Object.values(scripts).reduce((sum, size) => sum + size, 0);
    const details = { runs: times.map(Math.round), script_bytes: bytes, scripts };
    const figures = { measure: 'first-paint', unit: 'ms', value: Math.round(median), details };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    if (DHCHAT_HOLD_TO_FIGURES !== undefined) assert.ok(median <= PAINTED_MS_MAX);
  });
});

/** A browser that has never been there comes, and leaves when the page has been painted. */
async function visited(browser: Browser): Promise<Visit> {
  const watched = await openPage(browser, { locale: 'en', viewport: { width: 1280, height: 800 } });
  const { page } = watched;
  const asked: URL[] = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  await page.addInitScript(watchPaints);
  await page.goto(baseUrls[0] ?? '');
  await page.getByRole('heading', { name: dictionaries.en.account.signInTitle }).waitFor();
  const paintedMs = await lastPaintOn(page);
  await page.context().close();
  assertNoComplaints(watched);
  const scripts = asked.filter(({ pathname }) => SCRIPT.test(pathname));
  const weighed = scripts.map(async (url) => [url.pathname, await bytesOf(url)] as const);
  return { paintedMs, scripts: new Map(await Promise.all(weighed)) };
}

/** As they cross the wire, which the browser does not tell of a worker's script. */
function bytesOf(url: URL): Promise<number> {
  const headers = { 'Accept-Encoding': 'gzip, deflate, br, zstd' };
  return new Promise((resolve, reject) => {
    const asking = get(url, { headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      answer.on('end', () => resolve(bytes));
    });
    asking.on('error', reject);
  });
}

declare global {
  interface Window {
    largest: { readonly at: number; readonly text: string }[];
  }
}

/** Runs in the page, before its own scripts. */
function watchPaints(): void {
  window.largest = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { element } = entry as PerformanceEntry & { readonly element: Element | null };
      window.largest.push({ at: entry.startTime, text: element?.textContent ?? '' });
    }
  }).observe({ type: 'largest-contentful-paint', buffered: true });
}

/** When the largest part of the screen was painted; what was there before it is smaller. */
async function lastPaintOn(page: Page): Promise<number> {
  const { promise } = dictionaries.en.app;
  await page.waitForFunction((text) => window.largest.at(-1)?.text === text, promise);
  return page.evaluate(() => window.largest.at(-1)?.at ?? Number.NaN);
}

/** What the page names in its tags: its script, and what that imports from the start. */
async function scriptsOfPage(): Promise<readonly string[]> {
  const html = await (await fetch(baseUrls[0] ?? '')).text();
  return [...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, path = '']) => path);
}

/** The names that a build consists of, as it lists them. */
async function filesOfBuild(): Promise<readonly string[]> {
  const list = await (await fetch(new URL('/hashes.txt', baseUrls[0]))).text();
  return list
    .trimEnd()
    .split('\n')
    .map((line) => `/${line.split('  ')[1] ?? ''}`)
    .filter((path) => SCRIPT.test(path));
}

/** What a script of the build is called, less its hash. */
function partOf(path: string): string {
  return /\/assets\/([A-Za-z]+)/.exec(path)?.[1] ?? path;
}

function isOf(path: string, part: string): boolean {
  return partOf(path) === part;
}
