/**
 * The files of a conversation, both ways: what its driver asks of them, and they of it.
 *
 * Each file has a lane of its own, never used again under this channel: even ones are sent by A,
 * odd ones by B, so that a lane alone says whose file is meant. One file at a time goes each way.
 */
import type { Bytes } from '../bytes.ts';
import type { FileSource, ReceivedFile } from '../ports.ts';
import type { FileFrame } from '../wire/frames.ts';
import type { FrameId } from '../wire/ids.ts';
import {
  type AccessMode,
  FIRST_LANE,
  type FileHeader,
  type FileKind,
  type FileMeta,
  isSound,
  type Objection,
  objectionTo,
  sendableMime,
  sendableName,
} from './header.ts';
import { Incoming } from './incoming.ts';
import { QUEUED_MAX, SHOW_EVERY_MS, SHOWN_MAX, VOICE_MS_MAX } from './limits.ts';
import { Outgoing } from './outgoing.ts';
import type { ReceivingMoment } from './receiving.ts';
import { fileLaneOf, type TransferRecord } from './records.ts';
import { readChunk } from './stream.ts';
import type { TransferView } from './view.ts';
import { WordBudget } from './word-budget.ts';
import type { Around, TransfersWorld } from './world.ts';

export type SendAs = {
  readonly accessMode: AccessMode;
  readonly kind: FileKind;
  readonly durationMs: number | null;
};

/** The id of the new transfer, or why there is none. */
export type Sent =
  | { readonly ok: true; readonly id: number }
  | { readonly ok: false; readonly why: Exclude<Objection, null> | 'queueFull' };

/** Lanes of one direction are this far apart. */
const LANE_STEP = 2;

export class Transfers {
  readonly #world: TransfersWorld;
  readonly #around: Around;
  /** By lane, in the order they were begun. */
  readonly #transfers = new Map<number, Outgoing | Incoming>();
  readonly #awaited = new Set<Promise<void>>();
  /** Of all files together, for the server counts them together. */
  readonly #words: WordBudget;
  #nextLane: number;
  #lastPeerLane = FIRST_LANE - 1;
  #up = true;
  #wiped = false;
  #views: readonly TransferView[] = [];
  #shownAt = -Infinity;
  /** Progress that is not shown yet. */
  #stale = false;

