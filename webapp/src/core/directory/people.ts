/**
 * The people that an account remembers in this browser: whom one talked to of late, and who is
 * blocked. Names and nothing else: neither when, nor what.
 */
import { Observable } from '../observable.ts';
import type { Cancel, PeopleList, PeopleStore, Remembered } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';

/** As many as a person looks through without searching. */
export const RECENT_MAX = 12;
/** Far more than anybody blocks by hand; the first one is heard again then. */
export const BLOCKED_MAX = 1_000;

const MAX: Readonly<Record<PeopleList, number>> = { recent: RECENT_MAX, blocked: BLOCKED_MAX };

type Lists = Readonly<Record<PeopleList, readonly Remembered[]>>;

export class People {
  readonly #store: PeopleStore;
  readonly #account: UserId;
  readonly #lists = new Observable<Lists>({ recent: [], blocked: [] });
  #blockedIds: ReadonlySet<UserId> = new Set();
  #stopped = false;

  constructor(store: PeopleStore, account: UserId) {
    this.#store = store;
    this.#account = account;
  }

  /** The newest first. */
  get recent(): readonly Remembered[] {
    return this.#lists.value.recent;
  }

  /** The newest first. */
  get blocked(): readonly Remembered[] {
    return this.#lists.value.blocked;
  }

  subscribe(listener: () => void): Cancel {
    return this.#lists.subscribe(listener);
  }

  /** Another page of this browser may have changed them. */
  async load(): Promise<void> {
    const [recent, blocked] = await Promise.all([
      this.#store.load('recent', this.#account),
      this.#store.load('blocked', this.#account),
    ]);
    this.#show({ recent, blocked });
  }

  isBlocked(id: UserId): boolean {
    return this.#blockedIds.has(id);
  }

  /** Somebody was talked to. */
  async met(person: Remembered): Promise<void> {
    await this.#change('recent', (people) => first(person, people));
  }

  async clearRecent(): Promise<void> {
    await this.#change('recent', () => []);
  }

  /** Not heard from this moment on, whenever that is written down. */
  async block(person: Remembered): Promise<void> {
    await this.#change('blocked', (people) => first(person, people));
    await this.#change('recent', (people) => without(person.id, people));
  }

  async unblock(id: UserId): Promise<void> {
    await this.#change('blocked', (people) => without(id, people));
  }

  /** Nothing is written down any more: the account may be forgotten here. */
  stop(): void {
    this.#stopped = true;
  }

  /** What a person sees does not wait for the storage; what is kept does, page after page. */
  async #change(
    list: PeopleList,
    judge: (people: readonly Remembered[]) => readonly Remembered[],
  ): Promise<void> {
    const judged = (people: readonly Remembered[]) => judge(people).slice(0, MAX[list]);
    this.#show({ ...this.#lists.value, [list]: judged(this.#lists.value[list]) });
    if (!this.#stopped) await this.#store.change(list, this.#account, judged);
  }

  #show(lists: Lists): void {
    this.#blockedIds = new Set(lists.blocked.map(({ id }) => id));
    this.#lists.set(lists);
  }
}

function first({ id, name }: Remembered, people: readonly Remembered[]): readonly Remembered[] {
  return [{ id, name }, ...without(id, people)];
}

function without(id: UserId, people: readonly Remembered[]): readonly Remembered[] {
  return people.filter((each) => each.id !== id);
}
