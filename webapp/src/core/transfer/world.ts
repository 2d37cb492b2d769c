/** What the transfers of a conversation need of it, and of the world. */
import type { Bytes } from '../bytes.ts';
import type { Primitives } from '../crypto/suite/primitives.ts';
import type { Clock, FileSinks, Random } from '../ports.ts';
import type { SentFileFrame } from '../wire/frames.ts';
import { type FrameId, frameIdFrom, ID_BYTES, type UserId } from '../wire/ids.ts';
import type { FileMeta, Limits } from './header.ts';
import type { ReceivingMoment } from './receiving.ts';
import type { TransferRecord } from './records.ts';

export type TransfersWorld = {
  readonly primitives: Primitives;
  readonly random: Pick<Random, 'bytes'>;
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  readonly peer: UserId;
  /** Of the channel that keys and files belong to. */
  readonly channel: { readonly id: Bytes; readonly role: 'A' | 'B' };
  readonly sinks: FileSinks;
  readonly limits: Limits;
  /** What our chunks hold; between the smallest and the largest that are taken. */
  readonly chunkBytes: number;
  /** Files that are taken without asking a person. */
  readonly accepts: (meta: FileMeta) => boolean;
  /** Bytes handed to the socket that have not left. */
  buffered(): number;
  /** Seals a record on this lane of the channel: 1 is sent until it is acknowledged, 0 once. */
  say(lane: 0 | 1, record: TransferRecord): void;
  /** Sent at once or not at all. */
  send(frame: SentFileFrame): void;
  /** The views, or when `tick` is due, may have changed. */
  changed(): void;
};

/** What one transfer's driver has of the others. */
export type Around = {
  readonly world: TransfersWorld;
  moment(): ReceivingMoment;
  /** After every event; `progress` if only numbers moved. */
  stepped(what: 'stage' | 'progress'): void;
  /** A word about progress is said. */
  spendWord(): void;
  /** Keeps an account of what is awaited. */
  awaits(work: Promise<void>): void;
};

export function drawFrameId(random: Pick<Random, 'bytes'>): FrameId {
  const id = frameIdFrom(random.bytes(ID_BYTES));
  if (id === null) throw new Error('a frame id has exactly that many bytes');
  return id;
}
