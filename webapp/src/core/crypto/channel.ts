/**
 * The channel two browsers agreed on: seals records, opens them, and turns its keys.
 *
 * Two lanes a direction. Lane 1 is whole and in order: its counters run over the whole channel, and
 * only the next record opens. Lane 0 is lossy: any newer record opens, and the keys of skipped ones
 * are wiped. Every record has a key of its own (`chain.ts`); turns are in `ratchet.ts`, bytes in
 * `record-layout.ts`. What to send again, and when to turn, is decided elsewhere.
 *
 * Nothing a forger writes moves anything: keys are tried first, and steps taken after.
 */
import type { Bytes } from '../bytes.ts';
import type { Random } from '../ports.ts';
import { keyAt, stepPast } from './chain.ts';
import { type Farewell, type Farewells, farewellAmong, farewellsFrom } from './farewell.ts';
import type { Signer } from './identity.ts';
import { derive } from './key-schedule.ts';
import {
  begin,
  checkTurn,
  directionFrom,
  epochKeys,
  makeTurn,
  other,
  type Part,
  type Ratchet,
  type Receiving,
  type TurnGround,
} from './ratchet.ts';
import { judge } from './receiving.ts';
import {
  CONTENT_BYTES_MAX,
  type Inside,
  type Lane,
  type Outside,
  opened,
  PLACES_MAX,
  type Place,
  placeOf,
  sealed,
  type Way,
} from './record-layout.ts';
import { scoped, wipe, wipeAll } from './secrets.ts';
import type { Primitives } from './suite/primitives.ts';

export type Opened =
  | {
      readonly is: 'opened';
      readonly lane: Lane;
      readonly counter: number;
      readonly content: Bytes;
    }
  /** The peer's turn: genuine and taken, with nothing to show. */
  | { readonly is: 'turned'; readonly counter: number }
  /** Opened before, or overtaken on a lane that may lose. Not authenticated. */
  | { readonly is: 'repeat'; readonly lane: Lane }
  /** Something before it is missing: to be held and tried again. Not authenticated. */
  | { readonly is: 'early'; readonly lane: Lane; readonly counter: number }
  /** Not sealed by the peer for this place. */
  | { readonly is: 'forged' };

export type Sealed = { readonly counter: number; readonly body: Bytes };

const FORGED = { is: 'forged' } as const;

/** What a channel is made of besides keys. */
type About = {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly self: { readonly signer: Signer };
  readonly peer: { readonly publicKey: Bytes };
  readonly role: 'A' | 'B';
  readonly code: readonly number[];
};

/** All that is secret about a channel, as plain data, so that wiping and looking miss nothing. */
type Secrets = {
  readonly channelId: Bytes;
  readonly ratchet: Ratchet;
  readonly farewells: Farewells;
  readonly peerFarewells: Farewells;
};

/** A record whose header was believed so far. */
type Arrived = { readonly outside: Outside; readonly body: Bytes; readonly counter: number };

