/**
 * The page's end: the model that stands in the worker, as the screens know it. Here is what can
 * be seen, never a key.
 */
import { Observable } from '../core/observable.ts';
import type { SocketHandlers, Visibility } from '../core/ports.ts';
import type { PlainSocket } from '../platform/web-socket.ts';
import type { AppModel, AppView } from './model.ts';
import { HeldSockets } from './page-sockets.ts';
import { patched } from './patch.ts';
import { ASKS, type Asks, type End, FIRST_VIEW, type ToPage, type ToWorker } from './protocol.ts';

/** What only the page has. */
type OfPage = {
  readonly visibility: Visibility;
  readonly connect: (handlers: SocketHandlers) => PlainSocket;
};

export class Remote {
  readonly model: AppModel;
  readonly #tell: (message: ToWorker) => void;
  readonly #tellVisible: () => void;
  readonly #sockets: HeldSockets;
  /** `null` once the worker has failed. */
  readonly #view = new Observable<AppView | null>(FIRST_VIEW);

  constructor(end: End, { visibility, connect }: OfPage) {
    this.#tell = (message) => end.postMessage(message);
    this.#tellVisible = () => this.#tell({ type: 'visible', visible: visibility.visible() });
    this.#sockets = new HeldSockets(connect, this.#tell);
    this.model = {
      ...asksOver(this.#tell),
      subscribe: (listener) => this.#view.subscribe(listener),
      snapshot: () => this.#snapshot(),
    };
    end.onmessage = ({ data }: MessageEvent<ToPage>) => this.#hear(data);
    this.#tell({ type: 'begin', visible: visibility.visible() });
    visibility.watch(this.#tellVisible);
  }

  /** The page is about to go: the peer hears it. */
  goAway(): void {
    this.#sockets.hangUp();
  }

  /** The page stood still, and so did the worker: it looks whether anybody is still there. */
  comeBack(): void {
    this.#tellVisible();
  }

  /** The worker did not load, or an exception went through it: nothing here can be relied on. */
  fail(): void {
    this.#sockets.hangUp();
    this.#view.set(null);
  }

  #hear(message: ToPage): void {
    if (message.type !== 'view') {
      this.#sockets.perform(message);
      return;
    }
    this.#tell({ type: 'took' });
    const view = this.#view.value;
    if (view !== null) this.#view.set(patched(view, message.patch));
  }

  /** Throws where there is nothing left to see: the boundary around the screens has words for it. */
  #snapshot(): AppView {
    const view = this.#view.value;
    if (view === null) throw new Error('the worker has failed');
    return view;
  }
}

function asksOver(tell: (message: ToWorker) => void): Asks {
  const entries = Object.values(ASKS).map((name) => [
    name,
    (...given: unknown[]) => tell({ type: 'ask', name, given } as ToWorker),
  ]);
  return Object.fromEntries(entries) as Asks;
}
