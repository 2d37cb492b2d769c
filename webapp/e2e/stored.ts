/**
 * Looks through everything that a page's origin may store or show, as a script of the page could,
 * and through the files that a browser keeps: for words that must not be there, and for private
 * keys that could be taken out.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { eventually } from './eventually.ts';
import { unpacked } from './mozlz4.ts';

/** A word that is found nowhere by chance. */
export const canary = (of: string) => `${of}-canary-${randomUUID()}`;

/** Where a browser may keep what it stores. */
export function aFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dhchat-profile-'));
}

/** Where something was found that must not be there, each once. */
export async function foundStored(page: Page, words: readonly string[]): Promise<string[]> {
  const found = await page.evaluate(lookThrough, words);
  const cookies = JSON.stringify(await page.context().cookies());
  if (words.some((word) => cookies.includes(word))) found.push('cookie');
  return [...new Set(found)].sort();
}

/** Which files under a folder hold one of these words, in UTF-8 or UTF-16. */
export async function foundInFiles(folder: string, words: readonly string[]): Promise<string[]> {
  const needles = words.flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le')]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = unpacked(await readFile(path).catch(ifGone));
    if (needles.some((needle) => bytes.includes(needle))) found.push(path.slice(folder.length + 1));
  }
  return found.sort();
}

/**
 * Waits until a browser has kept what stands in the fields of a page now: writes into one more,
 * that asks for nothing, and looks for that.
 */
export async function waitUntilKept(page: Page, folder: string): Promise<void> {
  const text = canary('beside');
  await page.evaluate(() => document.body.append(document.createElement('textarea')));
  await page.locator('body > textarea').last().fill(text);
  await eventually(async () => (await foundInFiles(folder, [text])).length > 0, true);
}

/** A browser at work takes its own files away: such a file holds nothing. */
function ifGone(failure: NodeJS.ErrnoException): Buffer {
  if (failure.code === 'ENOENT') return Buffer.alloc(0);
  throw failure;
}

/** Runs in the page, so that everything it uses stands inside. */
async function lookThrough(words: readonly string[]): Promise<string[]> {
  const found: string[] = [];

  const saysWord = (text: string) => words.some((word) => text.includes(word));
  const look = (place: string, value: string | null) => {
    if (value !== null && saysWord(value)) found.push(place);
  };

  /** Any value that can be cloned, down to its bytes. */
  async function lookInto(place: string, value: unknown): Promise<void> {
    if (value instanceof CryptoKey) {
      if (value.type !== 'public' && value.extractable) found.push(`${place}: extractable key`);
    } else if (value instanceof Blob) {
      await lookInto(place, await value.arrayBuffer());
    } else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      for (const coding of ['utf-8', 'utf-16le'])
        look(place, new TextDecoder(coding).decode(value));
    } else if (value instanceof Map || value instanceof Set) {
      for (const part of [...value].flat()) await lookInto(place, part);
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.entries(value).flat()) await lookInto(place, part);
    } else {
      look(place, String(value));
    }
  }

  const answered = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  async function lookIntoDatabases(): Promise<void> {
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await answered(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        const [keys, values] = [objects.getAllKeys(), objects.getAll()];
        await lookInto('indexedDB', [await answered(keys), await answered(values)]);
      }
      database.close();
    }
  }

  async function lookIntoFolder(folder: FileSystemDirectoryHandle): Promise<void> {
    const entries = folder as unknown as AsyncIterable<[string, FileSystemHandle]>;
    for await (const [name, handle] of entries) {
      look('file system', name);
      if (handle instanceof FileSystemDirectoryHandle) await lookIntoFolder(handle);
      if (handle instanceof FileSystemFileHandle)
        await lookInto('file system', await handle.getFile());
    }
  }

  async function lookIntoCaches(): Promise<void> {
    for (const name of await caches.keys()) {
      look('cache', name);
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        look('cache', request.url);
        await lookInto('cache', await (await cache.match(request))?.blob());
      }
    }
  }

  look('localStorage', JSON.stringify({ ...localStorage }));
  look('sessionStorage', JSON.stringify({ ...sessionStorage }));
  look('title', document.title);
  look('address', location.href);
  look('window name', window.name);
  look('requests', JSON.stringify(performance.getEntries()));
  await lookInto('history', history.state);
  await lookIntoDatabases();
  await lookIntoFolder(await navigator.storage.getDirectory());
  await lookIntoCaches();
  const workers = await navigator.serviceWorker.getRegistrations();
  if (workers.length > 0) found.push('service worker');
  return found;
}
