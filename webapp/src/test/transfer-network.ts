/**
 * Two browsers that send each other files over a network that a test decides: records of talk are
 * reliable, as the conversation makes them; chunks and credit are not. Time is a manual clock.
 */
import { Alarm } from '../core/alarm.ts';
import { type Bytes, equal } from '../core/bytes.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import type { FileSink, FileSinks, FileSource, ReceivedFile } from '../core/ports.ts';
import { type FileMeta, LIMITS, type Limits } from '../core/transfer/header.ts';
import { CHUNK_BYTES } from '../core/transfer/limits.ts';
import {
  decodeTransferRecord,
  encodeTransferRecord,
  type TransferRecord,
} from '../core/transfer/records.ts';
import { Transfers } from '../core/transfer/transfers.ts';
import type { TransferView } from '../core/transfer/view.ts';
import { type FileFrame, joined, type SentFileFrame } from '../core/wire/frames.ts';
import { ALICE, BOB } from './builders.ts';
import { type LineShape, LongLine } from './long-line.ts';
import { ManualClock } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';

export type Weather = {
  /** Of those frames and words that are not reliable: how many are lost, and how many come twice. */
  readonly lost: number;
  readonly doubled: number;
  /** How many come with a byte changed. */
  readonly changed: number;
  /** The way takes from so long to so long, so that what is sent later may come earlier. */
  readonly delayMs: readonly [from: number, to: number];
};

/** What a frame has beside its body, about. */
const FRAME_BYTES = 64;

export const FAIR: Weather = { lost: 0, doubled: 0, changed: 0, delayMs: [10, 10] };

export type Setting = {
  readonly seed?: number;
  readonly weather?: Weather;
  /** What Alice's frames go over instead of the weather. */
  readonly line?: LineShape | null;
  readonly limits?: Limits;
  readonly chunkBytes?: number;
  readonly accepts?: (meta: FileMeta) => boolean;
  readonly primitives?: Primitives;
  /** Where files go; into `Party.sinks` unless it is said. */
  readonly sinks?: FileSinks | null;
  /** What was sent is not kept to be looked at. */
  readonly forgets?: boolean;
  /** May change, hold back or multiply what arrives. */
  readonly meddle?: (frame: FileFrame) => readonly FileFrame[];
};

/** What was sent by one browser, as the network saw it. */
export type Watched = { readonly frames: FileFrame[]; readonly records: TransferRecord[] };

export class TransferNetwork {
  readonly clock = new ManualClock();
  readonly alice: Party;
  readonly bob: Party;
  readonly line: LongLine | null;
  readonly setting: Required<Setting>;
  up = true;
  readonly #random;

  constructor(setting: Setting = {}) {
    this.setting = {
      seed: 1,
      weather: FAIR,
      line: null,
      limits: LIMITS,
      chunkBytes: CHUNK_BYTES,
      accepts: () => true,
      primitives: noble,
      sinks: null,
      forgets: false,
      meddle: (frame) => [frame],
      ...setting,
    };
    this.#random = seededRandom(this.setting.seed);
    this.line = this.setting.line && new LongLine(this.clock, this.setting.line);
    this.alice = new Party(this, 'A');
    this.bob = new Party(this, 'B');
  }

  /** What is on its way is lost, but for what the conversation sends again. */
  cut(): void {
    this.up = false;
    this.line?.cut();
    for (const party of [this.alice, this.bob]) party.cut();
  }

  mend(): void {
    this.up = true;
    for (const party of [this.alice, this.bob]) party.mend();
  }

  /** Draws whether something happens that happens this often. */
  chance(often: number): boolean {
    return this.#random.fraction() < often;
  }

  draw(from: number, to: number): number {
    return from + this.#random.fraction() * (to - from);
  }

  /** Until nothing is due any more, or this much time has passed. */
  async untilQuiet(withinMs = 10 * 60_000): Promise<void> {
    const end = this.clock.now() + withinMs;
    await this.settled();
    for (let next = this.clock.next; next !== null && next <= end; next = this.clock.next) {
      this.clock.advance(Math.max(0, next - this.clock.now()));
      await this.settled();
      if (this.isOver()) return;
    }
    this.clock.advance(Math.max(0, end - this.clock.now()));
    await this.settled();
  }

