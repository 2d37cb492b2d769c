/**
 * A core behind a wire, as the page has it: all that crosses is cloned like between a page and its
 * worker, and written down.
 */
import type { FromPage } from '../app/host.ts';
import { serve } from '../app/host.ts';
import type { AppModel, AppView } from '../app/model.ts';
import type { Platform } from '../app/platform.ts';
import type { End, ToPage, ToWorker } from '../app/protocol.ts';
import { Remote } from '../app/remote-model.ts';
import { Services } from '../app/services.ts';

export class BehindWorker {
  readonly toWorker: ToWorker[] = [];
  readonly toPage: ToPage[] = [];
  readonly page: Remote;
  /** Accounts whose key this page remembers. */
  readonly marked = new Set<string>();
  readonly #channel = new MessageChannel();
  #core: AppModel | null = null;

  constructor(platform: Platform) {
    const { port1, port2 } = this.#channel;
    const makeCore = (fromPage: FromPage) => {
      this.#core = new Services({ ...platform, ...fromPage });
      return this.#core;
    };
    serve(written(port1, this.toPage), makeCore);
    const { visibility, sockets } = platform;
    this.page = new Remote(written(port2, this.toWorker), {
      visibility,
      connect: (handlers) => sockets.connect(handlers),
      durability: { ask: async () => true },
      marks: {
        has: async (account) => this.marked.has(account),
        set: async (account) => void this.marked.add(account),
        forget: async (account) => void this.marked.delete(account),
      },
    });
  }

  /** What the core shows, on its side of the wire. */
  get coreView(): AppView | undefined {
    return this.#core?.snapshot();
  }

  /** Nothing crosses any more. */
  cut(): void {
    this.#channel.port1.close();
  }
}

/** The same end, with everything that goes out of it written down. */
function written<Message>(port: MessagePort, log: Message[]): End {
  return {
    postMessage(message) {
      log.push(message as Message);
      port.postMessage(message);
    },
    set onmessage(listener: End['onmessage']) {
      port.onmessage = listener;
    },
    get onmessage() {
      return null;
    },
  };
}
