/**
 * What befalls a network while two people talk: drawn from a seed, done at its time. Knows when
 * the weather is fair, so that a simulation can tell what must survive from what need not.
 */
import type { Random } from '../core/ports.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { CONTROL_CODES } from '../core/wire/generated.ts';
import { frameIdBytes, type UserId, userIdBytes } from '../core/wire/ids.ts';
import type { Way } from './lagging-network.ts';
import type { ManualClock } from './manual-clock.ts';
import type { Relayed, TestServer } from './test-server.ts';

type During = { readonly forMs: number };
type Whose = { readonly whose: 0 | 1 };

export type Fault = { readonly at: number } & (
  | ({ readonly is: 'lose'; readonly chance: number } & During)
  | ({ readonly is: 'double'; readonly chance: number } & During)
  /** Frames take longer, each another time: they overtake one another, and connections. */
  | ({ readonly is: 'scatter'; readonly byMs: number } & During)
  | ({ readonly is: 'refuse' } & During)
  | ({ readonly is: 'freeze' } & During & Whose)
  /** A broken wire, and nobody lets this person in for a while. */
  | ({ readonly is: 'cut'; readonly noticedAfterMs: number } & During & Whose)
  /** The server sends this person elsewhere. */
  | ({ readonly is: 'move' } & Whose)
  /** The server says that this person has gone, or come, who has not. */
  | ({ readonly is: 'rumour'; readonly gone: boolean } & Whose)
);

const MOVED = 1012;
/** A fault that nobody waits out. */
export const FOR_GOOD_MS = 10 * 60_000;

export function drawFault(random: Random, withinMs: number): Fault {
  const at = Math.floor(random.fraction() * withinMs);
  const whose = random.fraction() < 0.5 ? 0 : 1;
  const forMs = Math.floor(random.fraction() * 2_500);
  const chance = 0.2 + 0.8 * random.fraction();
  switch (Math.floor(random.fraction() * 8)) {
    case 0:
      return { at, is: 'double', chance, forMs };
    case 1:
      return { at, is: 'scatter', byMs: 50 + Math.floor(random.fraction() * 3_000), forMs };
    case 2:
      return { at, is: 'refuse', forMs: Math.min(forMs, 600) };
    case 3:
      return { at, is: 'freeze', whose, forMs: forMs * 2 };
    case 4:
      return { at, is: 'cut', whose, forMs, noticedAfterMs: Math.floor(random.fraction() * 4_000) };
    case 5:
      return { at, is: 'move', whose };
    case 6:
      return { at, is: 'rumour', whose, gone: random.fraction() < 0.7 };
    default:
      return { at, is: 'lose', chance, forMs };
  }
}

export class Weather {
  readonly #clock: ManualClock;
  readonly #random: Random;
  readonly #server: TestServer;
  readonly #people: readonly [UserId, UserId];
  readonly #ways: readonly [Way, Way];
  readonly #until = { lose: 0, double: 0, scatter: 0, refuse: 0 };
  #loseChance = 0;
  #doubleChance = 0;
  #scatterMs = 0;
  #foulUntil = 0;

  constructor(
    { clock, random, server }: { clock: ManualClock; random: Random; server: TestServer },
    people: readonly [UserId, UserId],
    ways: readonly [Way, Way],
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#server = server;
    this.#people = people;
    this.#ways = ways;
    server.meddle = (relayed) => this.#meddle(relayed);
  }

  /** No fault is at work at this moment. */
  get isFair(): boolean {
    return this.#clock.now() >= this.#foulUntil;
  }

  /** Whatever lasts is over. */
  clear(): void {
    Object.assign(this.#until, { lose: 0, double: 0, scatter: 0, refuse: 0 });
    for (const way of this.#ways) way.closedUntil = 0;
    this.#foulUntil = this.#clock.now();
  }

  befall(fault: Fault): void {
    const now = this.#clock.now();
    const until = now + ('forMs' in fault ? fault.forMs : 0);
    this.#foulUntil = Math.max(this.#foulUntil, until);
    switch (fault.is) {
      case 'lose':
        this.#until.lose = until;
        this.#loseChance = fault.chance;
        return;
      case 'double':
        this.#until.double = until;
        this.#doubleChance = fault.chance;
        return;
      case 'scatter':
        this.#until.scatter = until;
        this.#scatterMs = fault.byMs;
        this.#foulUntil = Math.max(this.#foulUntil, until + fault.byMs);
        return;
      case 'refuse':
        this.#until.refuse = until;
        return;
      case 'freeze':
        this.#ways[fault.whose].frozenUntil = until;
        return;
      case 'cut':
        this.#ways[fault.whose].closedUntil = until;
        this.#ways[fault.whose].cut(fault.noticedAfterMs);
        this.#foulUntil = Math.max(this.#foulUntil, now + fault.noticedAfterMs);
        return;
      case 'move':
        this.#server.cut(this.#people[fault.whose], MOVED);
        return;
      case 'rumour': {
        const [about, told] = fault.whose === 0 ? this.#people : [this.#people[1], this.#people[0]];
        const code = fault.gone ? CONTROL_CODES.peer_disconnected : CONTROL_CODES.peer_online;
        this.#server.tell(told, code, { peer_id: userIdBytes(about) });
        return;
      }
    }
  }

  #meddle({ from, to, frame }: Relayed): readonly PeerFrame[] {
    const now = this.#clock.now();
    if (now < this.#until.refuse) {
      const fields = { code: 'BUS_AWAY', id: frameIdBytes(frame.id) };
      this.#server.tell(from, CONTROL_CODES.error, fields);
      return [];
    }
    if (now < this.#until.lose && this.#random.fraction() < this.#loseChance) return [];
    const isDouble = now < this.#until.double && this.#random.fraction() < this.#doubleChance;
    const frames = isDouble ? [frame, frame] : [frame];
    if (now >= this.#until.scatter) return frames;
    for (const each of frames) {
      const delayMs = this.#random.fraction() * this.#scatterMs;
      this.#clock.after(delayMs, () => this.#server.inject(to, each));
    }
    return [];
  }
}
