/**
 * What is inside a seal: a MessagePack array, its kind first.
 *
 * The label outside is for the server's metrics and says nothing that counts; what a record means
 * is only here. Unknown kinds and shapes are nothing, so that newer clients may say more.
 */
import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import type { Bytes } from '../bytes.ts';
import type { TalkLabel } from '../wire/codes.ts';
import { type FrameId, frameIdBytes, frameIdFrom } from '../wire/ids.ts';

export const TEXT_CHARS_MAX = 4_000;

export type Record =
  /** The sender leaves: nothing follows. */
  | { readonly is: 'bye' }
  | { readonly is: 'text'; readonly text: string }
  /** Every record with a counter below `next` was opened. */
  | { readonly is: 'delivered'; readonly next: number }
  /** This line and all before it were in sight. */
  | { readonly is: 'read'; readonly upTo: FrameId };

const KINDS = { bye: 0, text: 1, delivered: 2, read: 3 } as const;

/** The label that a record travels under. */
export const LABELS: { readonly [Is in Record['is']]: TalkLabel } = {
  bye: 'message',
  text: 'message',
  delivered: 'ack',
  read: 'message_read',
};

export function encodeRecord(record: Record): Bytes {
  switch (record.is) {
    case 'bye':
      return pack([KINDS.bye]);
    case 'text':
      return pack([KINDS.text, record.text]);
    case 'delivered':
      return pack([KINDS.delivered, record.next]);
    case 'read':
      return pack([KINDS.read, frameIdBytes(record.upTo)]);
  }
}

/** `null` for what this client cannot read. */
export function decodeRecord(content: Bytes): Record | null {
  const parts = unpacked(content);
  if (!Array.isArray(parts)) return null;
  const [kind, value]: readonly unknown[] = parts;
  switch (kind) {
    case KINDS.bye:
      return { is: 'bye' };
    case KINDS.text:
      return typeof value === 'string' && isSayable(value) ? { is: 'text', text: value } : null;
    case KINDS.delivered:
      return typeof value === 'number' && Number.isSafeInteger(value)
        ? { is: 'delivered', next: value }
        : null;
    case KINDS.read: {
      const upTo = value instanceof Uint8Array ? frameIdFrom(value.slice()) : null;
      return upTo && { is: 'read', upTo };
    }
    default:
      return null;
  }
}

export function isSayable(text: string): boolean {
  return text.length >= 1 && text.length <= TEXT_CHARS_MAX;
}

function unpacked(content: Bytes): unknown {
  try {
    return unpack(content);
  } catch {
    return null;
  }
}
