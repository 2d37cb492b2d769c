/**
 * What is inside a seal: a MessagePack array, its kind first.
 *
 * The label outside is for the server's metrics and says nothing that counts; what a record means
 * is only here. Each kind belongs to one lane. Unknown kinds and shapes are nothing, so that newer
 * clients may say more.
 */
import { encode as pack } from '@msgpack/msgpack';
import type { Bytes } from '../bytes.ts';
import { RECORDED_KINDS, type RecordedKind } from '../recording/kind.ts';
import type { TalkLabel } from '../wire/codes.ts';
import { type FrameId, frameIdBytes, frameIdFrom } from '../wire/ids.ts';
import { isCount, unpacked } from '../wire/unpacked.ts';

export const TEXT_CHARS_MAX = 4_000;
/** An emoji with all that may join it: families and flags are the longest. */
export const EMOJI_CHARS_MAX = 32;

/** What is said: on the talk lane, kept until it is acknowledged. */
export type TalkRecord =
  | { readonly is: 'text'; readonly text: string; readonly replyTo: FrameId | null }
  | { readonly is: 'edit'; readonly line: FrameId; readonly text: string }
  | { readonly is: 'delete'; readonly line: FrameId }
  /** `null` takes the reaction back. */
  | { readonly is: 'reaction'; readonly line: FrameId; readonly emoji: string | null }
  /** This line and all before it were in sight. */
  | { readonly is: 'read'; readonly upTo: FrameId };

/** What has arrived: everything before `next`, and from `ahead` on something that waits. */
export type Arrived = { readonly next: number; readonly ahead: number | null };

/** What keeps the talk going: on the control lane, said once and never kept. */
export type ControlRecord =
  | ({ readonly is: 'ack' } & Arrived)
  /** The path is another: all that is not in here is to be sent again. `asks` for the same. */
  | ({ readonly is: 'resume'; readonly asks: boolean } & Arrived)
  | { readonly is: 'turnPlease' }
  | { readonly is: 'typing'; readonly on: boolean }
  /** `null`: not any more. */
  | { readonly is: 'recording'; readonly what: RecordedKind | null };

export type Record = TalkRecord | ControlRecord;

const KINDS = {
  text: 1,
  edit: 2,
  delete: 3,
  reaction: 4,
  read: 5,
  ack: 16,
  resume: 17,
  turnPlease: 18,
  typing: 19,
  recording: 20,
} as const;

/** Kinds below this are talk. */
const CONTROL_KIND_MIN = 16;

/** The label that a record travels under. */
const LABELS: { readonly [Is in Record['is']]: TalkLabel } = {
  text: 'message',
  edit: 'message_edit',
  delete: 'message_delete',
  reaction: 'reaction',
  read: 'message_read',
  ack: 'ack',
  resume: 'ack',
  turnPlease: 'ack',
  typing: 'typing',
  // Nobody on the way need know that it is a voice.
  recording: 'typing',
};

export function labelFor(record: Record): TalkLabel {
  return LABELS[record.is];
}

export function laneOf(record: Record): 0 | 1 {
  return KINDS[record.is] < CONTROL_KIND_MIN ? 1 : 0;
}

export function encodeRecord(record: Record): Bytes {
  return pack([KINDS[record.is], ...partsOf(record)]);
}

/** `null` for what this client cannot read, or what has no place in that lane. */
export function decodeRecord(lane: 0 | 1, content: Bytes): Record | null {
  const parts = unpacked(content);
  if (!Array.isArray(parts)) return null;
  const record = recordFrom(parts);
  return record !== null && laneOf(record) === lane ? record : null;
}

export function isSayable(text: string): boolean {
  return text.length >= 1 && text.length <= TEXT_CHARS_MAX;
}

export function isEmoji(text: string): boolean {
  return (
    text.length >= 1 &&
    text.length <= EMOJI_CHARS_MAX &&
    !/[\s\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u.test(bare(text))
  );
}

/** Joiners and variation selectors are part of emoji, though nothing is seen of them. */
function bare(text: string): string {
  return text.replace(/[\u200d\ufe0e\ufe0f]|[\u{e0020}-\u{e007f}]/gu, '');
}

function partsOf(record: Record): readonly unknown[] {
  switch (record.is) {
    case 'text':
      return [record.text, record.replyTo && frameIdBytes(record.replyTo)];
    case 'edit':
      return [frameIdBytes(record.line), record.text];
    case 'delete':
      return [frameIdBytes(record.line)];
    case 'reaction':
      return [frameIdBytes(record.line), record.emoji];
    case 'read':
      return [frameIdBytes(record.upTo)];
    case 'ack':
      return [record.next, record.ahead];
    case 'resume':
      return [record.next, record.ahead, record.asks];
    case 'turnPlease':
      return [];
    case 'typing':
      return [record.on];
    case 'recording':
      return [record.what === null ? null : RECORDED_KINDS.indexOf(record.what)];
  }
}

function recordFrom([kind, first, second, third]: readonly unknown[]): Record | null {
  switch (kind) {
    case KINDS.text: {
      const replyTo = second === null ? null : frameId(second);
      return isText(first) && (second === null || replyTo !== null)
        ? { is: 'text', text: first, replyTo }
        : null;
    }
    case KINDS.edit: {
      const line = frameId(first);
      return line !== null && isText(second) ? { is: 'edit', line, text: second } : null;
    }
    case KINDS.delete: {
      const line = frameId(first);
      return line && { is: 'delete', line };
    }
    case KINDS.reaction: {
      const line = frameId(first);
      const readable = second === null || (typeof second === 'string' && isEmoji(second));
      return line !== null && readable ? { is: 'reaction', line, emoji: second } : null;
    }
    case KINDS.read: {
      const upTo = frameId(first);
      return upTo && { is: 'read', upTo };
    }
    case KINDS.ack: {
      const arrived = arrivedFrom(first, second);
      return arrived && { is: 'ack', ...arrived };
    }
    case KINDS.resume: {
      const arrived = arrivedFrom(first, second);
      return arrived && typeof third === 'boolean'
        ? { is: 'resume', asks: third, ...arrived }
        : null;
    }
    case KINDS.turnPlease:
      return { is: 'turnPlease' };
    case KINDS.typing:
      return typeof first === 'boolean' ? { is: 'typing', on: first } : null;
    case KINDS.recording: {
      const what = first === null ? null : isCount(first) ? RECORDED_KINDS[first] : undefined;
      return what === undefined ? null : { is: 'recording', what };
    }
    default:
      return null;
  }
}

function arrivedFrom(next: unknown, ahead: unknown): Arrived | null {
  return isCount(next) && (ahead === null || isCount(ahead)) ? { next, ahead } : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && isSayable(value);
}

function frameId(value: unknown): FrameId | null {
  return value instanceof Uint8Array ? frameIdFrom(value.slice()) : null;
}
