/** Ids of frames: made by chance, and remembered for as long as anybody may speak of them. */
import type { Random } from '../ports.ts';
import { type FrameId, frameIdFrom, ID_BYTES } from '../wire/ids.ts';

/** As many as the server can refuse late. */
const REMEMBERED_MAX = 1_024;

export function newFrameId(random: Random): FrameId {
  const id = frameIdFrom(random.bytes(ID_BYTES));
  if (id === null) throw new Error('a frame id has exactly that many bytes');
  return id;
}

/** The newest ids; the oldest is forgotten first. */
export class RecentIds {
  readonly #ids = new Set<FrameId>();

  add(id: FrameId): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > REMEMBERED_MAX && oldest !== undefined) this.#ids.delete(oldest);
  }

  has(id: FrameId): boolean {
    return this.#ids.has(id);
  }
}