  async untilNext(): Promise<boolean> {
    await this.settled();
    const { next } = this.clock;
    if (next === null) return false;
    this.clock.advance(Math.max(0, next - this.clock.now()));
    await this.settled();
    return true;
  }

  isOver(): boolean {
    const stages = [this.alice, this.bob].flatMap(({ transfers }) => transfers.views);
    return stages.every(({ stage }) => stage.is === 'delivered' || stage.is === 'ended');
  }

  async settled(): Promise<void> {
    await this.alice.transfers.settled();
    await this.bob.transfers.settled();
  }
}

export class Party {
  readonly transfers: Transfers;
  readonly sinks = new MemorySinks();
  readonly sent: Watched = { frames: [], records: [] };
  /** What the socket says that it still holds. */
  buffered = 0;
  readonly #network: TransferNetwork;
  readonly #role: 'A' | 'B';
  readonly #alarm: Alarm;
  /** Records that are sent until they arrive, in order. */
  #outbox: Bytes[] = [];
  /** Raised by a cut: what was sent under another one is lost. */
  #epoch = 0;

  constructor(network: TransferNetwork, role: 'A' | 'B') {
    const { setting, clock } = network;
    this.#network = network;
    this.#role = role;
    this.#alarm = new Alarm(clock, () => {
      this.transfers.tick();
      this.#wind();
    });
    this.transfers = new Transfers({
      ...setting,
      clock,
      random: seededRandom(setting.seed * 2 + (role === 'A' ? 0 : 1)),
      peer: role === 'A' ? BOB : ALICE,
      channel: { id: new Uint8Array(32).fill(7), role },
      sinks: setting.sinks ?? this.sinks,
      buffered: () => this.buffered,
      say: (lane, record) => this.#say(lane, record),
      send: (frame) => this.#send(frame),
      changed: () => this.#wind(),
    });
  }

  get views(): readonly TransferView[] {
    return this.transfers.views;
  }

  /** How its only transfer, or this one, stands. */
  stage(id?: number): TransferView['stage']['is'] | null {
    const view = id === undefined ? this.views[0] : this.views.find((each) => each.id === id);
    return view?.stage.is ?? null;
  }

  cut(): void {
    this.#epoch += 1;
    this.transfers.linkChanged(false);
    this.#wind();
  }

  mend(): void {
    const again = this.#outbox;
    this.#outbox = [];
    for (const content of again) this.#deliver(content);
    this.transfers.linkChanged(true);
    this.#wind();
  }

  /** A record of this browser's person that its machine would never say. */
  forge(record: TransferRecord): void {
    this.#say(record.is === 'credit' ? 0 : 1, record);
  }

  inject(frame: FileFrame): void {
    this.#peer().transfers.hearChunk(frame);
  }

  #say(lane: 0 | 1, record: TransferRecord): void {
    if (!this.#network.setting.forgets) this.sent.records.push(record);
    const content = encodeTransferRecord(record);
    if (lane === 1) this.#deliver(content);
    else this.#throw(() => this.#arrive(0, content));
  }

  /** Reliable: in order, and again after a cut. */
  #deliver(content: Bytes): void {
    this.#outbox.push(content);
    if (!this.#network.up) return;
    const epoch = this.#epoch;
    const [, delayMs] = this.#network.setting.weather.delayMs;
    this.#network.clock.after(delayMs, () => {
      if (epoch !== this.#epoch || !this.#network.up) return;
      this.#outbox = this.#outbox.filter((each) => each !== content);
      this.#arrive(1, content);
    });
  }

  #arrive(lane: 0 | 1, content: Bytes): void {
    const record = decodeTransferRecord(lane, content);
    if (record === null) throw new Error('a record that was said can be read');
    this.#peer().transfers.hearRecord(record);
    this.#peer().#wind();
  }

  #send(sent: SentFileFrame): void {
    const frame = joined(sent);
    if (!this.#network.setting.forgets) this.sent.frames.push(frame);
    for (const each of this.#network.setting.meddle(frame)) this.#carry(each);
  }

  #carry(frame: FileFrame): void {
    const { line } = this.#network;
    if (line === null || this.#role === 'B') {
      this.#throw(() => this.#hit(frame));
      return;
    }
    const epoch = this.#epoch;
    const ifUp = (then: () => void) => () => {
      if (epoch === this.#epoch && this.#network.up) then();
    };
    const refuse = () => {
      this.transfers.hearRefused(frame.id);
      this.#wind();
    };
    line.send(
      frame.body.length + FRAME_BYTES,
      ifUp(() => this.#hit(frame)),
      ifUp(refuse),
    );
  }

  #hit(frame: FileFrame): void {
    const { weather } = this.#network.setting;
    const body = frame.body.slice();
    if (this.#network.chance(weather.changed) && body.length > 0) {
      const at = Math.floor(this.#network.draw(0, body.length));
      body[at] = (body[at] ?? 0) ^ 1;
    }
    const peer = this.#role === 'A' ? ALICE : BOB;
    this.#peer().transfers.hearChunk({ ...frame, peer, body });
    this.#peer().#wind();
  }

  /** Unreliable: lost, doubled and overtaken as the weather is. */
  #throw(arrive: () => void): void {
    const { weather } = this.#network.setting;
    const epoch = this.#epoch;
    if (!this.#network.up || this.#network.chance(weather.lost)) return;
    for (let n = this.#network.chance(weather.doubled) ? 2 : 1; n > 0; n -= 1) {
      this.#network.clock.after(this.#network.draw(...weather.delayMs), () => {
        if (epoch === this.#epoch && this.#network.up) arrive();
      });
    }
  }

  #peer(): Party {
    return this.#role === 'A' ? this.#network.bob : this.#network.alice;
  }

  #wind(): void {
    this.#alarm.wind(this.transfers?.deadline() ?? null);
  }
}

