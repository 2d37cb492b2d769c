/** Performs what the machine of a file on its way out asks for: reading, sealing, sending. */
import { giveBack } from '../bytes.ts';
import type { FileSource } from '../ports.ts';
import type { FileLabel } from '../wire/codes.ts';
import type { SentFileFrame } from '../wire/frames.ts';
import {
  chunkCount,
  endOf,
  FILE_KEY_BYTES,
  type FileHeader,
  type FileMeta,
  PREFIX_BYTES,
} from './header.ts';
import { channelLaneOf, type TransferRecord } from './records.ts';
import {
  type Flight,
  flightBytes,
  type Sending,
  type SendingEffect,
  type SendingEvent,
  sendingDeadline,
  sendingTransition,
} from './sending.ts';
import { ChunkSealer, headOf } from './stream.ts';
import { shownSending, type TransferView } from './view.ts';
import { type Around, drawFrameId } from './world.ts';

export class Outgoing {
  readonly meta: FileMeta;
  readonly shape: { readonly lane: number; readonly size: number; readonly chunkBytes: number };
  readonly #around: Around;
  #state: Sending = { at: 'queued' };
  readonly #at: number;
  /** Kept when it was sent: whoever sent it may look at it. */
  #source: FileSource | null;
  #sealer: ChunkSealer | null = null;

  constructor(around: Around, lane: number, source: FileSource, meta: FileMeta) {
    this.#around = around;
    this.#at = around.world.clock.wall();
    this.#source = source;
    this.meta = meta;
    this.shape = { lane, size: meta.size, chunkBytes: around.world.chunkBytes };
  }

  get state(): Sending {
    return this.#state;
  }

  /** `null` once the conversation is over. */
  get file(): FileSource | null {
    return this.#source;
  }

  get isOver(): boolean {
    return this.#state.at === 'delivered' || this.#state.at === 'ended';
  }

  /** Whether it would send if less were waiting in the socket. */
  get isHeldUp(): boolean {
    return this.#state.at === 'moving' && this.#state.lookAt !== null;
  }

  get isRead(): boolean {
    return this.#state.at === 'delivered' && this.#state.isRead;
  }

  /** Of the chunks that are kept until they are acknowledged. */
  get heldBytes(): number {
    const flights = this.#state.at === 'moving' ? this.#state.flights : [];
    return flights.reduce((sum, { chunk }) => sum + flightBytes(this.shape, chunk), 0);
  }

  deadline(up: boolean): number | null {
    return sendingDeadline(this.#state, up);
  }

  view(now: number): TransferView {
    return {
      ...this.meta,
      id: this.shape.lane,
      by: 'me',
      at: this.#at,
      ...shownSending(this.#state, this.shape, now),
    };
  }

  dispatch(event: SendingEvent): void {
    const before = this.#state;
    const moment = this.#around.moment();
    const [state, effects] = sendingTransition(before, event, this.shape, moment);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state === before) return;
    forgetArrived(before, state);
    const isProgress = state.at === before.at && event.type !== 'pause' && event.type !== 'read';
    this.#around.stepped(isProgress ? 'progress' : 'stage');
  }

  /** Says nothing more, and lets go of key and file. */
  wipe(): void {
    this.#state = { at: 'ended', why: 'cancelled', by: 'me' };
    this.#release();
    this.#source = null;
  }

  #perform(effect: SendingEffect): void {
    switch (effect.do) {
      case 'announce':
        this.#later(() => this.#announce());
        return;
      case 'read':
        this.#later(() => this.#read(effect.chunk));
        return;
      case 'send':
        this.#send(effect.flight);
        return;
      case 'say':
        this.#say(effect.record);
        return;
      case 'end':
        this.#end();
        return;
      case 'release':
        this.#release();
        return;
    }
  }

  /** What comes of it is an event, even if it is nothing. */
  #later(work: () => Promise<SendingEvent | null>): void {
    const done = work()
      .catch((): SendingEvent => ({ type: 'failed' }))
      .then((event) => event && this.dispatch(event));
    this.#around.awaits(done.then(() => undefined));
  }

  async #announce(): Promise<SendingEvent | null> {
    const { primitives, random, channel } = this.#around.world;
    const header: FileHeader = {
      ...this.meta,
      ...this.shape,
      fileKey: random.bytes(FILE_KEY_BYTES),
      prefix: random.bytes(PREFIX_BYTES),
    };
    const place = { channelId: channel.id, sender: channel.role };
    const sealer = await ChunkSealer.make(primitives, place, header);
    if (this.#state.at !== 'announcing') {
      sealer.erase();
      return null;
    }
    this.#sealer = sealer;
    this.#say({ is: 'fileStart', header });
    this.#signpost('file_start', 0);
    return { type: 'announced' };
  }

  async #read(chunk: number): Promise<SendingEvent | null> {
    const { size, chunkBytes } = this.shape;
    if (this.#source === null || this.#sealer === null) return null;
    const plain = await this.#source.slice(chunk * chunkBytes, endOf({ size, chunkBytes }, chunk));
    // Asked again: the transfer may have ended while the file was read.
    const done = await this.#sealer?.seal(plain);
    if (done === undefined) return null;
    const id = drawFrameId(this.#around.world.random);
    return { type: 'sealed', chunk: done.chunk, id, body: done.sealed };
  }

  #send({ chunk, id, body, attempt }: Flight): void {
    const head = headOf({ lane: this.shape.lane, chunk });
    this.#frame('file_chunk', { id, index: chunk, attempt, head, body });
  }

  #end(): void {
    if (this.#sealer === null) return;
    this.#say({ is: 'fileEnd', lane: this.shape.lane, hash: this.#sealer.hash() });
    this.#signpost('file_complete', chunkCount(this.shape));
  }

  /** Begin and end in the clear, empty: for the server's metrics, and believed by nobody. */
  #signpost(label: FileLabel, index: number): void {
    const id = drawFrameId(this.#around.world.random);
    this.#frame(label, { id, index, attempt: 0, body: new Uint8Array() });
  }

  #frame(
    label: FileLabel,
    rest: Pick<SentFileFrame, 'id' | 'index' | 'attempt' | 'head' | 'body'>,
  ): void {
    const { peer, send } = this.#around.world;
    send({ type: 'file', label, peer, count: chunkCount(this.shape), ...rest });
  }

  #say(record: TransferRecord): void {
    this.#around.world.say(channelLaneOf(record), record);
  }

  #release(): void {
    this.#sealer?.erase();
    this.#sealer = null;
  }
}

/** What the peer has is never sent again. */
function forgetArrived(before: Sending, after: Sending): void {
  if (before.at !== 'moving') return;
  const first = after.at === 'moving' ? after.acknowledged : Infinity;
  if (first === before.acknowledged) return;
  for (const { chunk, body } of before.flights) if (chunk < first) giveBack(body);
}
