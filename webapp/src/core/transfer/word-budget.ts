/**
 * How often the receiver may say where it is: many times at once, so that a fast transfer does not
 * wait for words, and seldom in the long run, for the server counts each of them as talk.
 */
import { CREDIT_BURST, CREDIT_EVERY_MS } from './limits.ts';

export class WordBudget {
  /** Words that are left at `#at`, parts of one too. */
  #left = CREDIT_BURST;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** When the next word may be said: now, or later. */
  nextAt(now: number): number {
    const left = this.#leftAt(now);
    return left >= 1 ? now : now + Math.ceil((1 - left) * CREDIT_EVERY_MS);
  }

  spend(now: number): void {
    this.#left = Math.max(0, this.#leftAt(now) - 1);
    this.#at = now;
  }

  #leftAt(now: number): number {
    return Math.min(CREDIT_BURST, this.#left + (now - this.#at) / CREDIT_EVERY_MS);
  }
}
