/**
 * Sockets that the page holds and the worker uses: bytes cross between the two, keys do not.
 *
 * A worker is ended together with its page, often before it can say another word. The page still
 * can: it has the bytes of the goodbye beforehand and sends them while it goes away
 * (`docs/adr/0009-keys-in-one-worker.md`).
 */
import type { Bytes } from '../core/bytes.ts';
import type { Socket, SocketHandlers, Sockets } from '../core/ports.ts';
import { CLOSE_CODES } from '../core/wire/codes.ts';
import type { PlainSocket } from '../platform/web-socket.ts';
import type { SocketNews, SocketOrder } from './protocol.ts';

/** The worker's half: what is asked of a socket is told to the page, its news come back. */
export class FarSockets implements Sockets {
  readonly #tell: (order: SocketOrder) => void;
  readonly #handlers = new Map<number, SocketHandlers>();
  #made = 0;

  constructor(tell: (order: SocketOrder) => void) {
    this.#tell = tell;
  }

  connect(handlers: SocketHandlers): Socket {
    this.#made += 1;
    const socket = this.#made;
    this.#handlers.set(socket, handlers);
    this.#tell({ type: 'connect', socket });
    return {
      // Encoders write into buffers of their own that hold more than this.
      send: (bytes) => this.#tell({ type: 'send', socket, bytes: bytes.slice() }),
      lastWords: (bytes) =>
        this.#tell({ type: 'lastWords', socket, bytes: bytes?.slice() ?? null }),
      close: (code) => this.#tell({ type: 'close', socket, code }),
    };
  }

  hear(news: SocketNews): void {
    const handlers = this.#handlers.get(news.socket);
    switch (news.type) {
      case 'opened':
        handlers?.opened();
        return;
      case 'received':
        handlers?.received(news.bytes);
        return;
      case 'closed':
        this.#handlers.delete(news.socket);
        handlers?.closed(news.code);
        return;
    }
  }
}

type Held = { readonly plain: PlainSocket; lastWords: Bytes | null };

/** The page's half: the real sockets. */
export class HeldSockets {
  readonly #connect: (handlers: SocketHandlers) => PlainSocket;
  readonly #tell: (news: SocketNews) => void;
  readonly #held = new Map<number, Held>();

  constructor(
    connect: (handlers: SocketHandlers) => PlainSocket,
    tell: (news: SocketNews) => void,
  ) {
    this.#connect = connect;
    this.#tell = tell;
  }

  perform(order: SocketOrder): void {
    const held = this.#held.get(order.socket);
    switch (order.type) {
      case 'connect':
        this.#open(order.socket);
        return;
      case 'send':
        held?.plain.send(order.bytes);
        return;
      case 'lastWords':
        if (held !== undefined) held.lastWords = order.bytes;
        return;
      case 'close':
        held?.plain.close(order.code);
        return;
    }
  }

  /** The page goes away, or what stood behind it has failed: says the last words and hangs up. */
  hangUp(): void {
    for (const { plain, lastWords } of this.#held.values()) {
      if (lastWords !== null) plain.send(lastWords);
      plain.close(CLOSE_CODES.normal);
    }
    this.#held.clear();
  }

  /** The page stands still for a while, and must not seem to listen: the link comes back with it. */
  putAside(): void {
    for (const { plain } of this.#held.values()) plain.close(CLOSE_CODES.normal);
  }

  #open(socket: number): void {
    const plain = this.#connect({
      opened: () => this.#tell({ type: 'opened', socket }),
      received: (bytes) => this.#tell({ type: 'received', socket, bytes }),
      closed: (code) => {
        this.#held.delete(socket);
        this.#tell({ type: 'closed', socket, code });
      },
    });
    this.#held.set(socket, { plain, lastWords: null });
  }
}
