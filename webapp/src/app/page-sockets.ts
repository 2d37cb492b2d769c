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
import { buffersOf, Gathering, type Later } from './gathering.ts';
import type { SocketNews, SocketOrder } from './protocol.ts';

/** Says something to the other side; what is given away is gone here, and need not be copied. */
export type Tell<Message> = (message: Message, given?: ArrayBuffer[]) => void;

/** The worker's half: what is asked of a socket is told to the page, its news come back. */
export class FarSockets implements Sockets {
  readonly #tell: Tell<SocketOrder>;
  readonly #later: Later;
  readonly #sockets = new Map<number, Far>();
  #made = 0;

  constructor(tell: Tell<SocketOrder>, later: Later) {
    this.#tell = tell;
    this.#later = later;
  }

  connect(handlers: SocketHandlers): Socket {
    this.#made += 1;
    const socket = this.#made;
    const gathering = new Gathering((frames) => this.#send(socket, far, frames), this.#later);
    const far: Far = { ...NOTHING_POSTED, handlers, gathering };
    this.#sockets.set(socket, far);
    this.#tell({ type: 'connect', socket });
    const tellNext = (order: SocketOrder) => {
      gathering.flush();
      this.#tell(order);
    };
    return {
      send: (bytes) => {
        far.posted += bytes.length;
        gathering.add(whole(bytes));
      },
      buffered: () => this.#buffered(socket, far),
      lastWords: (bytes) => tellNext({ type: 'lastWords', socket, bytes: bytes?.slice() ?? null }),
      close: (code) => tellNext({ type: 'close', socket, code }),
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

  #send(socket: number, far: Far, frames: readonly Bytes[]): void {
    const { asks: measure } = far;
    far.asks = false;
    if (measure) far.askedAt = far.posted;
    this.#tell({ type: 'send', socket, frames, measure }, buffersOf(frames));
  }

  /** What was posted since the page last measured counts as waiting, until it measures again. */
  #buffered(socket: number, far: Far): number {
    const waiting = waitingIn(far);
    if (waiting === 0 || far.askedAt !== null) return waiting;
    // The question goes with what was gathered.
    far.asks = !far.gathering.isEmpty;
    if (!far.asks) {
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
  readonly gathering: Gathering;
  /** Whether the page is to measure when it has what was gathered. */
  asks: boolean;
  posted: number;
  /** What waited in the page when so much had been posted. */
  measured: number;
  measuredAt: number;
  /** How much had been posted when the page was asked; `null` if no answer is due. */
  askedAt: number | null;
};

const NOTHING_POSTED = { asks: false, posted: 0, measured: 0, measuredAt: 0, askedAt: null };

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
  readonly #later: Later;
  readonly #held = new Map<number, Held>();

  constructor(
    connect: (handlers: SocketHandlers) => PlainSocket,
    tell: Tell<SocketNews>,
    later: Later,
  ) {
    this.#connect = connect;
    this.#tell = tell;
    this.#later = later;
  }

  perform(order: SocketOrder): void {
    const held = this.#held.get(order.socket);
    switch (order.type) {
      case 'connect':
        this.#open(order.socket);
        return;
      case 'send':
        for (const frame of order.frames) held?.plain.send(frame);
        if (order.measure) this.#measure(order.socket);
        return;
      case 'measure':
        this.#measure(order.socket);
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

  /** A browser counts what has left only after what it is doing: just sent, all of it waits. */
  #measure(socket: number): void {
    this.#later(() => {
      const held = this.#held.get(socket);
      if (held !== undefined) {
        this.#tell({ type: 'measured', socket, bytes: held.plain.buffered() });
      }
    });
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
