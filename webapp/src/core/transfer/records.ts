/**
 * What two browsers say to each other about a transfer, inside the seal of a record: a MessagePack
 * array, its kind first, as all records are. Kinds from 32 are of transfers.
 *
 * There is one spelling of each record: what is read and would be written otherwise is nothing, so
 * that the bytes of the start record, which every chunk is bound to, are the same on both sides.
 */
import { encode as pack } from '@msgpack/msgpack';
import { type Bytes, equal } from '../bytes.ts';
import { isBytes, isCount, unpacked } from '../wire/unpacked.ts';
import { ACCESS_MODES, FILE_KINDS, type FileHeader } from './header.ts';

/** Why a transfer is over without the file. */
export const REASONS = [
  /** A person stopped it. */
  'cancelled',
  /** The receiver does not want it. */
  'declined',
  /** What was announced cannot be. */
  'invalid',
  'tooLarge',
  /** Another one is on its way. */
  'busy',
  /** Nothing moved for too long. */
  'idle',
  /** It could not be read here, or not be kept there. */
  'failed',
  /** What arrived is not what was sent. */
  'damaged',
] as const;
export type Reason = (typeof REASONS)[number];

export type TransferRecord =
  | { readonly is: 'fileStart'; readonly header: FileHeader }
  /** All chunks are sent; the hash is that of `FileHash`. */
  | { readonly is: 'fileEnd'; readonly lane: number; readonly hash: Bytes }
  /** From either side. */
  | { readonly is: 'fileCancel'; readonly lane: number; readonly why: Reason }
  /** From either side, about its own wish. */
  | { readonly is: 'filePause'; readonly lane: number; readonly on: boolean }
  /** The receiver has it, whole and with the announced hash. */
  | { readonly is: 'fileDelivered'; readonly lane: number }
  /** The receiver's person has looked at it, heard it, or saved it. */
  | { readonly is: 'fileRead'; readonly lane: number }
  /** The receiver's word, which may be lost: the first one accepts the file. */
  | {
      readonly is: 'credit';
      readonly lane: number;
      /** Every chunk before this one was opened. */
      readonly nextChunk: number;
      /** How far into the file the sender may send. */
      readonly grantedBytes: number;
      /** Whether a later chunk came, so that `nextChunk` is missing. */
      readonly gap: boolean;
    };

const KINDS = {
  fileStart: 32,
  fileEnd: 33,
  fileCancel: 34,
  filePause: 35,
  fileDelivered: 36,
  credit: 37,
  fileRead: 38,
} as const;

/** The first kind of record that is one of a transfer. */
export const TRANSFER_KIND_MIN = 32;
const HASH_BYTES = 32;

/** The lane of the channel that a record travels on: what may be lost on control, the rest on talk. */
export function channelLaneOf(record: TransferRecord): 0 | 1 {
  return record.is === 'credit' ? 0 : 1;
}

/** The lane of the file that it is about. */
export function fileLaneOf(record: TransferRecord): number {
  return record.is === 'fileStart' ? record.header.lane : record.lane;
}

export function encodeTransferRecord(record: TransferRecord): Bytes {
  const kind = KINDS[record.is];
  switch (record.is) {
    case 'fileStart': {
      const { lane, fileKey, prefix, name, mime, size, chunkBytes } = record.header;
      const { accessMode, kind: fileKind, durationMs } = record.header;
      const mode = ACCESS_MODES.indexOf(accessMode);
      const played = [mode, FILE_KINDS.indexOf(fileKind), durationMs];
      return pack([kind, lane, fileKey, prefix, name, mime, size, chunkBytes, ...played]);
    }
    case 'fileEnd':
      return pack([kind, record.lane, record.hash]);
    case 'fileCancel':
      return pack([kind, record.lane, REASONS.indexOf(record.why)]);
    case 'filePause':
      return pack([kind, record.lane, record.on]);
    case 'fileDelivered':
    case 'fileRead':
      return pack([kind, record.lane]);
    case 'credit':
      return pack([kind, record.lane, record.nextChunk, record.grantedBytes, record.gap]);
  }
}

/** `null` for what is no record of a transfer, or has no place on that lane of the channel. */
export function decodeTransferRecord(lane: 0 | 1, content: Bytes): TransferRecord | null {
  const parts = unpacked(content);
  if (!Array.isArray(parts)) return null;
  const record = recordOf(parts);
  if (record === null || channelLaneOf(record) !== lane) return null;
  return equal(encodeTransferRecord(record), content) ? record : null;
}

function recordOf([kind, lane, ...rest]: readonly unknown[]): TransferRecord | null {
  if (!isCount(lane)) return null;
  const [first, second, third] = rest;
  switch (kind) {
    case KINDS.fileStart: {
      const header = headerOf(lane, rest);
      return header && { is: 'fileStart', header };
    }
    case KINDS.fileEnd:
      return isBytes(first) && first.length === HASH_BYTES
        ? { is: 'fileEnd', lane, hash: first.slice() }
        : null;
    case KINDS.fileCancel: {
      const why = isCount(first) ? REASONS[first] : undefined;
      return why === undefined ? null : { is: 'fileCancel', lane, why };
    }
    case KINDS.filePause:
      return typeof first === 'boolean' ? { is: 'filePause', lane, on: first } : null;
    case KINDS.fileDelivered:
      return { is: 'fileDelivered', lane };
    case KINDS.fileRead:
      return { is: 'fileRead', lane };
    case KINDS.credit:
      return isCount(first) && isCount(second) && typeof third === 'boolean'
        ? { is: 'credit', lane, nextChunk: first, grantedBytes: second, gap: third }
        : null;
    default:
      return null;
  }
}

/** Types only; whether the file is one that is taken is for `header.ts` to say. */
function headerOf(lane: number, parts: readonly unknown[]): FileHeader | null {
  const [fileKey, prefix, name, mime, size, chunkBytes, mode, kindNumber, durationMs] = parts;
  const accessMode = isCount(mode) ? ACCESS_MODES[mode] : undefined;
  const kind = isCount(kindNumber) ? FILE_KINDS[kindNumber] : undefined;
  if (accessMode === undefined || kind === undefined) return null;
  if (!isBytes(fileKey) || !isBytes(prefix)) return null;
  if (typeof name !== 'string' || typeof mime !== 'string') return null;
  if (!isCount(size) || !isCount(chunkBytes)) return null;
  if (durationMs !== null && !isCount(durationMs)) return null;
  const secret = { fileKey: fileKey.slice(), prefix: prefix.slice() };
  return { lane, ...secret, name, mime, size, chunkBytes, accessMode, kind, durationMs };
}
