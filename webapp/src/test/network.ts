/**
 * Socket pairs whose bytes move when a test says so. Each end is a queue; nothing arrives by
 * itself, and what arrives keeps its order.
 */
import type { Bytes } from '../core/bytes.ts';
import type { SocketHandlers, Sockets } from '../core/ports.ts';

/** The server's end of a socket. */
export type ServerEnd = {
  send(bytes: Bytes): void;
  /** 1006 looks to the browser like a broken wire. */
  close(code: number): void;
};

export type Listener = {
  /** A browser connects; `null` if nobody answers. */
  accept(end: ServerEnd): { received(bytes: Bytes): void; closed(): void } | null;
};

/** The sockets of one page; when it goes away it says their last words and hangs up. */
export type PageSockets = Sockets & { hangUp(): void };

export class Network {
  /** While it is, nothing arrives and nothing is lost. */
  frozen = false;
  /** Connections that were ever opened. */
  opened = 0;
  readonly #moves: (() => void)[] = [];

  /** Moves one thing: an opening, a frame, a closing. False if there was none. */
  step(): boolean {
    const move = this.frozen ? undefined : this.#moves.shift();
    move?.();
    return move !== undefined;
  }

  sockets(listener: Listener): PageSockets {
    const held = new Set<() => void>();
    return {
      connect: (handlers) => this.#connect(listener, handlers, held),
      hangUp: () => {
        for (const each of held) each();
      },
    };
  }

  #connect(listener: Listener, handlers: SocketHandlers, held: Set<() => void>) {
    let open = true;
    let words: Bytes | null = null;
    let server: ReturnType<Listener['accept']> = null;
    const close = (code: number) => {
      if (!open) return;
      open = false;
      this.#moves.push(() => {
        handlers.closed(code);
        server?.closed();
      });
    };
    const end: ServerEnd = {
      send: (bytes) => {
        if (open) this.#moves.push(() => handlers.received(bytes.slice()));
      },
      close,
    };
    this.#moves.push(() => {
      server = listener.accept(end);
      if (server === null) close(1006);
      else if (open) {
        this.opened += 1;
        handlers.opened();
      }
    });
    const send = (bytes: Bytes) => {
      if (open) this.#moves.push(() => server?.received(bytes.slice()));
    };
    held.add(() => {
      if (words !== null) send(words);
      close(1001);
    });
    return {
      send,
      buffered: () => 0,
      lastWords: (bytes: Bytes | null) => {
        words = bytes?.slice() ?? null;
      },
      close,
    };
  }
}
