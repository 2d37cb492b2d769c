/**
 * Proofs that conversations ended here, for whoever does not know it yet: each is said at once,
 * said again in case it is lost, and for a while in answer to whoever still talks in a channel
 * that is wiped here. So both sides end alike.
 *
 * Without a link nothing is said, and so nothing is counted as said: it waits for the link, which
 * hurries as long as the peer may still be waiting for us.
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
  /** The last time that it was due there was no link. */
  readonly isUnsaid: boolean;
  readonly until: number;
  readonly answeredAt: number;
};

type World = {
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a peer waits for us before it gives us up. */
  readonly resumeWindowMs: number;
};

export class Farewells {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #resumeWindowMs: number;
  readonly #kept = new Map<UserId, Kept>();
  readonly #alarm: Alarm;
  #connection: number | null;
  #lostAt: number | null = null;

  constructor({ link, clock, random, resumeWindowMs }: World) {
    this.#link = link;
    this.#clock = clock;
    this.#random = random;
    this.#resumeWindowMs = resumeWindowMs;
    this.#alarm = new Alarm(clock, () => this.#ticked());
    this.#connection = link.connection;
    link.subscribe(() => this.#linkChanged());
    link.hurryWhile(() => this.#isAwaited());
  }

  say(peer: UserId, body: Bytes): void {
    const now = this.#clock.now();
    const id = newFrameId(this.#random);
    const frame = { type: 'peer', label: 'message', attempt: 0, peer, id, body } as const;
    const isUnsaid = !this.#link.send(frame);
    this.#kept.delete(peer);
    this.#kept.set(peer, {
      out: sending(frame, now),
      isUnsaid,
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
    this.#kept.set(peer, {
      ...kept,
      out: { ...kept.out, frame },
      answeredAt: now,
      isUnsaid: false,
    });
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
      else if (isRepeated(kept) && !kept.isUnsaid) this.#repeat(peer, kept, now);
    }
    this.#wind();
  }

  #repeat(peer: UserId, kept: Kept, now: number): void {
    const out = sentAgain(kept.out, now);
    if (out === null) return;
    const isSaid = this.#link.send(out.frame);
    this.#kept.set(peer, isSaid ? { ...kept, out } : { ...kept, isUnsaid: true });
  }

  /** What the link before may have lost is begun anew over the next one. */
  #linkChanged(): void {
    const { connection } = this.#link;
    if (connection === this.#connection) return;
    this.#connection = connection;
    const now = this.#clock.now();
    this.#lostAt = connection === null ? now : null;
    if (connection === null) return;
    for (const [peer, kept] of this.#kept) {
      if (!isRepeated(kept)) continue;
      const out = sending(raised(kept.out.frame), now);
      this.#kept.set(peer, { ...kept, out, isUnsaid: !this.#link.send(out.frame) });
    }
    this.#wind();
  }

  /** A peer that has not heard it waits for us from the moment that our link was lost. */
  #isAwaited(): boolean {
    const now = this.#clock.now();
    if (now >= (this.#lostAt ?? now) + this.#resumeWindowMs) return false;
    return [...this.#kept.values()].some(({ isUnsaid }) => isUnsaid);
  }

  #wind(): void {
    const due = [...this.#kept.values()].map((kept) =>
      isRepeated(kept) && !kept.isUnsaid ? Math.min(kept.out.againAt, kept.until) : kept.until,
    );
    this.#alarm.wind(due.length === 0 ? null : Math.min(...due));
  }
}

function isRepeated({ out }: Kept): boolean {
  return out.waitMs <= LAST_WAIT_MS;
}
