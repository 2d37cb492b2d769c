/** Ids, a type each: text inside, so that they compare and serve as keys; 16 bytes on the wire. */
import { type Bytes, fromHex, toHex } from '../bytes.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A person's account: a UUID in lower case with hyphens. */
export type UserId = Branded<string, 'UserId'>;

/** What a frame is called by its sender: 32 hexadecimal digits. */
export type FrameId = Branded<string, 'FrameId'>;

export const ID_BYTES = 16;

/** `null` unless the text is a UUID in its usual spelling. */
export function parseUserId(text: string): UserId | null {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return uuid.test(text) ? (text.toLowerCase() as UserId) : null;
}

/** `null` unless there are 16 bytes. */
export function userIdFrom(bytes: Bytes): UserId | null {
  if (bytes.length !== ID_BYTES) return null;
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as UserId;
}

export function userIdBytes(id: UserId): Bytes {
  return bytesOf(id.replaceAll('-', ''));
}

/** `null` unless there are 16 bytes. */
export function frameIdFrom(bytes: Bytes): FrameId | null {
  return bytes.length === ID_BYTES ? (toHex(bytes) as FrameId) : null;
}

export function frameIdBytes(id: FrameId): Bytes {
  return bytesOf(id);
}

function bytesOf(hex: string): Bytes {
  const bytes = fromHex(hex);
  if (bytes === null) throw new Error('an id is made of hexadecimal digits only');
  return bytes;
}
