/**
 * Trust on first use: the first key of a peer is pinned, another one blocks until it is accepted,
 * and a person who has compared a key says so. Pins belong to an account, not to a browser.
 *
 *     (none) ─first use─▶ notVerified ─compared─▶ verified
 *                              ▲                     │
 *                              └── another key accepted ──┘
 *
 * What became of a pin is written down and never rewritten. Every change is judged where it is
 * kept, so that two pages of one account do not undo each other.
 */
import { Observable } from '../observable.ts';
import type { Cancel, Clock, Pin, PinChange, PinStore } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';

export type Verdict =
  | { readonly is: 'firstUse' }
  | { readonly is: 'known' }
  | { readonly is: 'verified' }
  /** Not the pinned one: no word is exchanged until the person accepts it. */
  | { readonly is: 'changed'; readonly pinned: string };

/** Changes that are remembered of one peer: the first and the newest. Few people need ten. */
export const HISTORY_MAX = 100;

/** What is asked is not about the key that is pinned: two pages differ, or a key was swapped. */
export class NotPinned extends Error {
  constructor() {
    super('another key is pinned');
  }
}

export function judge(pin: Pin | null, offered: string): Verdict {
  if (pin === null) return { is: 'firstUse' };
  if (pin.fingerprint !== offered) return { is: 'changed', pinned: pin.fingerprint };
  return { is: pin.standing === 'verified' ? 'verified' : 'known' };
}

/** The pins of one account. */
export class Pins {
  readonly #store: PinStore;
  readonly #account: UserId;
  readonly #clock: Pick<Clock, 'wall'>;
  /** What was last seen of each peer that was asked about; replaced with each change. */
  readonly #seen = new Observable<ReadonlyMap<UserId, Pin>>(new Map());

  constructor(store: PinStore, account: UserId, clock: Pick<Clock, 'wall'>) {
    this.#store = store;
    this.#account = account;
    this.#clock = clock;
  }

  subscribe(listener: () => void): Cancel {
    return this.#seen.subscribe(listener);
  }

  /** Reads what is kept of everybody, so that `verifiedPeers` knows them all. */
  async recall(): Promise<void> {
    const kept = await this.#store.all(this.#account);
    // What was seen meanwhile is newer.
    this.#seen.set(new Map([...kept, ...this.#seen.value]));
  }

  /** Whose key was compared, as far as it was read or asked about. */
  get verifiedPeers(): readonly UserId[] {
    return [...this.#seen.value].flatMap(([peer, { standing }]) =>
      standing === 'verified' ? [peer] : [],
    );
  }

  /** What became of a peer's pin, the oldest first; nothing of one that was not asked about. */
  historyOf(peer: UserId): readonly PinChange[] {
    return this.#seen.value.get(peer)?.history ?? [];
  }

  async check(peer: UserId, fingerprint: string): Promise<Verdict> {
    const pin = await this.#store.load(this.#account, peer);
    this.#show(peer, pin);
    return judge(pin, fingerprint);
  }

  /** The first key of a peer, once its holder has proven it. Throws `NotPinned` for a second. */
  async pin(peer: UserId, fingerprint: string): Promise<void> {
    await this.#change(peer, (pin) => {
      if (pin === null) return this.#next(null, { is: 'pinned', fingerprint }, 'notVerified');
      if (pin.fingerprint !== fingerprint) throw new NotPinned();
      return null;
    });
  }

  /** The person has compared the key that blocked and takes it; it is not verified by that. */
  async accept(peer: UserId, fingerprint: string): Promise<void> {
    await this.#change(peer, (pin) => {
      if (pin?.fingerprint === fingerprint) return null;
      const is = pin === null ? 'pinned' : 'accepted';
      return this.#next(pin, { is, fingerprint }, 'notVerified');
    });
  }

  /** The person has compared this key with its holder. Throws `NotPinned` for any other. */
  async confirm(peer: UserId, fingerprint: string): Promise<void> {
    await this.#change(peer, (pin) => {
      if (pin?.fingerprint !== fingerprint) throw new NotPinned();
      if (pin.standing === 'verified') return null;
      return this.#next(pin, { is: 'verified', fingerprint }, 'verified');
    });
  }

  /**
   * A key that this account verified in another browser. Never lowers: a peer with another key
   * here stays as it is, and that is told.
   */
  async take(peer: UserId, fingerprint: string): Promise<'added' | 'raised' | 'same' | 'conflict'> {
    let came: 'added' | 'raised' | 'same' | 'conflict' = 'same';
    await this.#change(peer, (pin) => {
      const verdict = judge(pin, fingerprint);
      came = TAKEN[verdict.is];
      if (came === 'same' || came === 'conflict') return null;
      return this.#next(pin, { is: 'imported', fingerprint }, 'verified');
    });
    return came;
  }

  /** Every peer whose key was compared, and that key. */
  async verified(): Promise<readonly (readonly [peer: UserId, fingerprint: string])[]> {
    const pins = await this.#store.all(this.#account);
    return pins.flatMap(([peer, { fingerprint, standing }]) =>
      standing === 'verified' ? [[peer, fingerprint] as const] : [],
    );
  }

  async #change(peer: UserId, judged: (pin: Pin | null) => Pin | null): Promise<void> {
    this.#show(peer, await this.#store.change(this.#account, peer, judged));
  }

  #next(pin: Pin | null, change: Omit<PinChange, 'at'>, standing: Pin['standing']): Pin {
    const history = [...(pin?.history ?? []), { ...change, at: this.#clock.wall() }];
    return { fingerprint: change.fingerprint, standing, history: bounded(history) };
  }

  #show(peer: UserId, pin: Pin | null): void {
    if (pin !== null) this.#seen.set(new Map(this.#seen.value).set(peer, pin));
  }
}

const TAKEN = {
  firstUse: 'added',
  known: 'raised',
  verified: 'same',
  changed: 'conflict',
} as const;

/** How it began stays; of the rest the newest. */
function bounded(history: readonly PinChange[]): readonly PinChange[] {
  if (history.length <= HISTORY_MAX) return history;
  return [...history.slice(0, 1), ...history.slice(1 - HISTORY_MAX)];
}
