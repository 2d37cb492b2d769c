/**
 * The worker's end: a model whose views are told to the page, and which does what the page asks.
 *
 * One view is on its way at a time. While a page is busy the next one waits and grows newer, so
 * that nothing queues up.
 */
import type { Durability, KeyMarks, Sockets, Visibility } from '../core/ports.ts';
import { nextTasks } from '../platform/next-task.ts';
import type { AppModel } from './model.ts';
import { FarSockets, type Tell } from './page-sockets.ts';
import { difference } from './patch.ts';
import {
  ASKS,
  type Ask,
  type Asks,
  type End,
  type Errand,
  FIRST_VIEW,
  type Read,
  type ToPage,
  type ToWorker,
} from './protocol.ts';

/** What only the page has, as far as a worker can have it. */
export type FromPage = {
  readonly visibility: Visibility;
  readonly sockets: Sockets;
  readonly durability: Durability;
  readonly marks: KeyMarks;
};

/** Waits for the page's first word, then makes the model and serves it. */
export function serve(end: End, makeModel: (page: FromPage) => AppModel): void {
  const page = new Page((message, transfer = []) => end.postMessage(message, { transfer }));
  let host: Host | null = null;
  end.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.type) {
      case 'begin':
        page.setVisible(data.visible);
        host ??= new Host(makeModel(page), (message) => end.postMessage(message));
        return;
      case 'visible':
        page.setVisible(data.visible);
        return;
      case 'ask':
        host?.ask(data);
        return;
      case 'read':
        void host?.read(data);
        return;
      case 'took':
        host?.took();
        return;
      case 'answered':
        page.answered(data.errand, data.yes);
        return;
      default:
        page.sockets.hear(data);
    }
  };
}

/** The page as the worker knows it. */
class Page implements FromPage {
  readonly sockets: FarSockets;
  readonly visibility: Visibility = {
    visible: () => this.#visible,
    watch: (changed) => {
      this.#watchers.add(changed);
      return () => this.#watchers.delete(changed);
    },
  };
  readonly durability: Durability = { ask: () => this.#run({ do: 'keepStorage' }) };
  readonly marks: KeyMarks = {
    has: (account) => this.#run({ do: 'recallKey', account }),
    set: async (account) => void (await this.#run({ do: 'markKey', account })),
    forget: async (account) => void (await this.#run({ do: 'forgetKey', account })),
  };
  readonly #tell: Tell<ToPage>;
  readonly #watchers = new Set<() => void>();
  readonly #errands = new Map<number, (yes: boolean) => void>();
  #visible = true;
  #sent = 0;

  constructor(tell: Tell<ToPage>) {
    this.#tell = tell;
    this.sockets = new FarSockets(tell, nextTasks());
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    for (const changed of [...this.#watchers]) changed();
  }

  answered(errand: number, yes: boolean): void {
    this.#errands.get(errand)?.(yes);
    this.#errands.delete(errand);
  }

  #run(what: Errand): Promise<boolean> {
    this.#sent += 1;
    const errand = this.#sent;
    this.#tell({ type: 'errand', errand, what });
    return new Promise((resolve) => this.#errands.set(errand, resolve));
  }
}

/** Where a model's views go out and what is asked for comes in. */
class Host {
  readonly #model: AppModel;
  readonly #tell: (message: ToPage) => void;
  /** What the page sees, once what is on its way has arrived. */
  #told = FIRST_VIEW;
  #onItsWay = false;

  constructor(model: AppModel, tell: (message: ToPage) => void) {
    this.#model = model;
    this.#tell = tell;
    model.subscribe(() => this.#tellView());
    this.#tellView();
  }

  /** Pages are not trusted with more than the model offers. */
  ask(ask: Ask): void {
    if (Object.hasOwn(ASKS, ask.name)) perform(this.#model, ask);
  }

  /** Answered in any case: a page waits for each. */
  async read({ read, given }: Read): Promise<void> {
    const bytes = await this.#model.readFile(...given).catch(() => null);
    // A part of something larger, which would cross as a whole.
    this.#tell({ type: 'piece', read, bytes: bytes?.slice() ?? null });
  }

  took(): void {
    this.#onItsWay = false;
    this.#tellView();
  }

  #tellView(): void {
    if (this.#onItsWay) return;
    const view = this.#model.snapshot();
    const patch = difference(this.#told, view);
    if (patch === null) return;
    this.#told = view;
    this.#onItsWay = true;
    this.#tell({ type: 'view', patch });
  }
}

function perform<N extends keyof Asks>(model: Asks, { name, given }: Ask<N>): void {
  model[name](...given);
}
