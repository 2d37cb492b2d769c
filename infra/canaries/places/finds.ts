/** What was found where, counted: a canary may lie in a place a thousand times. */
import type { Form } from '../search/forms.ts';
import type { Hit } from '../search/searcher.ts';

/** A canary in a form in a place. */
export type Find = {
  readonly place: string;
  readonly flock: string;
  readonly canary: string | null;
  readonly forms: readonly Form[];
  /** The first of them, for whoever looks into it. */
  readonly at: string;
  readonly times: number;
};

/** What one look at a place came to. */
export type Look = {
  readonly place: string;
  readonly finds: readonly Find[];
  readonly bytes: number;
  /** What could not be read: pages of devices, and what was gone meanwhile. */
  readonly unreadBytes: number;
  /** Processes, or files. */
  readonly parts: number;
  readonly tookMs: number;
};

export class Finds {
  readonly #place: string;
  readonly #finds = new Map<string, Find>();

  constructor(place: string) {
    this.#place = place;
  }

  add(hits: readonly Hit[], where: (at: number) => string): void {
    for (const { flock, canary, forms, at } of hits) {
      const key = [flock, canary ?? 'a part', ...forms].join('|');
      const before = this.#finds.get(key);
      const first = before?.at ?? where(at);
      const times = 1 + (before?.times ?? 0);
      this.#finds.set(key, { place: this.#place, flock, canary, forms, at: first, times });
    }
  }

  get all(): Find[] {
    return [...this.#finds.values()];
  }
}
