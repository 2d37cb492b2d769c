/**
 * What is left where a browser stores things when two people talk, and what a script in the page
 * could lay hands on: nothing that was said, and no key. Against running servers, like
 * `two-people.e2e.ts`.
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, launchKeepingIn } from './browser.ts';
import { PASSWORD, Person, type Somebody, talk } from './person.ts';
import { aFolder, canary, foundInFiles, foundStored, waitUntilKept } from './stored.ts';

const ALICE: Somebody = { called: 'alice', place: 0, language: 'en' };
const BOB: Somebody = { called: 'bob', place: 1, language: 'en' };

describe('a conversation', () => {
  it('[PAGE9] leaves nothing where two browsers store things', async () => {
    const folders = [await aFolder(), await aFolder()] as const;
    const alice = await Person.arrive(launchKeepingIn(folders[0]), ALICE);
    const bob = await Person.arrive(launchKeepingIn(folders[1]), BOB);
    const [byAlice, byBob] = [canary('alice'), canary('bob')];
    const words = [byAlice, byBob, PASSWORD];
    await alice.register();
    await bob.register();
    await talk(alice, bob);
    await alice.say(byAlice);
    await bob.say(byBob);
    await Promise.all([alice.reads('peer', [byBob]), bob.reads('peer', [byAlice])]);
    await alice.ownLinesAre('read');
    const people = [alice, bob];
    for (const { page } of people) assert.deepEqual(await foundStored(page, words), []);

    await alice.leave();
    await bob.seesEnded('left', alice);
    for (const { page } of people) {
      assert.deepEqual(await foundStored(page, words), []);
      assert.equal(await isInSight(page, words), false);
    }
    await bob.signOut();
    assert.deepEqual(await foundStored(bob.page, words), []);
    await Promise.all([alice.goHome(), bob.goHome()]);
    for (const folder of folders) {
      assert.deepEqual(await foundInFiles(folder, words), []);
      await rm(folder, { recursive: true });
    }
  });

  it('[PAGE9] would be found in every one of these places', async () => {
    const folder = await aFolder();
    const alice = await Person.arrive(launchKeepingIn(folder), ALICE);
    await alice.register();
    const words = [canary('planted')];
    assert.deepEqual(await foundStored(alice.page, words), []);
    await plantEverywhere(alice.page, words[0] ?? '');
    assert.deepEqual(await foundStored(alice.page, words), [
      'address',
      'cache',
      'file system',
      'history',
      'indexedDB',
      'indexedDB: extractable key',
      'localStorage',
      'sessionStorage',
      'title',
      'window name',
    ]);
    assert.equal(await isInSight(alice.page, words), true);
    await alice.goHome();
    assert.notDeepEqual(await foundInFiles(folder, words), []);
    await rm(folder, { recursive: true });
  });
});

describe('what is written and not said', () => {
  it('[PAGE9] is not among what a browser keeps to open its pages again', async () => {
    const folder = await aFolder();
    const alice = await Person.arrive(launchKeepingIn(folder), ALICE);
    await alice.lookAtPassword(PASSWORD);
    await waitUntilKept(alice.page, folder);
    assert.deepEqual(await foundInFiles(folder, [PASSWORD]), []);

    const browser = await launch();
    const bob = await Person.arrive(browser, BOB);
    await alice.register();
    await bob.register();
    await talk(alice, bob);
    const unsaid = canary('unsaid');
    await alice.draft(unsaid);
    await waitUntilKept(alice.page, folder);
    assert.deepEqual(await foundInFiles(folder, [unsaid, PASSWORD]), []);
    await Promise.all([alice.goHome(), bob.goHome()]);
    await browser.close();
    await rm(folder, { recursive: true });
  });
});

describe('a script in the page', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  it('[PAGE5] finds no key while two people talk, and no cryptography to make one', async () => {
    const [alice, bob] = [await Person.arrive(browser, ALICE), await Person.arrive(browser, BOB)];
    await alice.register();
    await bob.register();
    await talk(alice, bob);
    await alice.say('hello');
    await bob.reads('peer', ['hello']);
    for (const { page } of [alice, bob]) assert.equal(await keysAlive(page), 0);
    const loaded = await alice.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    const workers = alice.page.workers().map((worker) => worker.url());
    const scripts = new Set([...loaded.filter((name) => name.endsWith('.js')), ...workers]);
    const withKeys = await whichName(alice.page, [...scripts], 'crypto.subtle');
    assert.ok(scripts.size > workers.length + 1, 'the page has scripts of its own');
    assert.deepEqual(withKeys, workers);

    await alice.page.evaluate(async () => {
      const planted = await crypto.subtle.generateKey('Ed25519', false, ['sign']);
      Object.assign(window, { planted });
    });
    assert.equal(await keysAlive(alice.page), 2);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('[PAGE10] makes no worker of another script, and no policy that would allow one', async () => {
    const alice = await Person.arrive(browser, ALICE);
    const refused = await alice.page.evaluate(tryToMakeWorkers);
    assert.deepEqual(refused, ['text', 'blob', 'same policy', 'another policy']);
    await alice.page.context().close();
  });

  it('[PAGE7] sees words and a way on where the worker does not load', async () => {
    const alice = await Person.arrive(browser, ALICE);
    const scripts = /\/assets\/worker-[^/]+\.js$/;
    await alice.page.context().route(scripts, (route) => route.abort());
    await alice.page.reload();
    await alice.page.getByRole('heading', { name: alice.words.threshold.broken }).waitFor();
    await alice.page.context().unroute(scripts);
    await alice.page.getByRole('button', { name: alice.words.threshold.reload }).click();
    await alice.page.getByRole('heading', { name: alice.words.account.signInTitle }).waitFor();
    await alice.page.context().close();
  });
});

/** Whether the page draws one of these words, or has it in a field. */
function isInSight(page: Page, words: readonly string[]): Promise<boolean> {
  return page.evaluate((wanted) => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')];
    const shown = [document.documentElement.outerHTML, ...fields.map(({ value }) => value)];
    return wanted.some((word) => shown.some((text) => text.includes(word)));
  }, words);
}

