/** A core in a worker, seen through the wire from its page. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeModel } from '../features/test/fake-model.ts';
import { signedIn, signedOut } from '../features/test/views.ts';
import { BehindWorker } from '../test/behind-worker.ts';
import { ALICE, BOB } from '../test/builders.ts';
import { type Browser, Story } from '../test/story.ts';
import { type FromPage, serve } from './host.ts';
import type { AppModel } from './model.ts';
import type { Platform } from './platform.ts';
import { ASKS, type End, type ToPage, type ToWorker } from './protocol.ts';
import { Remote } from './remote-model.ts';

const workers: BehindWorker[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) worker.cut();
});

function behindWorker(platform: Platform): AppModel {
  const worker = new BehindWorker(platform);
  workers.push(worker);
  return worker.page.model;
}

function workerOf({ model }: Browser): BehindWorker {
  const worker = workers.find(({ page }) => page.model === model);
  if (worker === undefined) throw new Error('every browser of these stories has a worker');
  return worker;
}

/** Nothing is under way between core and page. */
async function untilSame(story: Story, browser: Browser): Promise<void> {
  const worker = workerOf(browser);
  const seen = () => JSON.stringify(browser.view) === JSON.stringify(worker.coreView);
  await story.until(seen);
}

describe('a model behind a worker', () => {
  it('[PAGE1] shows a whole conversation as the core has it', async () => {
    const story = new Story(behindWorker);
    const { alice, bob } = await story.secured();
    for (let n = 0; n < 20; n += 1) {
      alice.model.say(`a${n}`);
      bob.model.say(`b${n}`);
    }
    await story.until(() => alice.lines.length === 40 && bob.lines.length === 40);
    alice.look();
    bob.look();
    const readBy = ({ lines }: Browser) => lines.filter((line) => line.endsWith('(read)')).length;
    await story.until(() => readBy(alice) === 20 && readBy(bob) === 20);
    await untilSame(story, alice);
    expect(alice.view).toEqual(workerOf(alice).coreView);

    alice.model.leave();
    await story.until(() => bob.phase?.is === 'ended' && alice.home.conversation === null);
    expect(bob.phase).toEqual({ is: 'ended', why: 'left', unconfirmed: 0 });
    alice.model.signOut();
    await story.until(() => alice.view.at === 'signedOut' && !alice.view.busy);
    expect(alice.view).toEqual(workerOf(alice).coreView);
  });

  it('[PAGE1] shows the same object until something changed', async () => {
    const story = new Story(behindWorker);
    const { alice, bob } = await story.secured();
    await untilSame(story, alice);
    const before = alice.home;
    await story.quiet();
    expect(alice.view).toBe(before);
    let heard = 0;
    alice.model.subscribe(() => {
      heard += 1;
    });
    bob.model.say('something new');
    await story.until(() => alice.lines.length === 1);
    expect(heard).toBe(1);
    expect(alice.view).not.toBe(before);
    expect(alice.home.me).toBe(before.me);
  });

  it('[PAGE5] no key and no other secret crosses while two people come, talk and go', async () => {
    const story = new Story(behindWorker);
    const { alice, bob } = await story.secured();
    alice.model.say('the green door');
    await story.until(() => bob.lines.length === 1);
    alice.model.signOut();
    await story.until(() => alice.view.at === 'signedOut');
    for (const browser of [alice, bob]) {
      const { toPage, toWorker } = workerOf(browser);
      expect(toPage.length).toBeGreaterThan(10);
      expect([...toPage, ...toWorker].flatMap(keysIn)).toEqual([]);
      // Bytes are what crosses the socket, and nothing else.
      const views = toPage.filter(({ type }) => type === 'view');
      expect(views.flatMap(bytesIn)).toEqual([]);
    }
  });

  it('[PAGE8] tells the core whether the page is in sight', async () => {
    const story = new Story(behindWorker);
    const alice = await story.person('alice');
    alice.show(false);
    await story.quiet();
    const before = story.network.opened;
    // A hidden page does not ask whether anybody is there; one in sight does, and finds out.
    story.network.frozen = true;
    await story.pass(20_000);
    expect(alice.isOnline).toBe(true);
    alice.show(true);
    await story.until(() => workerOf(alice).toWorker.some((said) => isVisible(said)));
    await story.pass(9_000);
    story.network.frozen = false;
    await story.until(() => story.network.opened > before && alice.isOnline);
  });
});

