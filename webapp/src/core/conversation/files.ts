/**
 * The files of one open channel: gives the transfers their clock, their socket and their words
 * among the records. What they do is `transfer/`; when their channel ends, so do they.
 */
import { Alarm } from '../alarm.ts';
import type { Primitives } from '../crypto/suite/primitives.ts';
import type { Link } from '../link/driver.ts';
import type { Cancel, Clock, FileSinks, Random } from '../ports.ts';
import type { FileMeta, Limits } from '../transfer/header.ts';
import { CHUNK_BYTES } from '../transfer/limits.ts';
import type { TransferRecord } from '../transfer/records.ts';
import { Transfers } from '../transfer/transfers.ts';
import type { TransferView } from '../transfer/view.ts';
import type { FrameId, UserId } from '../wire/ids.ts';
import type { OpenChannel } from './open-channel.ts';
import { RecentIds } from './recent-ids.ts';

/** What is taken of a peer, and where it goes. */
export type FileWorld = {
  readonly sinks: FileSinks;
  readonly limits: Limits;
  /** Files that are taken without asking the person. */
  readonly accepts: (meta: FileMeta) => boolean;
};

type FilesWorld = {
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly primitives: Primitives;
  readonly files: FileWorld;
};

export class Files {
  readonly transfers: Transfers;
  readonly channel: OpenChannel;
  readonly #alarm: Alarm;
  readonly #undrain: Cancel;
  readonly #sent = new RecentIds();
  #shown: readonly TransferView[] = [];

  constructor(
    { link, clock, random, primitives, files }: FilesWorld,
    { peer, channel }: { readonly peer: UserId; readonly channel: OpenChannel },
    asks: {
      readonly say: (lane: 0 | 1, record: TransferRecord) => void;
      readonly changed: () => void;
    },
  ) {
    this.channel = channel;
    this.#alarm = new Alarm(clock, () => this.transfers.tick());
    this.transfers = new Transfers({
      ...files,
      primitives,
      random,
      clock,
      peer,
      channel: { id: channel.id, role: channel.role },
      chunkBytes: CHUNK_BYTES,
      buffered: () => link.buffered(),
      say: asks.say,
      send: (frame) => {
        this.#sent.add(frame.id);
        link.send(frame);
      },
      changed: () => {
        this.#alarm.wind(this.transfers.deadline());
        const { views } = this.transfers;
        if (views === this.#shown) return;
        this.#shown = views;
        asks.changed();
      },
    });
    this.#undrain = link.drained(() => this.transfers.drained());
  }

  /** Whether a refused frame was one of a file, which is told to its transfer. */
  hearRefused(id: FrameId): boolean {
    if (!this.#sent.has(id)) return false;
    this.transfers.hearRefused(id);
    return true;
  }

  async end(): Promise<void> {
    this.#undrain();
    this.#alarm.wind(null);
    await this.transfers.wipe();
    this.#alarm.wind(null);
  }
}