/** How many keys the page's own script could reach: the browser counts the objects of its heap. */
async function keysAlive(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { result: prototype } = await session.send('Runtime.evaluate', {
    expression: 'CryptoKey.prototype',
  });
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: prototype.objectId ?? '',
  });
  const { result: count } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    functionDeclaration: 'function () { return this.length }',
    returnByValue: true,
  });
  await session.detach();
  return count.value;
}

/** Which scripts name something. */
function whichName(page: Page, scripts: readonly string[], name: string): Promise<string[]> {
  return page.evaluate(
    async ([all, wanted]) => {
      const texts = await Promise.all(all.map(async (script) => (await fetch(script)).text()));
      return all.filter((_, n) => texts[n]?.includes(wanted));
    },
    [scripts, name] as const,
  );
}

/** Which ways to a worker of another script the browser refused. Runs in the page. */
function tryToMakeWorkers(): string[] {
  type Policy = { createScriptURL(text: string): string };
  type Types = { createPolicy(name: string, rules: Policy): Policy };
  const { trustedTypes } = globalThis as unknown as { trustedTypes: Types };
  const rules: Policy = { createScriptURL: (text) => text };
  const script = URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'text/javascript' }));
  const ways: readonly [string, () => unknown][] = [
    ['text', () => new Worker('/assets/other.js')],
    ['blob', () => new Worker(script)],
    ['same policy', () => trustedTypes.createPolicy('dhchat-worker', rules)],
    ['another policy', () => trustedTypes.createPolicy('mine', rules)],
  ];
  return ways.flatMap(([way, act]) => {
    try {
      act();
      return [];
    } catch {
      return [way];
    }
  });
}

/** Leaves a word wherever a page can. */
function plantEverywhere(page: Page, word: string): Promise<void> {
  return page.evaluate(async (planted) => {
    localStorage.setItem('planted', planted);
    sessionStorage.setItem('planted', planted);
    history.replaceState({ deep: [planted] }, '', `#${planted}`);
    document.title = planted;
    window.name = planted;
    const cache = await caches.open('planted');
    await cache.put('/planted', new Response(planted));
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle('planted', { create: true });
    const stream = await file.createWritable();
    await stream.write(planted);
    await stream.close();
    const key = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open('planted');
      opening.onupgradeneeded = () => {
        const store = opening.result.createObjectStore('planted');
        store.put(new Map([['deep', new TextEncoder().encode(planted)]]), 1);
        store.put(key.privateKey, 2);
        store.transaction.oncomplete = () => {
          opening.result.close();
          resolve();
        };
      };
    });
  }, word);
}
