/**
 * A real Chromium, and pages that fail their test when the browser complains: an error in the
 * console, an exception, or a breach of the page's policy.
 */
import assert from 'node:assert/strict';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** How long anything that should happen may take. */
export const DEADLINE_MS = 20_000;

/** `TRUSTED_KEY` is that of a server whose authority no browser knows (SHA-256 of its SPKI, base64). */
const { CHROMIUM: executablePath = '/usr/bin/chromium', TRUSTED_KEY } = process.env;

const OPTIONS = {
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // A camera that shows a clock and a microphone that beeps, for whom a story lets use them.
    '--use-fake-device-for-media-stream',
    ...(TRUSTED_KEY === undefined ? [] : [`--ignore-certificate-errors-spki-list=${TRUSTED_KEY}`]),
  ],
};

/** What gives somebody a browser of their own: nothing is shared with others. */
export type Contexts = Pick<Browser, 'newContext'>;

export function launch(): Promise<Browser> {
  return chromium.launch(OPTIONS);
}

/** A browser with more switches than usual. */
export function launchWith(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({ ...OPTIONS, args: [...OPTIONS.args, ...args] });
}

/** A browser that puts pages aside when they are left, as people's browsers do. */
export function launchPuttingAside(): Promise<Browser> {
  return chromium.launch({ ...OPTIONS, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

/** A browser that keeps what it stores in a folder, as a person's does. */
export function launchKeepingIn(folder: string): Contexts {
  return {
    newContext: (options) => chromium.launchPersistentContext(folder, { ...options, ...OPTIONS }),
  };
}

/** A page, and what its browser complained about. */
export type Watched = { readonly page: Page; readonly complaints: readonly string[] };

/** Opens a page of its own person: nothing is shared with other pages. */
export async function openPage(
  browser: Contexts,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(DEADLINE_MS);
  return watch(await context.newPage());
}

/** Listens to what the browser complains about on a page. */
export function watch(page: Page): Watched {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isAnswer(message.text())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  return { page, complaints };
}

/** Chromium writes every answer of 400 and above to the console; those are the story's matter. */
function isAnswer(text: string): boolean {
  return /^Failed to load resource: the server responded with a status of 4\d\d/.test(text);
}

export function assertNoComplaints({ complaints }: Watched): void {
  assert.deepEqual(complaints, []);
}
