/** Performs what the machine of a file on its way in asks for: opening, writing, telling. */
import { type Bytes, equal } from '../bytes.ts';
import type { FileSink, ReceivedFile } from '../ports.ts';
import { chunkCount, type FileHeader, type FileMeta } from './header.ts';
import {
  type OpenedChunk,
  offeredAt,
  type Receiving,
  type ReceivingEffect,
  type ReceivingEvent,
  receivingDeadline,
  receivingTransition,
} from './receiving.ts';
import { channelLaneOf } from './records.ts';
import { type Chunk, ChunkOpener } from './stream.ts';
import { shownReceiving, type TransferView } from './view.ts';
import type { Around } from './world.ts';

export class Incoming {
  readonly meta: FileMeta;
  readonly shape: { readonly lane: number; readonly size: number; readonly chunkBytes: number };
  /** Chunks that did not open: the server's doing, or the peer's. */
  forged = 0;
  readonly #around: Around;
  readonly #at: number;
  #state: Receiving;
  /** Until the opener is made of it. */
  #header: FileHeader | null;
  #opener: ChunkOpener | null = null;
  #sink: FileSink | null = null;
  #file: ReceivedFile | null = null;

  constructor(around: Around, header: FileHeader) {
    const { fileKey: _key, prefix: _prefix, lane, chunkBytes, ...meta } = header;
    this.#around = around;
    this.#at = around.world.clock.wall();
    this.#header = header;
    this.meta = meta;
    this.shape = { lane, size: meta.size, chunkBytes };
    this.#state = offeredAt(around.moment().now);
  }

  get state(): Receiving {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state.at === 'delivered' || this.#state.at === 'ended';
  }

  get isRead(): boolean {
    return this.#state.at === 'delivered' && this.#state.isRead;
  }

  /** `null` before it was delivered, and after it was discarded. */
  get file(): ReceivedFile | null {
    return this.#file;
  }

  /** Of the chunks that came and are not written. */
  get heldBytes(): number {
    if (this.#state.at !== 'moving') return 0;
    const { held, opening, unwritten } = this.#state;
    const sealed = [...held.values(), ...(opening === null ? [] : [opening])];
    return [...sealed, ...unwritten.flatMap((chunk) => [chunk.plain, chunk.sealed])].reduce(
      (sum, { length }) => sum + length,
      0,
    );
  }

  deadline(up: boolean): number | null {
    return receivingDeadline(this.#state, up);
  }

  view(now: number): TransferView {
    const { lane } = this.shape;
    const shown = shownReceiving(this.#state, this.shape, now);
    return { ...this.meta, id: lane, by: 'peer', at: this.#at, ...shown };
  }

  /** A frame whose header does not say what its chunk says was changed on its way. */
  hear({ chunk, sealed }: Chunk, header: { index: number; count: number }): void {
    const same = header.index === chunk && header.count === chunkCount(this.shape);
    if (same) this.dispatch({ type: 'chunk', chunk, sealed });
  }

  dispatch(event: ReceivingEvent): void {
    const before = this.#state;
    const moment = this.#around.moment();
    const [state, effects] = receivingTransition(before, event, this.shape, moment);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state === before) return;
    const isProgress = state.at === before.at && event.type !== 'pause' && event.type !== 'read';
    this.#around.stepped(isProgress ? 'progress' : 'stage');
  }

  /** Says nothing more, and lets go of key and bytes, also of a file that came whole. */
  wipe(): void {
    this.#state = { at: 'ended', why: 'cancelled', by: 'me' };
    this.#discard();
  }

  #perform(effect: ReceivingEffect): void {
    switch (effect.do) {
      case 'prepare':
        this.#later(() => this.#prepare());
        return;
      case 'open':
        this.#later(() => this.#open(effect.chunk, effect.sealed));
        return;
      case 'write':
        this.#later(() => this.#write(effect.chunk));
        return;
      case 'finish':
        this.#later(() => this.#finish(effect.hash));
        return;
      case 'say':
        if (effect.record.is === 'credit') this.#around.spendWord();
        this.#around.world.say(channelLaneOf(effect.record), effect.record);
        return;
      case 'discard':
        this.#discard();
        return;
    }
  }

  #later(work: () => Promise<ReceivingEvent | null>): void {
    const done = work()
      .catch((): ReceivingEvent => ({ type: 'failed', why: 'failed' }))
      .then((event) => event && this.dispatch(event));
    this.#around.awaits(done.then(() => undefined));
  }

  async #prepare(): Promise<ReceivingEvent | null> {
    const { primitives, channel, sinks } = this.#around.world;
    const header = this.#header;
    if (header === null) return null;
    const sender = channel.role === 'A' ? 'B' : 'A';
    const place = { channelId: channel.id, sender } as const;
    const opener = await ChunkOpener.make(primitives, place, header);
    const again = (chunk: number, sealed: Bytes) => opener.again(chunk, sealed);
    const sink = await sinks.open({ ...this.shape, again });
    if (this.#state.at !== 'preparing') {
      opener.erase();
      await sink.discard();
      return null;
    }
    this.#opener = opener;
    this.#sink = sink;
    return { type: 'prepared' };
  }

  async #open(chunk: number, sealed: Bytes): Promise<ReceivingEvent | null> {
    if (this.#opener === null) return null;
    const plain = await this.#opener.openNext(chunk, sealed);
    if (plain === null) this.forged += 1;
    return { type: 'opened', plain };
  }

  async #write(chunk: OpenedChunk): Promise<ReceivingEvent | null> {
    await this.#sink?.write(chunk);
    return { type: 'written' };
  }

  async #finish(announced: Bytes): Promise<ReceivingEvent | null> {
    const hash = await this.#opener?.hash();
    if (hash === undefined || this.#sink === null) return null;
    if (!equal(hash, announced)) return { type: 'failed', why: 'damaged' };
    const file = await this.#sink.finish();
    if (this.#state.at !== 'finishing') {
      await file.discard();
      return null;
    }
    this.#file = file;
    this.#sink = null;
    if (!file.sealed) this.#erase();
    return { type: 'finished' };
  }

  #discard(): void {
    this.#erase();
    const kept = [this.#sink, this.#file];
    this.#sink = null;
    this.#file = null;
    // Nothing can be done about a store that fails here: it is emptied when the app starts.
    for (const each of kept)
      this.#around.awaits(each?.discard().catch(() => {}) ?? Promise.resolve());
  }

  #erase(): void {
    this.#opener?.erase();
    this.#opener = null;
    this.#header?.fileKey.fill(0);
    this.#header = null;
  }
}
