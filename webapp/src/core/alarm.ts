/**
 * One timer for a machine: wound again whenever the machine's deadline may have moved.
 *
 * A deadline that moves away leaves the timer as it is, which looks again when it is due: what is
 * put off with every frame that comes would otherwise cost a timer a frame.
 */
import type { Cancel, Clock } from './ports.ts';

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #deadline: number | null = null;
  /** When the timer is due; `null` if there is none. */
  #dueAt: number | null = null;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once at that time, by `Clock.now`; never, for `null`. */
  wind(deadline: number | null): void {
    this.#deadline = deadline;
    if (deadline !== null && this.#dueAt !== null && this.#dueAt <= deadline) return;
    this.#cancel();
    this.#dueAt = null;
    if (deadline !== null) this.#wait(deadline);
  }

  #wait(deadline: number): void {
    this.#dueAt = deadline;
    const delayMs = Math.max(0, deadline - this.#clock.now());
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#dueAt = null;
      this.#due();
    });
  }

  #due(): void {
    const deadline = this.#deadline;
    if (deadline === null) return;
    if (this.#clock.now() < deadline) {
      this.#wait(deadline);
      return;
    }
    this.#deadline = null;
    this.#ring();
  }
}
