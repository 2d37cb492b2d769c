/**
 * Who is here, as far as it was told: the server tells it of people that this page has said
 * something to of late, and nobody asks for it. Who was not told of is neither here nor away.
 */
import { Observable } from '../observable.ts';
import type { Cancel } from '../ports.ts';
import type { ServerFrame } from '../wire/frames.ts';
import type { UserId } from '../wire/ids.ts';

export type Presence = 'here' | 'away';

/** Twice as many as the server tells of; whoever was told of first is forgotten first. */
const PEOPLE_MAX = 64;

const TELLS = {
  peer: 'here',
  peerOnline: 'here',
  peerOffline: 'away',
  peerDisconnected: 'away',
} as const;

export class Presences {
  readonly #known = new Observable<Readonly<Record<string, Presence>>>({});

  get known(): Readonly<Record<string, Presence>> {
    return this.#known.value;
  }

  subscribe(listener: () => void): Cancel {
    return this.#known.subscribe(listener);
  }

  hear(frame: ServerFrame): void {
    if (!tells(frame)) return;
    const presence = TELLS[frame.type];
    if (this.known[frame.peer] === presence) return;
    const others = Object.entries(this.known).filter(([id]) => id !== frame.peer);
    const kept = [...others.slice(1 - PEOPLE_MAX), [frame.peer, presence]];
    this.#known.set(Object.fromEntries(kept));
  }

  /** Who is not heard is not known to be anywhere. */
  forget(id: UserId): void {
    const others = Object.entries(this.known).filter(([each]) => each !== id);
    this.#known.set(Object.fromEntries(others));
  }

  /** Without a link nothing is told. */
  clear(): void {
    if (Object.keys(this.known).length > 0) this.#known.set({});
  }
}

function tells(frame: ServerFrame): frame is ServerFrame & { type: keyof typeof TELLS } {
  return Object.hasOwn(TELLS, frame.type);
}
