/**
 * Looks at frames that are handed to a socket: which are sent again, to make up for a loss, and how
 * many bytes go for files.
 */
import { decode } from '../../../webapp/src/core/wire/codec.ts';

/** Frames that are remembered; what is sent again was sent not long ago. */
const REMEMBERED_MAX = 4_096;

export class SentFrames {
  /** Bytes of frames of files so far. */
  fileBytes = 0;
  readonly #sent = new Set<string>();
  readonly #again: (frame: string) => void;

  constructor(again: (frame: string) => void) {
    this.#again = again;
  }

  /** A client's frame has the layout of a server's: the peer stands where the sender would. */
  note(bytes: Uint8Array): void {
    const frame = decode(new Uint8Array(bytes));
    if (frame?.type === 'file') this.fileBytes += bytes.length;
    if (frame?.type !== 'peer') return;
    if (this.#sent.has(frame.id)) this.#again(frame.id);
    this.#sent.add(frame.id);
    const [oldest] = this.#sent;
    if (this.#sent.size > REMEMBERED_MAX && oldest !== undefined) this.#sent.delete(oldest);
  }
}
