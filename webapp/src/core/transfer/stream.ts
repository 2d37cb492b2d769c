/**
 * A file sealed chunk by chunk, so that none can be changed, left out, moved, or cut off the end.
 *
 * The construction is STREAM: V. T. Hoang, R. Reyhanitabar, P. Rogaway, D. Vizár, _Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance_ (CRYPTO 2015). The nonce is a prefix of 7 bytes, the chunk's number in 4, and a byte that is 1 for the last chunk
 * alone; the cipher is AES-256-GCM under a key that is drawn for this file. The associated data is
 * channel, direction, lane and the hash of the start record, so that a chunk opens in its own file
 * only, whose name, size and count are those announced.
 *
 * On the wire a chunk is `4 ‖ lane ‖ number ‖ sealed`, numbers in 4 bytes each, big-endian.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, lengthPrefixed, uint, utf8 } from '../bytes.ts';
import { paddedLength } from '../crypto/padding.ts';
import type { Aead, Primitives } from '../crypto/suite/primitives.ts';
import { chunkCount, type FileHeader, lengthOf } from './header.ts';
import { encodeTransferRecord } from './records.ts';

/** The channel that the file belongs to. */
export type Place = {
  readonly channelId: Bytes;
  /** Who sends the file. */
  readonly sender: 'A' | 'B';
};

/** What the first byte of a body says, beside the kinds of the channel. */
export const CHUNK_KIND = 4;
export const TAG_BYTES = 16;
const NUMBER_BYTES = 4;
const HEAD_BYTES = 1 + 2 * NUMBER_BYTES;

/** Seals the chunks of one file, each once and in order. */
export class ChunkSealer {
  readonly #file: SealedFile;
  readonly #hash = new FileHash();
  #next = 0;

  private constructor(file: SealedFile) {
    this.#file = file;
  }

  static async make(primitives: Primitives, place: Place, header: FileHeader) {
    return new ChunkSealer(await SealedFile.make(primitives, place, header));
  }

  /** The next chunk: its head (`headOf`) and its seal are the body of a frame. */
  async seal(plain: Bytes): Promise<Chunk> {
    // Taken before the first await, so that no number is ever used twice.
    const chunk = this.#next++;
    const { header, primitives } = this.#file;
    if (chunk >= chunkCount(header)) throw new Error('the last chunk is sealed');
    if (plain.length !== lengthOf(header, chunk)) throw new Error('the file has another size');
    const [digest, sealed] = await Promise.all([
      primitives.sha256(plain),
      this.#file.seal(chunk, plain),
    ]);
    this.#hash.add(digest);
    return { lane: header.lane, chunk, sealed };
  }

  /** After the last chunk. */
  hash(): Bytes {
    return this.#hash.whole();
  }

  erase(): void {
    this.#file.erase();
  }
}

/** Opens the chunks of one file. */
export class ChunkOpener {
  readonly #file: SealedFile;
  readonly #hash = new FileHash();
  /** The chunk before the newest is hashed while the newest is opened. */
  #hashed: Promise<void> = Promise.resolve();

  private constructor(file: SealedFile) {
    this.#file = file;
  }

  static async make(primitives: Primitives, place: Place, header: FileHeader) {
    return new ChunkOpener(await SealedFile.make(primitives, place, header));
  }

  /** `null` unless this is that chunk of this file. Each chunk is to be opened so once, in order. */
  async openNext(chunk: number, sealed: Bytes): Promise<Bytes | null> {
    const plain = await this.#file.open(chunk, sealed);
    await this.#hashed;
    if (plain !== null) this.#hashed = this.#add(plain);
    return plain;
  }

  /** Any chunk, any number of times, after the file has come. */
  again(chunk: number, sealed: Bytes): Promise<Bytes | null> {
    return this.#file.open(chunk, sealed);
  }

  async hash(): Promise<Bytes> {
    await this.#hashed;
    return this.#hash.whole();
  }

  erase(): void {
    this.#file.erase();
  }

  async #add(plain: Bytes): Promise<void> {
    this.#hash.add(await this.#file.primitives.sha256(plain));
  }
}

/** SHA-256 over the SHA-256 of the chunks in order, without keeping them. */
class FileHash {
  readonly #outer = sha256.create();

