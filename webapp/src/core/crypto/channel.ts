/**
 * The channel two browsers agreed on: seals and opens records, one AES-256-GCM key a direction.
 *
 * The nonce is the record's counter, never chosen by chance (SP 800-38D, section 8.2.1). The
 * associated data is channel, direction, counter, label and id, so that a record opens only at its
 * own place and under its own name. Records are padded to few sizes before they are sealed.
 */
import { type Bytes, concat, lengthPrefixed, uint, utf8 } from '../bytes.ts';
import type { TalkLabel } from '../wire/codes.ts';
import { type FrameId, frameIdBytes } from '../wire/ids.ts';
import type { KeySchedule } from './key-schedule.ts';

/** What is outside the seal and covered by it. */
type Outside = { readonly label: TalkLabel; readonly id: FrameId };

export type Opened =
  | { readonly is: 'opened'; readonly counter: number; readonly content: Bytes }
  /** Opened before. */
  | { readonly is: 'repeat' }
  /** Genuine, but at least one before it is missing. */
  | { readonly is: 'gap' }
  /** Not sealed by the peer for this place. */
  | { readonly is: 'forged' };

/** Sizes that a record is padded to; above the last, to multiples of it. */
const PADDED_BYTES = [256, 1_024, 4_096, 16_384] as const;
const LENGTH_BYTES = 4;
const COUNTER_BYTES = 8;
/** Far below what the cipher allows for one key, far above what people say. */
const RECORDS_MAX = 2 ** 32;

export class Channel {
  readonly #id: Bytes;
  readonly #sending: { readonly key: CryptoKey; readonly direction: Direction };
  readonly #receiving: { readonly key: CryptoKey; readonly direction: Direction };
  #nextSent = 0;
  #nextReceived = 0;

  private constructor(id: Bytes, sending: CryptoKey, receiving: CryptoKey, role: 'A' | 'B') {
    this.#id = id;
    this.#sending = { key: sending, direction: directionFrom(role) };
    this.#receiving = { key: receiving, direction: directionFrom(role === 'A' ? 'B' : 'A') };
  }

  /** For the handshake only: the keys of a channel come from nowhere else. */
  static async derive(keys: KeySchedule, th4: Bytes, role: 'A' | 'B'): Promise<Channel> {
    const [id, sending, receiving] = await Promise.all([
      keys.channelId(th4),
      keys.sealingKey(directionFrom(role), th4),
      keys.openingKey(directionFrom(role === 'A' ? 'B' : 'A'), th4),
    ]);
    return new Channel(id, sending, receiving, role);
  }

  /** Seals a record under the next counter. Records must be sent in the order of these calls. */
  async seal(outside: Outside, content: Bytes): Promise<{ counter: number; body: Bytes }> {
    // Taken before the first await, so that no two calls ever share a nonce.
    const counter = this.#nextSent++;
    if (counter >= RECORDS_MAX) throw new Error('the channel has sealed all it may');
    const { key, direction } = this.#sending;
    const gcm = this.#gcm(direction, counter, outside);
    const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm, key, padded(content)));
    return { counter, body: concat(uint(counter, COUNTER_BYTES), sealed) };
  }

  /** Opens a record. Nothing a forger writes, a counter included, is believed before it opens. */
  async open(outside: Outside, body: Bytes): Promise<Opened> {
    const counter = counterOf(body);
    if (counter === null) return { is: 'forged' };
    const { key, direction } = this.#receiving;
    const gcm = this.#gcm(direction, counter, outside);
    const content = await decrypted(gcm, key, body.slice(COUNTER_BYTES));
    if (content === null) return { is: 'forged' };
    if (counter < this.#nextReceived) return { is: 'repeat' };
    if (counter > this.#nextReceived) return { is: 'gap' };
    this.#nextReceived += 1;
    return { is: 'opened', counter, content };
  }

  #gcm(direction: Direction, counter: number, { label, id }: Outside): AesGcmParams {
    return {
      name: 'AES-GCM',
      iv: concat(new Uint8Array(4), uint(counter, COUNTER_BYTES)),
      additionalData: lengthPrefixed(
        utf8('dhsc/1 record'),
        this.#id,
        utf8(direction),
        uint(counter, COUNTER_BYTES),
        utf8(label),
        frameIdBytes(id),
      ),
    };
  }
}

type Direction = 'A to B' | 'B to A';

function directionFrom(role: 'A' | 'B'): Direction {
  return role === 'A' ? 'A to B' : 'B to A';
}

async function decrypted(gcm: AesGcmParams, key: CryptoKey, sealed: Bytes): Promise<Bytes | null> {
  try {
    return unpadded(new Uint8Array(await crypto.subtle.decrypt(gcm, key, sealed)));
  } catch {
    return null;
  }
}

function counterOf(body: Bytes): number | null {
  if (body.length <= COUNTER_BYTES) return null;
  const counter = new DataView(body.buffer, body.byteOffset).getBigUint64(0);
  return counter < RECORDS_MAX ? Number(counter) : null;
}

function padded(content: Bytes): Bytes {
  const needed = LENGTH_BYTES + content.length;
  const last = PADDED_BYTES[PADDED_BYTES.length - 1] ?? 1;
  const size = PADDED_BYTES.find((step) => needed <= step) ?? Math.ceil(needed / last) * last;
  const whole = new Uint8Array(size);
  whole.set(uint(content.length, LENGTH_BYTES));
  whole.set(content, LENGTH_BYTES);
  return whole;
}

/** `null` if the length does not fit; the peer's fault, for nobody else can seal. */
function unpadded(whole: Bytes): Bytes | null {
  if (whole.length < LENGTH_BYTES) return null;
  const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0);
  const fits = length <= whole.length - LENGTH_BYTES;
  return fits ? whole.slice(LENGTH_BYTES, LENGTH_BYTES + length) : null;
}
