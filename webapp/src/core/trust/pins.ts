/**
 * Trust on first use: the first key of a peer is pinned, another one blocks until it is accepted.
 * Pins belong to an account, not to a browser.
 */
import type { PinStore } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';

type Verdict =
  | { readonly is: 'firstUse' }
  | { readonly is: 'known' }
  /** Not the pinned one: no word is exchanged until the person accepts it. */
  | { readonly is: 'changed'; readonly pinned: string };

function judge(pinned: string | null, offered: string): Verdict {
  if (pinned === null) return { is: 'firstUse' };
  return pinned === offered ? { is: 'known' } : { is: 'changed', pinned };
}

/** The pins of one account. */
export class Pins {
  readonly #store: PinStore;
  readonly #account: UserId;

  constructor(store: PinStore, account: UserId) {
    this.#store = store;
    this.#account = account;
  }

  async check(peer: UserId, fingerprint: string): Promise<Verdict> {
    return judge(await this.#store.load(this.#account, peer), fingerprint);
  }

  /** From here on this is the peer's key. */
  trust(peer: UserId, fingerprint: string): Promise<void> {
    return this.#store.save(this.#account, peer, fingerprint);
  }
}