  add(digest: Bytes): void {
    this.#outer.update(digest);
  }

  whole(): Bytes {
    return this.#outer.clone().digest() as Bytes;
  }
}

class SealedFile {
  readonly header: FileHeader;
  readonly primitives: Primitives;
  readonly #associated: Bytes;
  #aead: Aead | null;

  private constructor(
    primitives: Primitives,
    header: FileHeader,
    associated: Bytes,
    aead: Aead | null,
  ) {
    this.primitives = primitives;
    this.header = header;
    this.#associated = associated;
    this.#aead = aead;
  }

  static async make(primitives: Primitives, place: Place, header: FileHeader) {
    const start = await primitives.sha256(encodeTransferRecord({ is: 'fileStart', header }));
    const { channelId, sender } = place;
    const associated = lengthPrefixed(
      utf8('dhsc/1 file'),
      channelId,
      utf8(sender === 'A' ? 'A to B' : 'B to A'),
      uint(header.lane, NUMBER_BYTES),
      start,
    );
    const aead = await primitives.aead(header.fileKey);
    return new SealedFile(primitives, header, associated, aead);
  }

  seal(chunk: number, plain: Bytes): Promise<Bytes> {
    const bytes = paddedLengthOf(this.header, chunk);
    // Nearly every chunk is whole: a copy of each would cost a third of the time.
    const whole = plain.length === bytes ? plain : new Uint8Array(bytes);
    if (whole !== plain) whole.set(plain);
    return this.#cipher().seal(this.#nonce(chunk), this.#associated, whole);
  }

  async open(chunk: number, sealed: Bytes): Promise<Bytes | null> {
    if (chunk >= chunkCount(this.header)) return null;
    if (sealed.length !== sealedLengthOf(this.header, chunk)) return null;
    const whole = await this.#cipher().open(this.#nonce(chunk), this.#associated, sealed);
    if (whole === null) return null;
    const length = lengthOf(this.header, chunk);
    return whole.subarray(length).every((byte) => byte === 0) ? whole.subarray(0, length) : null;
  }

  /** The key is gone as far as a page can say so: what the cipher copied is not in reach. */
  erase(): void {
    this.#aead = null;
    this.header.fileKey.fill(0);
  }

  #cipher(): Aead {
    if (this.#aead === null) throw new Error('the key of this file was erased');
    return this.#aead;
  }

  #nonce(chunk: number): Bytes {
    const { prefix } = this.header;
    const nonce = new Uint8Array(prefix.length + NUMBER_BYTES + 1);
    nonce.set(prefix);
    new DataView(nonce.buffer).setUint32(prefix.length, chunk);
    nonce[nonce.length - 1] = chunk === chunkCount(this.header) - 1 ? 1 : 0;
    return nonce;
  }
}

export type Chunk = { readonly lane: number; readonly chunk: number; readonly sealed: Bytes };

/** What stands before the seal of a chunk. */
export function headOf({ lane, chunk }: Omit<Chunk, 'sealed'>): Bytes {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint8(0, CHUNK_KIND);
  view.setUint32(1, lane);
  view.setUint32(1 + NUMBER_BYTES, chunk);
  return head;
}

/** Nothing of it is believed before it opens. `null` for what is no chunk. */
export function readChunk(body: Bytes): Chunk | null {
  if (body.length < HEAD_BYTES + TAG_BYTES || body[0] !== CHUNK_KIND) return null;
  const view = new DataView(body.buffer, body.byteOffset);
  const lane = view.getUint32(1);
  const chunk = view.getUint32(1 + NUMBER_BYTES);
  return { lane, chunk, sealed: body.subarray(HEAD_BYTES) };
}

/** What a chunk has in its seal: only the last is padded, and not beyond what others have. */
export function paddedLengthOf(header: FileHeader, chunk: number): number {
  const length = lengthOf(header, chunk);
  const last = chunk === chunkCount(header) - 1;
  return last ? Math.min(header.chunkBytes, paddedLength(length)) : length;
}

export function sealedLengthOf(header: FileHeader, chunk: number): number {
  return paddedLengthOf(header, chunk) + TAG_BYTES;
}
