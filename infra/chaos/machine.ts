/**
 * What a run's machine was like: how many cores, how much other work, and how long the run's own
 * process, through which all connections lead, stood still at most.
 */
import { availableParallelism, loadavg } from 'node:os';

const LOOK_EVERY_MS = 50;

export class MachineWatch {
  readonly #looking: NodeJS.Timeout;
  #last = performance.now();
  #mostMs = 0;

  constructor() {
    this.#looking = setInterval(() => {
      const now = performance.now();
      this.#mostMs = Math.max(this.#mostMs, now - this.#last - LOOK_EVERY_MS);
      this.#last = now;
    }, LOOK_EVERY_MS);
    this.#looking.unref();
  }

  /** In a sentence; nothing is watched after it. */
  end(): string {
    clearInterval(this.#looking);
    const [load = 0] = loadavg();
    const stood = Math.round(this.#mostMs);
    return `${availableParallelism()} cores, load ${load.toFixed(1)} at the end; the run itself stood still for at most ${stood} ms.`;
  }
}