/** Sinks that show what is in them, and may be told to fail. */
export class MemorySinks implements FileSinks {
  readonly kept: { written: Bytes[]; discarded: boolean; finished: boolean }[] = [];
  /** How the chunks of the newest file would be opened again. */
  again: Parameters<FileSinks['open']>[0]['again'] | null = null;
  /** What the next steps do instead of working. */
  fails: 'open' | 'write' | 'finish' | null = null;
  /** While it is set, writing waits for it. */
  gate: Promise<void> = Promise.resolve();

  async open({ again }: Parameters<FileSinks['open']>[0]): Promise<FileSink> {
    this.#failsAt('open');
    this.again = again;
    const kept = { written: [] as Bytes[], discarded: false, finished: false };
    this.kept.push(kept);
    const discard = async () => {
      kept.discarded = true;
      kept.written.length = 0;
    };
    return {
      write: async ({ plain }) => {
        this.#failsAt('write');
        await this.gate;
        kept.written.push(plain);
      },
      finish: async () => {
        this.#failsAt('finish');
        kept.finished = true;
        return inMemory(kept.written, discard);
      },
      discard,
    };
  }

  #failsAt(step: 'open' | 'write' | 'finish'): void {
    if (this.fails === step) throw new Error(`told to fail at ${step}`);
  }
}

function inMemory(parts: readonly Bytes[], discard: () => Promise<void>): ReceivedFile {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  const slice = async (from: number, to: number) => whole.slice(from, to);
  return { size: whole.length, sealed: false, slice, discard };
}

/** A file whose bytes are told by where they are. */
export function aFile(size: number, name = 'notes.txt'): FileSource {
  return { name, mime: 'text/plain', size, slice: async (from, to) => bytesAt(from, to) };
}

export function bytesAt(from: number, to: number): Bytes {
  const bytes = new Uint8Array(to - from);
  for (let at = from; at < to; at += 1) bytes[at - from] = at ^ (at >>> 8) ^ (at >>> 16);
  return bytes;
}

/** Whether what came is `aFile` of this size. */
export async function isWhole(party: Party, id: number, size: number): Promise<boolean> {
  const file = party.transfers.file(id);
  return file?.size === size && equal(await file.slice(0, size), bytesAt(0, size));
}

export const AS_FILE = { accessMode: 'both', kind: 'file', durationMs: null } as const;
