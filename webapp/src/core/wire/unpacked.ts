/** MessagePack from somebody else: read without an exception, and believed only piece by piece. */
import { decode } from '@msgpack/msgpack';
import type { Bytes } from '../bytes.ts';

/** `null` for what is no MessagePack. */
export function unpacked(bytes: Bytes): unknown {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}

export function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array;
}

/** A whole number from 0 up that is exact. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
