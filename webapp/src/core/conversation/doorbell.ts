/**
 * Who rang and waits for an answer. A ring ends when it is answered, taken back, too old, or when
 * its caller goes away.
 *
 * "It rang" and "declined" are said in the clear: they promise nothing, and a relay that forges
 * them can only delay.
 */
import { Alarm } from '../alarm.ts';
import type { Directory, Person } from '../directory/directory.ts';
import type { Link } from '../link/driver.ts';
import { Observable } from '../observable.ts';
import type { Cancel, Clock, Random } from '../ports.ts';
import type { PeerFrame, ServerFrame } from '../wire/frames.ts';
import { type FrameId, frameIdBytes, frameIdFrom, type UserId } from '../wire/ids.ts';
import { isOffer } from './establishing.ts';
import { RING_WAIT_MS } from './machine.ts';
import { newFrameId, RecentIds } from './recent-ids.ts';

/** People who may wait at once; the oldest ring makes room. */
const RINGS_MAX = 20;

export type Ring = { readonly person: Person; readonly m1: PeerFrame; readonly until: number };

type DoorbellWorld = {
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  /** Whether anybody could be answered: without a key here nobody can. */
  readonly answers: () => boolean;
  /** Whose offers are dropped without a word, as if nobody were here. */
  readonly isBlocked: (person: UserId) => boolean;
};

export class Doorbell {
  readonly #world: DoorbellWorld;
  /** The newest first. */
  readonly #rings = new Observable<readonly Ring[]>([]);
  readonly #declined = new RecentIds();
  /** Offers whose caller's name is being looked up. */
  readonly #asking = new Set<FrameId>();
  readonly #alarm: Alarm;

  constructor(world: DoorbellWorld) {
    this.#world = world;
    this.#alarm = new Alarm(world.clock, () => {
      const now = world.clock.now();
      this.#keep(({ until }) => now < until);
    });
  }

  get rings(): readonly Ring[] {
    return this.#rings.value;
  }

  subscribe(listener: () => void): Cancel {
    return this.#rings.subscribe(listener);
  }

  hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'peer':
        if (isOffer(frame)) void this.ring(frame);
        else if (frame.label === 'declined') this.#withdraw(frame);
        return;
      case 'peerOffline':
      case 'peerDisconnected':
        this.#keep(({ person }) => person.id !== frame.peer);
        return;
      default:
        return;
    }
  }

  /** Takes an offer: the caller hears at once that it rang, also when the offer is said again. */
  async ring(m1: PeerFrame): Promise<void> {
    const { directory, clock, answers, isBlocked } = this.#world;
    if (isBlocked(m1.peer)) return;
    if (this.#declined.has(m1.id) || !answers()) {
      this.#tell('declined', m1);
      return;
    }
    this.#tell('ack', m1);
    const known = this.rings.some((ring) => ring.m1.id === m1.id) || this.#asking.has(m1.id);
    if (known || this.#asking.size >= RINGS_MAX) return;
    const until = clock.now() + RING_WAIT_MS;
    this.#asking.add(m1.id);
    const who = await directory.who(m1.peer);
    // Gone from the set if it was taken back meanwhile.
    if (!this.#asking.delete(m1.id) || !who.ok || isBlocked(m1.peer)) return;
    const others = this.rings.filter(({ person }) => person.id !== m1.peer);
    this.#set([{ person: who.value, m1, until }, ...others].slice(0, RINGS_MAX));
  }

  /** Takes a ring out to answer it; `null` if it has ended. */
  take(person: UserId): Ring | null {
    const ring = this.rings.find((each) => each.person.id === person) ?? null;
    this.#keep((each) => each !== ring);
    return ring;
  }

  decline(person: UserId): void {
    const ring = this.take(person);
    if (ring === null) return;
    this.#declined.add(ring.m1.id);
    this.#tell('declined', ring.m1);
  }

  /** Nobody can be answered any more: a lost connection has ended every call. */
  clear(): void {
    this.#asking.clear();
    this.#set([]);
  }

  #withdraw({ peer, body }: PeerFrame): void {
    const offer = frameIdFrom(body);
    if (offer === null) return;
    this.#asking.delete(offer);
    this.#keep(({ m1 }) => m1.id !== offer || m1.peer !== peer);
  }

  #keep(wanted: (ring: Ring) => boolean): void {
    this.#set(this.rings.filter(wanted));
  }

  #set(rings: readonly Ring[]): void {
    const first = Math.min(...rings.map(({ until }) => until));
    this.#alarm.wind(Number.isFinite(first) ? first : null);
    if (rings.length === 0 && this.rings.length === 0) return;
    this.#rings.set(rings);
  }

  #tell(label: 'ack' | 'declined', m1: PeerFrame): void {
    const { link, random } = this.#world;
    const id = newFrameId(random);
    const body = frameIdBytes(m1.id);
    link.send({ type: 'peer', label, attempt: 0, peer: m1.peer, id, body });
  }
}