describe('a file behind a worker', () => {
  it('[PAGE32] is read in parts, by whoever sent it and by whoever has it whole', async () => {
    const story = new Story(behindWorker);
    const { alice, bob } = await story.secured();
    const bytes = Uint8Array.from({ length: 3_000 }, (_, n) => n % 251);
    const as = { accessMode: 'both', kind: 'file', durationMs: null } as const;
    alice.model.sendFile(new Blob([bytes]), 'numbers', as);
    await story.until(() => transferOf(bob)?.stage.is === 'offered');
    const id = transferOf(bob)?.id ?? 0;
    expect(await bob.model.readFile(id, 0, 1)).toBeNull();
    bob.model.acceptFile(id);
    await story.until(() => transferOf(alice)?.stage.is === 'delivered');
    for (const { model } of [alice, bob]) {
      const parts = [model.readFile(id, 0, 1_000), model.readFile(id, 1_000, 3_000)];
      expect(await Promise.all(parts)).toEqual([bytes.slice(0, 1_000), bytes.slice(1_000)]);
    }
  });

  it('[PAGE32] that is asked for when the worker fails is not there', async () => {
    const { port1, port2 } = new MessageChannel();
    const page = new Remote(port2, {
      visibility: { visible: () => true, watch: () => () => {} },
      connect: () => ({ send: () => {}, close: () => {}, buffered: () => 0 }),
      durability: { ask: async () => true },
      marks: { has: async () => false, set: async () => {}, forget: async () => {} },
    });
    const asked = page.model.readFile(2, 0, 1);
    page.fail();
    expect([await asked, await page.model.readFile(2, 0, 1)]).toEqual([null, null]);
    port1.close();
  });
});

function transferOf({ phase }: Browser) {
  return phase?.is === 'secure' ? phase.transfers[0] : undefined;
}

describe('what only the page can do', () => {
  it('[PAGE8] is done there and answered, each errand its own', async () => {
    const { port1, port2 } = new MessageChannel();
    const kept: string[] = [];
    let fromPage: FromPage | null = null;
    serve(port1, (given) => {
      fromPage = given;
      return new FakeModel({ at: 'starting' });
    });
    new Remote(port2, {
      visibility: { visible: () => true, watch: () => () => {} },
      connect: () => ({ send: () => {}, close: () => {}, buffered: () => 0 }),
      durability: { ask: async () => true },
      marks: {
        has: async (account) => kept.includes(account),
        set: async (account) => void kept.push(account),
        forget: async (account) => void kept.splice(kept.indexOf(account), 1),
      },
    });
    const { marks, durability } = await vi.waitUntil(() => fromPage);
    await marks.set(ALICE);
    const answers = [marks.has(ALICE), marks.has(BOB), durability.ask()];
    expect(await Promise.all(answers)).toEqual([true, false, true]);
    expect(kept).toEqual([ALICE]);
    await marks.forget(ALICE);
    expect(kept).toEqual([]);
    port1.close();
  });
});

const isVisible = (said: ToWorker) => said.type === 'visible' && said.visible;

describe('the host in the worker', () => {
  /** A page that answers only when the test says so. */
  function host() {
    const said: ToPage[] = [];
    const end: End = { postMessage: (message) => said.push(message as ToPage), onmessage: null };
    const model = new FakeModel({ at: 'starting' });
    serve(end, () => model);
    const hear = (message: unknown) => end.onmessage?.({ data: message } as MessageEvent);
    hear({ type: 'begin', visible: true } satisfies ToWorker);
    return { said, model, hear };
  }

  it('[PAGE3] has one view on its way, and then the newest', () => {
    const { said, model, hear } = host();
    for (const query of ['a', 'al', 'ali', 'alice']) {
      model.show(signedIn({ search: { query, people: { is: 'asking' } } }));
    }
    expect(said).toHaveLength(1);
    hear({ type: 'took' });
    expect(said).toHaveLength(2);
    expect(JSON.stringify(said[1])).toContain('"alice"');
    hear({ type: 'took' });
    model.show(model.snapshot());
    expect(said).toHaveLength(2);
  });

  it('[PAGE3] says nothing of a view like the one before', () => {
    const { said, model, hear } = host();
    model.show(signedOut());
    hear({ type: 'took' });
    model.show(signedOut());
    expect(said).toHaveLength(1);
  });

  it('[PAGE4] passes on what the model offers, and nothing else', () => {
    const { model, hear } = host();
    for (const name of ['snapshot', 'subscribe', 'constructor', '__proto__', 'show', 'secrets']) {
      hear({ type: 'ask', name, given: [] });
    }
    expect(model.calls).toEqual([]);
    for (const name of Object.keys(ASKS)) hear({ type: 'ask', name, given: ['a', 'b'] });
    expect(model.calls.map(([name]) => name)).toEqual(Object.keys(ASKS));
  });
});

const keysIn = (value: unknown) => within(value, (part) => part instanceof CryptoKey);
const bytesIn = (value: unknown) =>
  within(value, (part) => ArrayBuffer.isView(part) || part instanceof ArrayBuffer);

/** All parts of a message that are of a kind. */
function within(value: unknown, isMeant: (part: unknown) => boolean): unknown[] {
  if (isMeant(value)) return [value];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap((part) => within(part, isMeant));
}
