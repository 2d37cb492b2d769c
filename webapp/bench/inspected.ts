/**
 * A page and the worker that holds its keys, as the browser's debugger sees them: how much they
 * hold, and what they spend their time on.
 */
import type { Browser, CDPSession, Page } from 'playwright-core';

/** Bytes of objects, and of the buffers that belong to them. */
export type Heap = { readonly usedSize: number; readonly backingStorageSize: number };

export type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

type Send = <T>(method: string, params?: object) => Promise<T>;

export class Inspected {
  readonly page: Page;
  readonly parts: { readonly page: Send; readonly worker: Send };

  private constructor(page: Page, parts: { readonly page: Send; readonly worker: Send }) {
    this.page = page;
    this.parts = parts;
  }

  get browser(): Browser {
    const browser = this.page.context().browser();
    if (browser === null) throw new Error('its context belongs to a browser');
    return browser;
  }

  static async of(page: Page): Promise<Inspected> {
    const session = await page.context().newCDPSession(page);
    const ofPage = ((method, params) => session.send(method as 'Runtime.enable', params)) as Send;
    return new Inspected(page, { page: ofPage, worker: await workerOf(session) });
  }

  /** What is still in use after what nobody holds was thrown away. */
  async collect(): Promise<void> {
    for (const send of Object.values(this.parts)) await send('HeapProfiler.collectGarbage');
  }

  async heaps(): Promise<{ readonly page: Heap; readonly worker: Heap }> {
    const [page, worker] = await Promise.all([
      this.parts.page<Heap>('Runtime.getHeapUsage'),
      this.parts.worker<Heap>('Runtime.getHeapUsage'),
    ]);
    return { page, worker };
  }

  async beginProfiles(): Promise<void> {
    for (const send of Object.values(this.parts)) {
      await send('Profiler.enable');
      await send('Profiler.setSamplingInterval', { interval: 200 });
      await send('Profiler.start');
    }
  }

  async endProfiles(): Promise<{ readonly page: Profile; readonly worker: Profile }> {
    const [page, worker] = await Promise.all(
      [this.parts.page, this.parts.worker].map(async (send) => {
        const { profile } = await send<{ profile: Profile }>('Profiler.stop');
        return profile;
      }),
    );
    if (page === undefined || worker === undefined) throw new Error('both were profiled');
    return { page, worker };
  }
}

/** What of Playwright's inside is used below; it has no door for this. */
type Inside = {
  readonly _connection: {
    toImpl(page: Page): {
      readonly delegate: {
        readonly _mainFrameSession: { readonly _client: { readonly send: Send } };
      };
    };
  };
};

/**
 * Lets the browser stop telling Playwright of the network of a page. It tells every frame of a
 * socket with all that is in it, as base64 in JSON: for a file that is nearly half of what the
 * browser computes, and nobody's browser does it. Nothing can be asked of the network after.
 */
export async function unwatchNetwork(page: Page): Promise<void> {
  const { delegate } = (page as unknown as Inside)._connection.toImpl(page);
  await delegate._mainFrameSession._client.send('Network.disable');
}

/** Speaks to the one worker of a page through the page's own session. */
async function workerOf(session: CDPSession): Promise<Send> {
  const found = new Promise<string>((resolve) => {
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') resolve(sessionId);
    });
  });
  const answers = new Map<number, (message: { result?: unknown; error?: unknown }) => void>();
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer = JSON.parse(message);
    answers.get(answer.id)?.(answer);
    answers.delete(answer.id);
  });
  const how = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  await session.send('Target.setAutoAttach', how);
  const sessionId = await found;
  let asked = 0;
  return async <T>(method: string, params: object = {}) => {
    asked += 1;
    const id = asked;
    const answered = new Promise<{ result?: unknown; error?: unknown }>((resolve) => {
      answers.set(id, resolve);
    });
    const message = JSON.stringify({ id, method, params });
    await session.send('Target.sendMessageToTarget', { sessionId, message });
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as T;
  };
}

/** Functions by the time that was spent in them alone, the longest first, as percent of all. */
export function hottest({ nodes, samples, timeDeltas }: Profile, count: number): string[] {
  const names = new Map(
    nodes.map(({ id, callFrame }) => [id, callFrame.functionName || `(in ${callFrame.url})`]),
  );
  const spent = new Map<string, number>();
  let whole = 0;
  for (const [place, id] of samples.entries()) {
    const name = names.get(id) ?? '?';
    const took = timeDeltas[place] ?? 0;
    spent.set(name, (spent.get(name) ?? 0) + took);
    whole += took;
  }
  return [...spent]
    .sort(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([name, took]) => `${((100 * took) / whole).toFixed(1)} % ${name}`);
}
