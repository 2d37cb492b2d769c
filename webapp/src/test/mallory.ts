/**
 * A relay with a mind of its own: stands between two people, shakes hands with each of them with
 * the real code, and passes on in one channel what it reads in the other.
 */
import type { Bytes } from '../core/bytes.ts';
import { decodeRecord, encodeRecord } from '../core/conversation/records.ts';
import type { Channel } from '../core/crypto/channel.ts';
import { Answer, type Confirmation, Offer, type Parties } from '../core/crypto/handshake.ts';
import { signerOf } from '../core/crypto/identity.ts';
import { readMessage } from '../core/crypto/messages.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type { StoredIdentity } from '../core/ports.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import type { UserId } from '../core/wire/ids.ts';
import { anIdentity, DEPLOYMENT, frameId } from './builders.ts';
import { seededRandom } from './seeded-random.ts';

type Say = (to: UserId, frame: PeerFrame) => void;

/** Whose keys Mallory proves to have: her own, whoever she claims to be. */
export class Mallory {
  readonly publicKey: Bytes;
  /** What she read. */
  readonly read: string[] = [];
  readonly #identity: StoredIdentity;
  readonly #random = seededRandom(666);
  readonly #say: Say;
  readonly #caller: { readonly id: UserId; readonly publicKey: Bytes };
  readonly #answerer: { readonly id: UserId; readonly publicKey: Bytes };
  #answer: Answer | null = null;
  #offer: Offer | null = null;
  #confirmation: Confirmation | null = null;
  #toCaller: Channel | null = null;
  #toAnswerer: Channel | null = null;
  #last: Promise<void> = Promise.resolve();
  #made = 0;

  private constructor(
    identity: StoredIdentity,
    people: { caller: Person; answerer: Person },
    say: Say,
  ) {
    this.#identity = identity;
    this.publicKey = identity.publicKey;
    this.#caller = people.caller;
    this.#answerer = people.answerer;
    this.#say = say;
  }

  static async between(people: { caller: Person; answerer: Person }, say: Say): Promise<Mallory> {
    return new Mallory(await anIdentity(666), people, say);
  }

  /** Takes what one of them sent to the other; nothing of it goes further as it is. */
  hear(from: UserId, frame: PeerFrame): void {
    this.#last = this.#last.then(() =>
      from === this.#caller.id ? this.#hearCaller(frame) : this.#hearAnswerer(frame),
    );
    // Whatever they refuse, or she cannot open, ends there.
    this.#last = this.#last.catch(() => {});
  }

  async #hearCaller(frame: PeerFrame): Promise<void> {
    const to = this.#caller.id;
    if (frame.label !== 'ephemeral_key') return this.#pass(frame, this.#toCaller, this.#toAnswerer);
    switch (readMessage(frame.body)?.step) {
      case 'offer': {
        if (this.#answer !== null) return;
        const parties = this.#as(this.#answerer.id, this.#caller);
        this.#answer = await Answer.to(frame.body, parties, this.#random);
        this.#send(to, 'ephemeral_key', this.#answer.message);
        this.#offer = await Offer.make(this.#as(this.#caller.id, this.#answerer), this.#random);
        this.#send(this.#answerer.id, 'ephemeral_key', this.#offer.message);
        return;
      }
      case 'confirmation': {
        if (this.#answer === null || this.#toCaller !== null) return;
        const { channel, message } = await this.#answer.confirm(frame.body);
        this.#toCaller = channel;
        this.#send(to, 'session_established', message);
        return;
      }
      default:
        return;
    }
  }

  async #hearAnswerer(frame: PeerFrame): Promise<void> {
    const to = this.#answerer.id;
    const step = readMessage(frame.body)?.step;
    if (frame.label === 'ephemeral_key' && step === 'answer') {
      if (this.#offer === null || this.#confirmation !== null) return;
      this.#confirmation = await this.#offer.accept(frame.body);
      this.#send(to, 'ephemeral_key', this.#confirmation.message);
    } else if (frame.label === 'session_established') {
      if (this.#confirmation === null || this.#toAnswerer !== null) return;
      this.#toAnswerer = await this.#confirmation.finish(frame.body);
    } else await this.#pass(frame, this.#toAnswerer, this.#toCaller);
  }

  async #pass(frame: PeerFrame, from: Channel | null, into: Channel | null): Promise<void> {
    if (from === null || into === null) return;
    const opened = await from.open(frame, frame.body);
    if (opened.is !== 'opened') return;
    const record = decodeRecord(opened.lane, opened.content);
    if (record === null) return;
    if (record.is === 'text') this.read.push(record.text);
    const { body } = await into.seal(opened.lane, frame, encodeRecord(record));
    const to = into === this.#toCaller ? this.#caller.id : this.#answerer.id;
    this.#say(to, { ...frame, body });
  }

  /** What she needs to pose as somebody: that one's name, and her own keys. */
  #as(id: UserId, peer: Person): Parties {
    const self = { id, signer: signerOf(noble, this.#identity) };
    return { deployment: DEPLOYMENT, primitives: noble, self, peer };
  }

  #send(to: UserId, label: 'ephemeral_key' | 'session_established', body: Bytes): void {
    this.#made += 1;
    const id = frameId(this.#made);
    this.#say(to, { type: 'peer', label, attempt: 0, peer: to, id, body });
  }
}

type Person = { readonly id: UserId; readonly publicKey: Bytes };
