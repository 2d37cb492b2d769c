/** One timer for a machine: wound again whenever the machine's deadline may have moved. */
import type { Cancel, Clock } from './ports.ts';

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #deadline: number | null = null;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once at that time, by `Clock.now`; never, for `null`. */
  wind(deadline: number | null): void {
    if (deadline === this.#deadline) return;
    this.#cancel();
    this.#deadline = deadline;
    if (deadline === null) return;
    const delayMs = Math.max(0, deadline - this.#clock.now());
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#deadline = null;
      this.#ring();
    });
  }
}
