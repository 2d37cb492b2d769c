/** One search box: the newest question wins, whatever order the answers come in. */
import type { Fault } from '../api.ts';
import { Observable } from '../observable.ts';
import type { Cancel } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';
import type { Directory, Person } from './directory.ts';

type SearchState = {
  readonly query: string;
  readonly people:
    | { readonly is: 'idle' }
    | { readonly is: 'asking' }
    | { readonly is: 'answered'; readonly value: readonly Person[] }
    | { readonly is: 'failed'; readonly fault: Fault };
};

export class Search {
  readonly #directory: Directory;
  readonly #self: UserId;
  readonly #charsMin: number;
  readonly #state = new Observable<SearchState>({ query: '', people: { is: 'idle' } });

  /** Never finds oneself; asks nothing for fewer characters than `charsMin`. */
  constructor(directory: Directory, self: UserId, charsMin: number) {
    this.#directory = directory;
    this.#self = self;
    this.#charsMin = charsMin;
  }

  get state(): SearchState {
    return this.#state.value;
  }

  subscribe(listener: () => void): Cancel {
    return this.#state.subscribe(listener);
  }

  async find(query: string): Promise<void> {
    const wanted = query.trim();
    if ([...wanted].length < this.#charsMin) {
      this.#state.set({ query, people: { is: 'idle' } });
      return;
    }
    const asked: SearchState = { query, people: { is: 'asking' } };
    this.#state.set(asked);
    const found = await this.#directory.find(wanted);
    if (this.#state.value !== asked) return;
    const others = found.ok ? found.value.filter(({ id }) => id !== this.#self) : [];
    const people = found.ok
      ? ({ is: 'answered', value: others } as const)
      : ({ is: 'failed', fault: found.fault } as const);
    this.#state.set({ query, people });
  }
}
