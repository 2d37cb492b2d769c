/**
 * A peer whose browser says whatever a test tells it to: it answers and keeps its channel like any
 * other, but no machine stands between its person and the seal.
 */
import type { Bytes } from '../core/bytes.ts';
import { encodeRecord, laneOf, type Record } from '../core/conversation/records.ts';
import type { Channel } from '../core/crypto/channel.ts';
import { Answer, type Parties } from '../core/crypto/handshake.ts';
import { readMessage } from '../core/crypto/messages.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import type { Label } from '../core/wire/generated.ts';
import { type FrameId, frameIdBytes, frameIdFrom } from '../core/wire/ids.ts';
import { seededRandom } from './seeded-random.ts';

export class Puppet {
  readonly random;
  readonly #parties: Parties;
  readonly #say: (frame: PeerFrame) => void;
  #answer: Answer | null = null;
  #channel: Channel | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parties: Parties, seed: number, say: (frame: PeerFrame) => void) {
    this.#parties = parties;
    this.random = seededRandom(seed);
    this.#say = say;
  }

  get channel(): Channel {
    if (this.#channel === null) throw new Error('there is no channel yet');
    return this.#channel;
  }

  hear(frame: PeerFrame): void {
    this.#last = this.#last.then(() => this.#hear(frame));
  }

  newId(): FrameId {
    const id = frameIdFrom(this.random.bytes(16));
    if (id === null) throw new Error('16 bytes are a frame id');
    return id;
  }

  /** Seals anything in any lane, under any id. */
  async say(
    lane: 0 | 1,
    content: Bytes,
    id = this.newId(),
    label: Label = 'message',
  ): Promise<void> {
    const frame = this.#frame(label, id);
    const { body } = await this.channel.seal(lane, frame, content);
    this.#say({ ...frame, body });
  }

  async tell(record: Record, id?: FrameId): Promise<void> {
    await this.say(laneOf(record), encodeRecord(record), id);
  }

  send(label: Label, body: Bytes, id = this.newId()): void {
    this.#say({ ...this.#frame(label, id), body });
  }

  async #hear(frame: PeerFrame): Promise<void> {
    if (frame.label === 'ephemeral_key') return this.#shake(frame);
    if (this.#channel === null) return;
    const opened = await this.#channel.open(frame, frame.body);
    const isTalk = opened.is === 'turned' || (opened.is === 'opened' && opened.lane === 1);
    if (isTalk) await this.tell({ is: 'ack', next: opened.counter + 1, ahead: null });
  }

  async #shake({ id, body }: PeerFrame): Promise<void> {
    const step = readMessage(body)?.step;
    if (step === 'offer' && this.#answer === null) {
      this.send('ack', frameIdBytes(id));
      this.#answer = await Answer.to(body, this.#parties, this.random);
      this.send('ephemeral_key', this.#answer.message);
    } else if (step === 'confirmation' && this.#answer !== null && this.#channel === null) {
      const { channel, message } = await this.#answer.confirm(body);
      this.#channel = channel;
      this.send('session_established', message);
    }
  }

  #frame(label: Label, id: FrameId): PeerFrame {
    const { peer } = this.#parties;
    return {
      type: 'peer',
      label,
      attempt: 0,
      peer: peer.id,
      id,
      body: new Uint8Array(),
    } as PeerFrame;
  }
}