export class Channel {
  readonly role: 'A' | 'B';
  /** Names this channel in what is sealed beside it: the chunks of files. */
  readonly id: Bytes;
  /** Seven numbers from 0 to 63, the same on both sides unless somebody stands between. */
  readonly shortCode: readonly number[];
  /** Whole frame bodies that can be sent without an await. They outlive `erase`. */
  readonly farewells: Farewells;
  readonly #ground: TurnGround;
  readonly #random: Random;
  readonly #secrets: Secrets;
  #erased = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(about: About, secrets: Secrets) {
    const { primitives, self, peer, role } = about;
    const { channelId } = secrets;
    this.role = role;
    this.id = channelId.slice();
    this.shortCode = about.code;
    const { left, cutOff } = secrets.farewells;
    this.farewells = { left: left.slice(), cutOff: cutOff.slice() };
    this.#ground = {
      primitives,
      channelId,
      role,
      signer: self.signer,
      peerKey: peer.publicKey,
    };
    this.#random = about.random;
    this.#secrets = secrets;
  }

  /** For the handshake only: the keys of a channel come from nowhere else. */
  static async derive(
    about: About,
    { master, th4, part }: { readonly master: Bytes; readonly th4: Bytes; readonly part: Part },
  ): Promise<Channel> {
    const { primitives, role } = about;
    const channelId = await derive(primitives, master, 'channel id', th4);
    const ratchet = begin(role, await epochKeys(primitives, master, th4), part);
    const farewells = await farewellsFrom(primitives, { master, th4, role });
    const peerFarewells = await farewellsFrom(primitives, { master, th4, role: other(role) });
    return new Channel(about, { channelId, ratchet, farewells, peerFarewells });
  }

  /** What a body says it is, before it is opened: whoever wrote it. `null` for what is no record. */
  static peek(body: Bytes): Place | null {
    return placeOf(body);
  }

  /**
   * A copy of all that a thief of this side's memory would find. For the tests that show how little
   * it is worth; nothing else may call it.
   */
  static captured(channel: Channel): Secrets {
    return structuredClone(channel.#secrets);
  }

  get epoch(): number {
    return this.#secrets.ratchet.epoch;
  }

  /** Whether this side is the one that ends the present epoch. */
  get mayTurn(): boolean {
    return !this.#erased && this.#secrets.ratchet.part.is === 'turns';
  }

  /** Which of the peer's farewells a body is; `null` if none. */
  farewellOf(body: Bytes): Farewell | null {
    return this.#erased ? null : farewellAmong(this.#secrets.peerFarewells, body);
  }

  /** Seals a record at the next place of a lane. */
  seal(lane: Lane, outside: Outside, content: Bytes): Promise<Sealed> {
    return this.#inTurn(({ ratchet }) => {
      if (content.length > CONTENT_BYTES_MAX) throw new RangeError('too much for one record');
      return this.#seal(ratchet, lane, outside, { is: 'content', bytes: content });
    });
  }

  /** Ends the epoch: seals the turn on lane 1 and steps. The record must reach the peer. */
  sealTurn(outside: Outside): Promise<Sealed> {
    return this.#inTurn(async ({ ratchet }) => {
      const turn = await makeTurn(this.#ground, ratchet, this.#random);
      const record = await this.#seal(ratchet, 1, outside, { is: 'turn', bytes: turn.content });
      turn.take(ratchet);
      return record;
    });
  }

  /** Never rejects because of what was in the body. */
  open(outside: Outside, body: Bytes): Promise<Opened> {
    return this.#inTurn(async ({ ratchet }): Promise<Opened> => {
      const place = placeOf(body);
      if (place === null) return FORGED;
      const { lane, counter } = place;
      const judged = judge(ratchet, place);
      switch (judged.is) {
        case 'open':
          return lane === 1
            ? this.#openTalk(ratchet, judged.receiving, { outside, body, counter })
            : this.#openControl(ratchet, judged.receiving, { outside, body, counter });
        case 'repeat':
          return { is: 'repeat', lane };
        case 'early':
          return { is: 'early', lane, counter };
        case 'forged':
          return FORGED;
      }
    }, FORGED);
  }

  /** Wipes every key. Nothing is sealed or opened after. */
  erase(): void {
    this.#erased = true;
    wipeAll(this.#secrets);
  }

  async #seal(
    { epoch, sending }: Ratchet,
    lane: Lane,
    outside: Outside,
    inside: Inside,
  ): Promise<Sealed> {
    const chain = lane === 1 ? sending.talk : sending.control;
    const counter = chain.next;
    if (counter >= PLACES_MAX) throw new Error('the channel has sealed all it may');
    const { primitives } = this.#ground;
    const key = await keyAt(primitives, chain, counter);
    // Passed before it is used: whatever happens then, the key seals nothing else.
    await stepPast(primitives, chain, counter);
    const place = { lane, epoch, counter };
    const body = await sealed(this.#way(this.role), key, { place, outside }, inside);
    wipe(key);
    return { counter, body };
  }

  async #openTalk(ratchet: Ratchet, receiving: Receiving, record: Arrived): Promise<Opened> {
    const { counter } = record;
    const { primitives } = this.#ground;
    const inside = await this.#tried(receiving.talk, receiving.talk.next, record);
    if (inside === null) return FORGED;
    if (inside.is === 'turn') {
      const take =
        receiving.epoch === ratchet.epoch
          ? await checkTurn(this.#ground, ratchet, inside.bytes)
          : null;
      if (take === null) return FORGED;
      take(ratchet);
      ratchet.talkNext = counter + 1;
      return { is: 'turned', counter };
    }
    await stepPast(primitives, receiving.talk, receiving.talk.next);
    ratchet.talkNext = counter + 1;
    // Lane 1 is in order, so its sender has left every epoch before this one.
    const left = ratchet.receiving.filter(({ epoch }) => epoch < receiving.epoch);
    wipeAll(left);
    ratchet.receiving = ratchet.receiving.filter(({ epoch }) => epoch >= receiving.epoch);
    return { is: 'opened', lane: 1, counter, content: inside.bytes };
  }

  async #openControl(ratchet: Ratchet, receiving: Receiving, record: Arrived): Promise<Opened> {
    const { counter } = record;
    const { control } = receiving;
    if (control === null) return FORGED;
    const inside = await this.#tried(control, counter, record);
    if (inside?.is !== 'content') return FORGED;
    await stepPast(this.#ground.primitives, control, counter);
    for (const older of ratchet.receiving) {
      if (older.epoch >= receiving.epoch) continue;
      wipeAll(older.control);
      older.control = null;
    }
    return { is: 'opened', lane: 0, counter, content: inside.bytes };
  }

  #tried(
    chain: Parameters<typeof keyAt>[1],
    at: number,
    { body, outside }: Arrived,
  ): Promise<Inside | null> {
    return scoped(async (own) => {
      const key = own(await keyAt(this.#ground.primitives, chain, at));
      return opened(this.#way(other(this.role)), key, body, outside);
    });
  }

  #way(from: 'A' | 'B'): Way {
    const { primitives, channelId } = this.#ground;
    return { primitives, channelId, direction: directionFrom(from) };
  }

  /** A step that was under way meets wiped keys and may fail at them, which says nothing of the peer. */
  async #unlessErased<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (fault) {
      if (!this.#erased) throw fault;
      return undefined;
    }
  }

  /** One after another, so that no two ever meet the same keys. */
  #inTurn<T>(work: (secrets: Secrets) => Promise<T>, afterErasing?: T): Promise<T> {
    const run = this.#last.then(async () => {
      const result = this.#erased ? undefined : await this.#unlessErased(work(this.#secrets));
      if (result !== undefined && !this.#erased) return result;
      // A step that was under way worked with wiped keys, and may have put others in their place.
      wipeAll(this.#secrets);
      if (afterErasing !== undefined) return afterErasing;
      throw new Error('the channel is erased');
    });
    this.#last = run.catch(() => {});
    return run;
  }
}
