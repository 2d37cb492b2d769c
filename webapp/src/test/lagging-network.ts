/**
 * Socket pairs whose bytes take time: each way of a connection keeps its order, connections do not
 * wait for one another. Ways may be frozen, people kept off, and wires cut with all that is on them.
 */
import type { Bytes } from '../core/bytes.ts';
import type { Random, SocketHandlers, Sockets } from '../core/ports.ts';
import type { ManualClock } from './manual-clock.ts';
import type { Listener } from './network.ts';

/** A closing that nobody said a word about. */
const BROKEN = 1006;

/** One person's way to the server. */
export class Way {
  /** How long a frame takes, from so much to so much. */
  delayMs: readonly [from: number, to: number] = [5, 40];
  /** Until when nothing moves either way; what was sent moves then. */
  frozenUntil = 0;
  /** Until when no connection can be made. */
  closedUntil = 0;
  readonly #clock: ManualClock;
  readonly #random: Random;
  #tear: (noticedAfterMs: number) => void = () => {};

  constructor(clock: ManualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  sockets(listener: Listener): Sockets {
    return { connect: (handlers) => this.#connect(listener, handlers) };
  }

  /** Breaks the wire: what is on it is lost, and the server finds out after this time. */
  cut(noticedAfterMs: number): void {
    this.#tear(noticedAfterMs);
  }

  #connect(listener: Listener, handlers: SocketHandlers) {
    let isOpen = true;
    let isWhole = true;
    let server: ReturnType<Listener['accept']> = null;
    const whole = (move: () => void) => () => isWhole && move();
    const up = this.#lane();
    const down = this.#lane();
    const close = (code: number) => {
      if (!isOpen) return;
      isOpen = false;
      down(whole(() => handlers.closed(code)));
      up(whole(() => server?.closed()));
    };
    const accept = () => {
      const isKeptOff = this.#clock.now() < this.closedUntil;
      server = isKeptOff ? null : listener.accept({ send, close });
      if (server === null) close(BROKEN);
      else if (isOpen) down(whole(() => handlers.opened()));
    };
    const send = (bytes: Bytes) => {
      if (isOpen) down(whole(() => handlers.received(bytes.slice())));
    };
    this.#tear = (noticedAfterMs) => {
      if (!isOpen) return;
      isOpen = false;
      isWhole = false;
      handlers.closed(BROKEN);
      this.#clock.after(noticedAfterMs, () => server?.closed());
    };
    up(whole(accept));
    return {
      send: (bytes: Bytes) => {
        if (isOpen) up(whole(() => server?.received(bytes.slice())));
      },
      buffered: () => 0,
      lastWords: () => {},
      close,
    };
  }

  /** One way of one connection. */
  #lane(): (move: () => void) => void {
    let last = 0;
    return (move) => {
      const [from, to] = this.delayMs;
      const now = Math.max(this.#clock.now(), this.frozenUntil);
      last = Math.max(last, now + from + this.#random.fraction() * (to - from));
      this.#clock.after(last - this.#clock.now(), move);
    };
  }
}