  constructor(world: TransfersWorld) {
    this.#world = world;
    this.#words = new WordBudget(world.clock.now());
    this.#nextLane = FIRST_LANE + (world.channel.role === 'A' ? 0 : 1);
    this.#around = {
      world,
      moment: () => this.#moment(),
      stepped: (what) => this.#stepped(what),
      spendWord: () => this.#words.spend(world.clock.now()),
      awaits: (work) => this.#await(work),
    };
  }

  /** The oldest first. The same objects until something changed. */
  get views(): readonly TransferView[] {
    return this.#views;
  }

  /** Chunks that did not open so far. */
  get forged(): number {
    return this.#incoming().reduce((sum, { forged }) => sum + forged, 0);
  }

  /** Bytes of chunks in memory: those on their way out, and those on their way in. */
  get held(): { readonly out: number; readonly in: number } {
    const sum = (all: readonly { heldBytes: number }[]) =>
      all.reduce((bytes, { heldBytes }) => bytes + heldBytes, 0);
    return { out: sum(this.#outgoing()), in: sum(this.#incoming()) };
  }

  /** What came whole; `null` for everything else. */
  file(id: number): ReceivedFile | null {
    const transfer = this.#transfers.get(id);
    return transfer instanceof Incoming ? transfer.file : null;
  }

  /** Bytes of a file that came whole, or of an own one; `null` if it is not here any more. */
  async read(id: number, from: number, to: number): Promise<Bytes | null> {
    const file = this.#transfers.get(id)?.file ?? null;
    const isPart = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0;
    if (file === null || !isPart || from > to || to > file.size) return null;
    const bytes = await file.slice(from, to).catch(() => null);
    return bytes?.length === to - from ? bytes : null;
  }

  send(source: FileSource, { accessMode, kind, durationMs }: SendAs): Sent {
    const meta: FileMeta = {
      name: sendableName(source.name),
      mime: sendableMime(source.mime),
      size: source.size,
      accessMode,
      kind,
      // A recorder stops a moment after it was told to.
      durationMs:
        kind === 'voice' && durationMs !== null ? Math.min(durationMs, VOICE_MS_MAX) : durationMs,
    };
    const why = objectionTo(meta, this.#world.limits);
    if (why !== null) return { ok: false, why };
    const waiting = this.#outgoing().filter(({ state }) => state.at === 'queued');
    if (this.#wiped || waiting.length >= QUEUED_MAX) return { ok: false, why: 'queueFull' };
    const lane = this.#nextLane;
    this.#nextLane += LANE_STEP;
    this.#add(lane, new Outgoing(this.#around, lane, source, meta));
    this.#stepped('stage');
    return { ok: true, id: lane };
  }

  accept(id: number): void {
    const transfer = this.#transfers.get(id);
    if (transfer instanceof Incoming) transfer.dispatch({ type: 'accept' });
  }

  pause(id: number): void {
    this.#transfers.get(id)?.dispatch({ type: 'pause', by: 'me', on: true });
  }

  resume(id: number): void {
    this.#transfers.get(id)?.dispatch({ type: 'pause', by: 'me', on: false });
  }

  /** Its person has looked at it, heard it, or saved it; said to the sender once. */
  markRead(id: number): void {
    const transfer = this.#transfers.get(id);
    if (transfer instanceof Incoming) transfer.dispatch({ type: 'read' });
  }

  /** Sends an own file that did not arrive once more, as a new transfer. */
  sendAgain(id: number): void {
    const transfer = this.#transfers.get(id);
    if (!(transfer instanceof Outgoing) || transfer.state.at !== 'ended') return;
    if (transfer.file !== null) this.send(transfer.file, transfer.meta);
  }

  /** Declines what was not accepted yet. */
  cancel(id: number): void {
    const transfer = this.#transfers.get(id);
    const declines = transfer instanceof Incoming && transfer.state.at === 'offered';
    transfer?.dispatch({ type: 'cancel', by: 'me', why: declines ? 'declined' : 'cancelled' });
  }

  /** A record of the peer, opened. One that does not fit the state of its transfer is nothing. */
  hearRecord(record: TransferRecord): void {
    const transfer = this.#transfers.get(fileLaneOf(record));
    if (record.is === 'fileStart') {
      if (!this.#wiped) this.#hearStart(record.header);
    } else if (transfer === undefined) {
      return;
    } else if (record.is === 'fileCancel') {
      transfer.dispatch({ type: 'cancel', by: 'peer', why: record.why });
    } else if (record.is === 'filePause') {
      transfer.dispatch({ type: 'pause', by: 'peer', on: record.on });
    } else if (transfer instanceof Incoming) {
      if (record.is === 'fileEnd') transfer.dispatch({ type: 'end', hash: record.hash });
    } else if (record.is === 'fileDelivered') {
      transfer.dispatch({ type: 'delivered' });
    } else if (record.is === 'fileRead') {
      transfer.dispatch({ type: 'read' });
    } else if (record.is === 'credit') {
      const { nextChunk, grantedBytes, gap } = record;
      transfer.dispatch({ type: 'credit', nextChunk, grantedBytes, gap });
    }
  }

  /** A frame of a file from the peer. */
  hearChunk({ label, index, count, body }: FileFrame): void {
    const chunk = label === 'file_chunk' && !this.#wiped ? readChunk(body) : null;
    const transfer = chunk === null ? undefined : this.#transfers.get(chunk.lane);
    if (chunk !== null && transfer instanceof Incoming) transfer.hear(chunk, { index, count });
  }

  /** The server did not pass this frame on. */
  hearRefused(id: FrameId): void {
    for (const each of this.#outgoing()) each.dispatch({ type: 'refused', id });
  }

  /** Whether records and frames reach the peer. `true` again when the way is a new one. */
  linkChanged(up: boolean): void {
    this.#up = up;
    if (up) for (const each of this.#live()) each.dispatch({ type: 'resumed' });
    this.#world.changed();
  }

  tick(): void {
    for (const each of this.#live()) each.dispatch({ type: 'tick' });
    if (this.#stale && this.#world.clock.now() >= this.#shownAt + SHOW_EVERY_MS) this.#show();
    this.#world.changed();
  }

  /** The socket holds less than it did: whoever waits for that looks at once. */
  drained(): void {
    const waiting = this.#outgoing().filter(({ isHeldUp }) => isHeldUp);
    for (const each of waiting) each.dispatch({ type: 'tick' });
  }

  /** When `tick` is due, by the clock; `null` if never. */
  deadline(): number | null {
    const deadlines = this.#live().map((each) => each.deadline(this.#up) ?? Infinity);
    const showAt = this.#stale ? this.#shownAt + SHOW_EVERY_MS : Infinity;
    const first = Math.min(showAt, ...deadlines);
    return first === Infinity ? null : first;
  }

  /** When everything that is being read, sealed, opened or written is done, and what came of it. */
  async settled(): Promise<void> {
    while (this.#awaited.size > 0) await Promise.all(this.#awaited);
  }

  /** The conversation is over: keys and bytes go, nothing more is said. */
  async wipe(): Promise<void> {
    this.#wiped = true;
    for (const each of this.#transfers.values()) each.wipe();
    this.#transfers.clear();
    this.#views = [];
    this.#stale = false;
    await this.settled();
  }

  #hearStart(header: FileHeader): void {
    const { lane } = header;
    // A lane is used once: what was sealed for it before must not open again.
    if (lane <= this.#lastPeerLane || lane % LANE_STEP === this.#nextLane % LANE_STEP) return;
    this.#lastPeerLane = lane;
    const busy = this.#incoming().some(({ isOver }) => !isOver);
    const why = isSound(header) ? objectionTo(header, this.#world.limits) : 'invalid';
    if (busy || why === 'invalid') {
      const refusal = { is: 'fileCancel', lane, why: busy ? 'busy' : 'invalid' } as const;
      this.#world.say(1, refusal);
      return;
    }
    const incoming = new Incoming(this.#around, header);
    this.#add(lane, incoming);
    // Too large is worth showing: whoever waits for the file learns why it does not come.
    if (why !== null) incoming.dispatch({ type: 'cancel', by: 'me', why });
    else if (this.#world.accepts(incoming.meta)) incoming.dispatch({ type: 'accept' });
    this.#stepped('stage');
  }

  #add(lane: number, transfer: Outgoing | Incoming): void {
    this.#transfers.set(lane, transfer);
    if (this.#transfers.size <= SHOWN_MAX) return;
    const over = [...this.#transfers].find(([, each]) => each.isOver);
    over?.[1].wipe();
    if (over !== undefined) this.#transfers.delete(over[0]);
  }

  #beginNext(): void {
    const waiting = this.#outgoing().filter(({ isOver }) => !isOver);
    if (waiting[0]?.state.at === 'queued') waiting[0].dispatch({ type: 'begin' });
  }

  #stepped(what: 'stage' | 'progress'): void {
    if (this.#wiped) return;
    if (what === 'stage') this.#beginNext();
    const early = this.#world.clock.now() < this.#shownAt + SHOW_EVERY_MS;
    if (what === 'progress' && early) this.#stale = true;
    else this.#show();
    this.#world.changed();
  }

  #show(): void {
    const now = this.#world.clock.now();
    const before = new Map(this.#views.map((view) => [view.id, view]));
    this.#views = [...this.#transfers].map(([id, each]) => {
      const view = before.get(id);
      return view !== undefined && isOver(view) && view.isRead === each.isRead
        ? view
        : each.view(now);
    });
    this.#shownAt = now;
    this.#stale = false;
  }

  #moment(): ReceivingMoment {
    const { clock, buffered } = this.#world;
    const now = clock.now();
    return {
      now,
      up: this.#up,
      // Asked for by whoever is about to send: each question goes as far as the page.
      get buffered() {
        return buffered();
      },
      wordAt: this.#words.nextAt(now),
    };
  }

  #await(work: Promise<void>): void {
    this.#awaited.add(work);
    void work.finally(() => this.#awaited.delete(work));
  }

  #live(): (Outgoing | Incoming)[] {
    return [...this.#transfers.values()].filter(({ isOver }) => !isOver);
  }

  #outgoing(): Outgoing[] {
    return [...this.#transfers.values()].filter((each) => each instanceof Outgoing);
  }

  #incoming(): Incoming[] {
    return [...this.#transfers.values()].filter((each) => each instanceof Incoming);
  }
}

/** What is over is shown as the same object from then on. */
function isOver({ stage }: TransferView): boolean {
  return stage.is === 'delivered' || stage.is === 'ended';
}
