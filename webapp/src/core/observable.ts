/** A value that is replaced, never changed, and whoever wants to hear of it. */
import type { Cancel } from './ports.ts';

export class Observable<T> {
  #value: T;
  readonly #isSame: (before: T, after: T) => boolean;
  readonly #listeners = new Set<() => void>();

  /** What is the same to whoever listens is the same value, unless it is told otherwise. */
  constructor(value: T, isSame: (before: T, after: T) => boolean = Object.is) {
    this.#value = value;
    this.#isSame = isSame;
  }

  get value(): T {
    return this.#value;
  }

  /** Takes the value, and tells everybody unless it is the same to them. */
  set(value: T): void {
    const isSame = this.#isSame(this.#value, value);
    this.#value = value;
    if (isSame) return;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
