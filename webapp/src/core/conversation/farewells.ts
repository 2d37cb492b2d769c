/**
 * Proofs that conversations ended here, for whoever does not know it yet: each is said at once,
 * said again in case it is lost, and for a while in answer to whoever still talks in a channel
 * that is wiped here. So both sides end alike.
 *
 * A proof says only that this side left, or gave the other up; it holds no key.
 */
import { Alarm } from '../alarm.ts';
import type { Bytes } from '../bytes.ts';
import { Channel } from '../crypto/channel.ts';
import type { Link } from '../link/driver.ts';
import type { Clock, Random } from '../ports.ts';
import type { PeerFrame } from '../wire/frames.ts';
import type { UserId } from '../wire/ids.ts';
import { newFrameId } from './recent-ids.ts';
import { raised, type Sending, sending, sentAgain } from './sending.ts';

/** How long a late question is answered. */
export const FAREWELL_KEPT_MS = 5 * 60_000;
/** It is said again after 1, 2 and 4 s. */
const LAST_WAIT_MS = 4_000;
/** Whoever asks faster is answered no faster. */
const ANSWER_EVERY_MS = 1_000;
/** Peers whose proof is kept; the oldest leaves first. */
const KEPT_MAX = 20;

type Kept = {
  readonly out: Sending;
  readonly until: number;
  readonly answeredAt: number;
};

export class Farewells {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #kept = new Map<UserId, Kept>();
  readonly #alarm: Alarm;

  constructor({ link, clock, random }: { link: Link; clock: Clock; random: Random }) {
    this.#link = link;
    this.#clock = clock;
    this.#random = random;
    this.#alarm = new Alarm(clock, () => this.#ticked());
  }

  say(peer: UserId, body: Bytes): void {
    const now = this.#clock.now();
    const id = newFrameId(this.#random);
    const frame = { type: 'peer', label: 'message', attempt: 0, peer, id, body } as const;
    this.#link.send(frame);
    this.#kept.delete(peer);
    this.#kept.set(peer, {
      out: sending(frame, now),
      until: now + FAREWELL_KEPT_MS,
      answeredAt: now,
    });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#wind();
  }

  /** A frame of somebody with whom no channel is open here. */
  hear({ peer, label, body }: PeerFrame): void {
    const kept = this.#kept.get(peer);
    const now = this.#clock.now();
    if (kept === undefined || now < kept.answeredAt + ANSWER_EVERY_MS) return;
    // An offer may look like a record; only its label tells them apart.
    if (label === 'ephemeral_key' || Channel.peek(body) === null) return;
    const frame = raised(kept.out.frame);
    this.#link.send(frame);
    this.#kept.set(peer, { ...kept, out: { ...kept.out, frame }, answeredAt: now });
  }

  /** The two have a channel again: the one before it is nobody's question. */
  forget(peer: UserId): void {
    this.#kept.delete(peer);
    this.#wind();
  }

  clear(): void {
    this.#kept.clear();
    this.#wind();
  }

  #ticked(): void {
    const now = this.#clock.now();
    for (const [peer, kept] of this.#kept) {
      if (now >= kept.until) this.#kept.delete(peer);
      else if (isRepeated(kept)) this.#repeat(peer, kept, now);
    }
    this.#wind();
  }

  #repeat(peer: UserId, kept: Kept, now: number): void {
    const out = sentAgain(kept.out, now);
    if (out === null) return;
    this.#link.send(out.frame);
    this.#kept.set(peer, { ...kept, out });
  }

  #wind(): void {
    const due = [...this.#kept.values()].map((kept) =>
      isRepeated(kept) ? Math.min(kept.out.againAt, kept.until) : kept.until,
    );
    this.#alarm.wind(due.length === 0 ? null : Math.min(...due));
  }
}

function isRepeated({ out }: Kept): boolean {
  return out.waitMs <= LAST_WAIT_MS;
}
