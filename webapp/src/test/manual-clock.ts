/** Time that stands still until a test moves it. */
import type { Cancel, Clock } from '../core/ports.ts';

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

export class ManualClock implements Clock {
  /** Where 1970 is on this clock: any day will do. */
  static readonly #WALL_START = 1_700_000_000_000;
  #now = 0;
  #made = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return ManualClock.#WALL_START + this.#now;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { at: this.#now + delayMs, order: this.#made++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer is due. */
  get next(): number | null {
    return this.#first()?.at ?? null;
  }

  /** Lets this much time pass; timers run at their own time, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let timer = this.#first(); timer && timer.at <= until; timer = this.#first()) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.run();
    }
    this.#now = until;
  }

  #first(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}
