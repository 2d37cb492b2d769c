/** How often one person may ring anew: each offer that is answered costs a handshake. */
import type { PeerFrame } from '../wire/frames.ts';
import type { FrameId, UserId } from '../wire/ids.ts';

export const OFFERS_MAX = 6;
export const OFFERS_WINDOW_MS = 60_000;
/** People whose offers are counted; the oldest is forgotten first. */
const PEOPLE_MAX = 1_024;

type Heard = { readonly id: FrameId; readonly at: number };

export class OfferLimit {
  readonly #heard = new Map<UserId, readonly Heard[]>();

  /** Whether this offer is heard. One that is said again is the same one. */
  admits({ peer, id }: PeerFrame, now: number): boolean {
    const before = this.#heard.get(peer) ?? [];
    const recent = before.filter(({ at }) => now < at + OFFERS_WINDOW_MS);
    if (recent.some((offer) => offer.id === id)) return true;
    if (recent.length >= OFFERS_MAX) return false;
    this.#heard.delete(peer);
    this.#heard.set(peer, [...recent, { id, at: now }]);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > PEOPLE_MAX && oldest !== undefined) this.#heard.delete(oldest);
    return true;
  }
}
