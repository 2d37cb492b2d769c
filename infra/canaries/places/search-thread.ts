/**
 * A thread that searches, so that whoever talks meanwhile is not held up: reading a process's
 * memory takes seconds in which this thread does nothing else.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Flock, Searcher } from '../search/searcher.ts';
import { searchFiles } from './files.ts';
import type { Look } from './finds.ts';
import { searchMemory } from './memory.ts';

type Task =
  | { readonly in: 'memory'; readonly place: string; readonly pids: readonly number[] }
  | { readonly in: 'files'; readonly place: string; readonly paths: readonly string[] };

type Done = { readonly look: Look } | { readonly failed: string };

/** Searches for these flocks, one place after the other. */
export class SearchThread {
  readonly #thread: Worker;
  #last: Promise<unknown> = Promise.resolve();

  constructor(flocks: readonly Flock[]) {
    this.#thread = new Worker(new URL(import.meta.url), { workerData: flocks });
  }

  memory(place: string, pids: readonly number[]): Promise<Look> {
    return this.#ask({ in: 'memory', place, pids });
  }

  files(place: string, paths: readonly string[]): Promise<Look> {
    return this.#ask({ in: 'files', place, paths });
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  #ask(task: Task): Promise<Look> {
    const look = this.#last.then(() => this.#perform(task));
    this.#last = look.catch(() => {});
    return look;
  }

  #perform(task: Task): Promise<Look> {
    return new Promise((resolve, reject) => {
      this.#thread.once('error', reject);
      this.#thread.once('message', (done: Done) => {
        this.#thread.off('error', reject);
        if ('look' in done) resolve(done.look);
        else reject(new Error(done.failed));
      });
      this.#thread.postMessage(task);
    });
  }
}

function perform(searcher: Searcher, task: Task): Done {
  try {
    const { place } = task;
    const look =
      task.in === 'memory'
        ? searchMemory(searcher, place, task.pids)
        : searchFiles(searcher, place, task.paths);
    return { look };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const searcher = new Searcher(workerData as readonly Flock[]);
  port.on('message', (task: Task) => port.postMessage(perform(searcher, task)));
}
