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

/** Says something to the other side; what is given away is gone here, and need not be copied. */
export type Tell<Message> = (message: Message, given?: ArrayBuffer[]) => void;

/** The worker's half: what is asked of a socket is told to the page, its news come back. */
export class FarSockets implements Sockets {
  readonly #tell: Tell<SocketOrder>;
  readonly #sockets = new Map<number, Far>();
  #made = 0;

  constructor(tell: Tell<SocketOrder>) {
    this.#tell = tell;
  }

  connect(handlers: SocketHandlers): Socket {
    this.#made += 1;
    const socket = this.#made;
    const far: Far = { handlers, posted: 0, measured: 0, measuredAt: 0, askedAt: null };
    this.#sockets.set(socket, far);
    this.#tell({ type: 'connect', socket });
    return {
      send: (bytes) => {
        far.posted += bytes.length;
        const given = whole(bytes);
        this.#tell({ type: 'send', socket, bytes: given }, [given.buffer]);
      },
      buffered: () => this.#buffered(socket, far),
      lastWords: (bytes) =>
        this.#tell({ type: 'lastWords', socket, bytes: bytes?.slice() ?? null }),
      close: (code) => this.#tell({ type: 'close', socket, code }),
    };
  }

  hear(news: SocketNews): void {
    const far = this.#sockets.get(news.socket);
    switch (news.type) {
      case 'opened':
        far?.handlers.opened();
        return;
      case 'received':
        far?.handlers.received(news.bytes);
        return;
      case 'closed':
        this.#sockets.delete(news.socket);
        far?.handlers.closed(news.code);
        return;
      case 'measured':
        if (far !== undefined) hearMeasured(far, news.bytes);
        return;
    }
  }

  /** What was posted since the page last measured counts as waiting, until it measures again. */
  #buffered(socket: number, far: Far): number {
    const waiting = waitingIn(far);
    if (waiting > 0 && far.askedAt === null) {
      far.askedAt = far.posted;
      this.#tell({ type: 'measure', socket });
    }
    return waiting;
  }
}

/** Alone in its buffer: short frames lie in that of their encoder, which holds more. */
function whole(bytes: Bytes): Bytes {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** A socket as the worker knows it; bytes are counted from its beginning. */
type Far = {
  readonly handlers: SocketHandlers;
  posted: number;
  /** What waited in the page when so much had been posted. */
  measured: number;
  measuredAt: number;
  /** How much had been posted when the page was asked; `null` if no answer is due. */
  askedAt: number | null;
};

function waitingIn({ measured, posted, measuredAt }: Far): number {
  return measured + posted - measuredAt;
}

/** Whoever hears that less waits asks again: with a socket that stands still that has to end. */
function hearMeasured(far: Far, bytes: number): void {
  const before = waitingIn(far);
  const { askedAt, measuredAt } = far;
  Object.assign(far, { measured: bytes, measuredAt: askedAt ?? measuredAt, askedAt: null });
  if (waitingIn(far) < before) far.handlers.drained?.();
}

type Held = { readonly plain: PlainSocket; lastWords: Bytes | null };

/** The page's half: the real sockets. */
export class HeldSockets {
  readonly #connect: (handlers: SocketHandlers) => PlainSocket;
  readonly #tell: Tell<SocketNews>;
  readonly #held = new Map<number, Held>();

  constructor(connect: (handlers: SocketHandlers) => PlainSocket, tell: Tell<SocketNews>) {
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
      case 'measure':
        if (held !== undefined) {
          this.#tell({ type: 'measured', socket: order.socket, bytes: held.plain.buffered() });
        }
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
      received: (bytes) => this.#tell({ type: 'received', socket, bytes }, [bytes.buffer]),
      closed: (code) => {
        this.#held.delete(socket);
        this.#tell({ type: 'closed', socket, code });
      },
    });
    this.#held.set(socket, { plain, lastWords: null });
  }
}
