/**
 * The page's end: the model that stands in the worker, as the screens know it. Here is what can
 * be seen, never a key.
 */
import type { Bytes } from '../core/bytes.ts';
import { Observable } from '../core/observable.ts';
import type { Durability, KeyMarks, SocketHandlers, Visibility } from '../core/ports.ts';
import { nextTasks } from '../platform/next-task.ts';
import type { PlainSocket } from '../platform/web-socket.ts';
import type { AppModel, AppView } from './model.ts';
import { HeldSockets, type Tell } from './page-sockets.ts';
import { type Patch, patched } from './patch.ts';
import {
  ASKS,
  type Asks,
  type End,
  type Errand,
  FIRST_VIEW,
  type Read,
  type ToPage,
  type ToWorker,
} from './protocol.ts';

/** What only the page has. */
type OfPage = {
  readonly visibility: Visibility;
  readonly durability: Durability;
  readonly marks: KeyMarks;
  readonly connect: (handlers: SocketHandlers) => PlainSocket;
};

export class Remote {
  readonly model: AppModel;
  readonly #page: OfPage;
  readonly #tell: Tell<ToWorker>;
  readonly #sockets: HeldSockets;
  readonly #readings: Readings;
  /** `null` once the worker has failed. */
  readonly #view = new Observable<AppView | null>(FIRST_VIEW);

  constructor(end: End, page: OfPage) {
    this.#page = page;
    this.#tell = (message, transfer = []) => end.postMessage(message, { transfer });
    this.#sockets = new HeldSockets(page.connect, this.#tell, nextTasks());
    this.#readings = new Readings(this.#tell);
    this.model = {
      ...asksOver(this.#tell),
      readFile: (...given) => this.#readings.ask(given),
      subscribe: (listener) => this.#view.subscribe(listener),
      snapshot: () => this.#snapshot(),
    };
    end.onmessage = ({ data }: MessageEvent<ToPage>) => this.#hear(data);
    this.#tell({ type: 'begin', visible: page.visibility.visible() });
    page.visibility.watch(() =>
      this.#tell({ type: 'visible', visible: page.visibility.visible() }),
    );
  }

  /** The page is about to go: the peer hears it. */
  goAway(): void {
    this.#sockets.hangUp();
  }

  /** The page is put aside and may be shown again as it is. */
  putAside(): void {
    this.#sockets.putAside();
  }

  /** The worker did not load, or an exception went through it: nothing here can be relied on. */
  fail(): void {
    this.#sockets.hangUp();
    this.#readings.stop();
    this.#view.set(null);
  }

  #hear(message: ToPage): void {
    switch (message.type) {
      case 'view':
        this.#tell({ type: 'took' });
        this.#see(message.patch);
        return;
      case 'errand':
        void this.#run(message.errand, message.what);
        return;
      case 'piece':
        this.#readings.answered(message.read, message.bytes);
        return;
      default:
        this.#sockets.perform(message);
    }
  }

  #see(patch: Patch): void {
    const view = this.#view.value;
    if (view !== null) this.#view.set(patched(view, patch));
  }

  async #run(errand: number, what: Errand): Promise<void> {
    const yes = await this.#done(what);
    this.#tell({ type: 'answered', errand, yes });
  }

  async #done(what: Errand): Promise<boolean> {
    const { durability, marks } = this.#page;
    switch (what.do) {
      case 'keepStorage':
        return durability.ask();
      case 'recallKey':
        return marks.has(what.account);
      case 'markKey':
        await marks.set(what.account);
        return true;
      case 'forgetKey':
        await marks.forget(what.account);
        return true;
    }
  }

  /** Throws where there is nothing left to see: the boundary around the screens has words for it. */
  #snapshot(): AppView {
    const view = this.#view.value;
    if (view === null) throw new Error('the worker has failed');
    return view;
  }
}

/** Parts of files that were asked for and have not come. */
class Readings {
  readonly #tell: (message: ToWorker) => void;
  readonly #awaited = new Map<number, (bytes: Bytes | null) => void>();
  #asked = 0;
  #stopped = false;

  constructor(tell: (message: ToWorker) => void) {
    this.#tell = tell;
  }

  ask(given: Read['given']): Promise<Bytes | null> {
    if (this.#stopped) return Promise.resolve(null);
    this.#asked += 1;
    const read = this.#asked;
    return new Promise((resolve) => {
      this.#awaited.set(read, resolve);
      this.#tell({ type: 'read', read, given });
    });
  }

  answered(read: number, bytes: Bytes | null): void {
    this.#awaited.get(read)?.(bytes);
    this.#awaited.delete(read);
  }

  /** Nobody answers any more. */
  stop(): void {
    this.#stopped = true;
    for (const resolve of this.#awaited.values()) resolve(null);
    this.#awaited.clear();
  }
}

function asksOver(tell: (message: ToWorker) => void): Asks {
  const entries = Object.values(ASKS).map((name) => [
    name,
    (...given: unknown[]) => tell({ type: 'ask', name, given } as ToWorker),
  ]);
  return Object.fromEntries(entries) as Asks;
}
