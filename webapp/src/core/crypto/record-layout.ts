/**
 * What a frame of an open channel carries, as bytes.
 *
 *     record    1 ‖ lane ‖ epoch (4) ‖ counter (4) ‖ AES-256-GCM( padded( kind ‖ content ) )
 *     farewell  2 or 3 ‖ proof (32)                       in `farewell.ts`
 *
 * The place of a record stands in the clear and is covered by the seal, with everything else that
 * is outside it. A record key seals one record, so its nonce may be fixed.
 */
import { type Bytes, concat, lengthPrefixed, uint, utf8 } from '../bytes.ts';
import type { Label } from '../wire/generated.ts';
import { type FrameId, frameIdBytes } from '../wire/ids.ts';
import { padded, unpadded } from './padding.ts';
import type { Primitives } from './suite/primitives.ts';

/** First byte of a frame's body. Chunks of files have the next one. */
export const KIND = { record: 1, left: 2, cutOff: 3 } as const;

/** 0 is lossy, for control; 1 is whole and in order, for talk. */
export type Lane = 0 | 1;

/** Where a record stands in its direction: what the header says, true only if it opens. */
export type Place = { readonly lane: Lane; readonly epoch: number; readonly counter: number };

/** What is outside the seal and covered by it. */
export type Outside = { readonly label: Label; readonly id: FrameId };

/** From whom to whom. */
export type Direction = 'A to B' | 'B to A';

/** What is inside: a word of the conversation, or a turn of the ratchet. */
export type Inside = { readonly is: 'content' | 'turn'; readonly bytes: Bytes };

export const HEADER_BYTES = 10;
/** Counters and epochs have 32 bits. */
export const PLACES_MAX = 2 ** 32;
/** What one record may carry: padded and sealed it fits a frame of 256 KiB. */
export const CONTENT_BYTES_MAX = 192 * 1_024;

const INSIDE = { content: 0, turn: 1 } as const;
const NONCE = new Uint8Array(12);

export function headerOf({ lane, epoch, counter }: Place): Bytes {
  return concat(Uint8Array.of(KIND.record, lane), uint(epoch, 4), uint(counter, 4));
}

/** `null` for what is no record. */
export function placeOf(body: Bytes): Place | null {
  const [kind, lane] = body;
  if (body.length <= HEADER_BYTES || kind !== KIND.record) return null;
  if (lane !== 0 && lane !== 1) return null;
  const view = new DataView(body.buffer, body.byteOffset);
  return { lane, epoch: view.getUint32(2), counter: view.getUint32(6) };
}

/** Of which channel a record is, and which way it goes. */
export type Way = {
  readonly primitives: Primitives;
  readonly channelId: Bytes;
  readonly direction: Direction;
};

/** The whole body of a record. The key must never seal another. */
export async function sealed(
  way: Way,
  key: Bytes,
  { place, outside }: { readonly place: Place; readonly outside: Outside },
  inside: Inside,
): Promise<Bytes> {
  const header = headerOf(place);
  const plain = padded(concat(Uint8Array.of(INSIDE[inside.is]), inside.bytes));
  const aead = await way.primitives.aead(key);
  const box = await aead.seal(NONCE, associated(way, header, outside), plain);
  plain.fill(0);
  return concat(header, box);
}

/** `null` unless this key sealed it, for this place and outside. */
export async function opened(
  way: Way,
  key: Bytes,
  body: Bytes,
  outside: Outside,
): Promise<Inside | null> {
  const header = body.slice(0, HEADER_BYTES);
  const aead = await way.primitives.aead(key);
  const box = body.slice(HEADER_BYTES);
  const plain = await aead.open(NONCE, associated(way, header, outside), box);
  const whole = plain && unpadded(plain);
  switch (whole?.[0]) {
    case INSIDE.content:
      return { is: 'content', bytes: whole.slice(1) };
    case INSIDE.turn:
      return { is: 'turn', bytes: whole.slice(1) };
    default:
      return null;
  }
}

function associated({ channelId, direction }: Way, header: Bytes, { label, id }: Outside): Bytes {
  return lengthPrefixed(
    utf8('dhsc/1 record'),
    channelId,
    utf8(direction),
    header,
    utf8(label),
    frameIdBytes(id),
  );
}
