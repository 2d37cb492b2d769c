/**
 * A line of some length and rate between two browsers, one way: an edge in the middle keeps what
 * the receiver's socket has not taken, and refuses what does not fit. Before the edge the line is as
 * fast as anybody sends; what waits does so in front of the receiver.
 */
import type { Clock } from '../core/ports.ts';

export type LineShape = {
  /** From the sender to the edge, and as long again to the receiver. */
  readonly halfMs: number;
  readonly bytesPerSecond: number;
};

/** What an edge keeps of files in front of a socket, what is being written included. */
export const EDGE_BYTES_MAX = 512 * 1024;

type Frame = { readonly bytes: number; readonly arrive: () => void };

export class LongLine {
  bytesPerSecond: number;
  /** Frames that found no room. */
  refused = 0;
  /** The most that ever waited, in bytes. */
  waitedMost = 0;
  /** The receiver reads nothing. */
  #isStalled = false;
  readonly #clock: Clock;
  readonly #halfMs: number;
  #waiting: Frame[] = [];
  #isWriting = false;

  constructor(clock: Clock, { halfMs, bytesPerSecond }: LineShape) {
    this.#clock = clock;
    this.#halfMs = halfMs;
    this.bytesPerSecond = bytesPerSecond;
  }

  send(bytes: number, arrive: () => void, refuse: () => void): void {
    this.#clock.after(this.#halfMs, () => {
      const waits = this.waitingBytes + bytes;
      if (waits > EDGE_BYTES_MAX) {
        this.refused += 1;
        this.#clock.after(this.#halfMs, refuse);
        return;
      }
      this.waitedMost = Math.max(this.waitedMost, waits);
      this.#waiting.push({ bytes, arrive });
      this.#write();
    });
  }

  get waitingBytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  stall(): void {
    this.#isStalled = true;
  }

  goOn(): void {
    this.#isStalled = false;
    this.#write();
  }

  /** What waits is gone with the receiver's connection. */
  cut(): void {
    this.#waiting = [];
  }

  /** One frame after the other; each has its place until it is written. */
  #write(): void {
    const [frame] = this.#waiting;
    if (frame === undefined || this.#isWriting || this.#isStalled) return;
    this.#isWriting = true;
    this.#clock.after((frame.bytes * 1_000) / this.bytesPerSecond, () => {
      this.#isWriting = false;
      if (this.#waiting[0] === frame) {
        this.#waiting.shift();
        this.#clock.after(this.#halfMs, frame.arrive);
      }
      this.#write();
    });
  }
}
