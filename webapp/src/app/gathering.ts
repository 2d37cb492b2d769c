/**
 * Frames that cross to the page together. Each message wakes it and costs it a task, which for a
 * chunk of a file is as much as sealing it; so the chunks of one task go in one message. A word
 * does not wait, and takes with it what was gathered before.
 */
import type { Bytes } from '../core/bytes.ts';

/** Does something in a task of its own, after all that is being done. */
export type Later = (run: () => void) => void;

/** What has so many bytes is a chunk of a file. */
export const LARGE_BYTES_MIN = 16 * 1024;
/** More of them do not wait for each other. */
export const GATHERED_BYTES_MAX = 256 * 1024;

export class Gathering {
  readonly #tell: (frames: readonly Bytes[]) => void;
  readonly #later: Later;
  #frames: Bytes[] = [];
  #bytes = 0;

  constructor(tell: (frames: readonly Bytes[]) => void, later: Later) {
    this.#tell = tell;
    this.#later = later;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** The bytes are given away. */
  add(frame: Bytes): void {
    const isLarge = frame.length >= LARGE_BYTES_MIN;
    if (isLarge && this.isEmpty) this.#later(() => this.flush());
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (!isLarge || this.#bytes >= GATHERED_BYTES_MAX) this.flush();
  }

  /** Tells what was gathered, before whatever is told next. */
  flush(): void {
    if (this.isEmpty) return;
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    this.#tell(frames);
  }
}

/** The buffers that frames lie in. */
export function buffersOf(frames: readonly Bytes[]): ArrayBuffer[] {
  return frames.map(({ buffer }) => buffer);
}
