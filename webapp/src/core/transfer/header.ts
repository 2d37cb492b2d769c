/**
 * What a sender announces of a file, and whether a receiver takes it: the peer's word, checked
 * once, here, before anything of it is shown or written.
 */
import { type Bytes, utf8 } from '../bytes.ts';
import {
  CHUNK_BYTES_MAX,
  CHUNK_BYTES_MIN,
  FILE_BYTES_MAX,
  MIME_CHARS_MAX,
  NAME_BYTES_MAX,
  PLAYED_MS_MAX,
  VOICE_BYTES_MAX,
  VOICE_MS_MAX,
} from './limits.ts';

export const ACCESS_MODES = ['both', 'view_only', 'download_only'] as const;
/** What the sender wishes the receiver to be offered; a wish, for the receiver has every byte. */
export type AccessMode = (typeof ACCESS_MODES)[number];

export const FILE_KINDS = ['file', 'voice', 'video'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** The first lane of files: control and talk come before it. */
export const FIRST_LANE = 2;
const LANE_MAX = 2 ** 32 - 1;
export const FILE_KEY_BYTES = 32;
export const PREFIX_BYTES = 7;

/** What people see of a file. */
export type FileMeta = {
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly accessMode: AccessMode;
  readonly kind: FileKind;
  /** How long it plays; `null` for what is not played. */
  readonly durationMs: number | null;
};

export type FileHeader = FileMeta & {
  readonly lane: number;
  readonly fileKey: Bytes;
  readonly prefix: Bytes;
  readonly chunkBytes: number;
};

export type Limits = { readonly fileBytesMax: number; readonly voiceBytesMax: number };

export const LIMITS: Limits = { fileBytesMax: FILE_BYTES_MAX, voiceBytesMax: VOICE_BYTES_MAX };

/** Why a file is not taken; `null` if it is. */
export type Objection = 'tooLarge' | 'invalid' | null;

/** The lists of the original, for what is played without being asked twice. */
const PLAYED: { readonly [Kind in 'voice' | 'video']: readonly string[] } = {
  voice: ['audio/webm', 'audio/ogg', 'audio/mpeg', 'audio/mp4', 'audio/wav', 'audio/x-m4a'],
  video: [
    'video/mp4',
    'video/webm',
    'video/ogg',
    'video/quicktime',
    'video/x-msvideo',
    'video/x-matroska',
  ],
};

/** Type and subtype, RFC 6838, section 4.2, in lower case and without parameters. */
const MIME = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/**
 * What makes a name lie about itself or leave its folder: control characters, separators, and
 * the marks that turn the direction of writing, by which `gpj.exe` reads `exe.jpg`.
 */
const NOT_IN_NAMES = /[\p{Cc}\p{Zl}\p{Zp}/\\\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const ALL_NOT_IN_NAMES = new RegExp(NOT_IN_NAMES, 'gu');

export function objectionTo(meta: FileMeta, limits: Limits): Objection {
  const { size, kind, durationMs } = meta;
  if (!isWhole(size, 1, Number.MAX_SAFE_INTEGER)) return 'invalid';
  const bytesMax = kind === 'voice' ? limits.voiceBytesMax : limits.fileBytesMax;
  if (size > Math.min(bytesMax, limits.fileBytesMax)) return 'tooLarge';
  if (!isName(meta.name) || !isMime(meta.mime)) return 'invalid';
  if (kind === 'file') return durationMs === null ? null : 'invalid';
  const msMax = kind === 'voice' ? VOICE_MS_MAX : PLAYED_MS_MAX;
  const played = PLAYED[kind].includes(meta.mime) && isWhole(durationMs, 0, msMax);
  return played ? null : 'invalid';
}

/** Whether the technical part holds: what no person and no limit decides. */
export function isSound({ lane, fileKey, prefix, chunkBytes, size }: FileHeader): boolean {
  return (
    isWhole(lane, FIRST_LANE, LANE_MAX) &&
    fileKey.length === FILE_KEY_BYTES &&
    prefix.length === PREFIX_BYTES &&
    isWhole(chunkBytes, CHUNK_BYTES_MIN, CHUNK_BYTES_MAX) &&
    chunkCount({ size, chunkBytes }) <= LANE_MAX
  );
}

export function isName(name: string): boolean {
  const dots = name === '.' || name === '..';
  const bytes = utf8(name).length;
  return (
    bytes >= 1 &&
    bytes <= NAME_BYTES_MAX &&
    !dots &&
    name.isWellFormed() &&
    name.trim() === name &&
    !NOT_IN_NAMES.test(name)
  );
}

export function isMime(mime: string): boolean {
  return mime.length <= MIME_CHARS_MAX && MIME.test(mime);
}

/** A name that can be sent, as near to the given one as may be. */
export function sendableName(name: string): string {
  const cleaned = name.toWellFormed().replaceAll(ALL_NOT_IN_NAMES, '_').trim();
  const dot = cleaned.lastIndexOf('.');
  const ending = dot > 0 && cleaned.length - dot <= 16 ? cleaned.slice(dot) : '';
  let room = NAME_BYTES_MAX - utf8(ending).length;
  let stem = '';
  for (const char of cleaned.slice(0, cleaned.length - ending.length)) {
    room -= utf8(char).length;
    if (room < 0) break;
    stem += char;
  }
  const shortened = `${stem}${ending}`.trim();
  return isName(shortened) ? shortened : 'file';
}

/** A type that can be sent: without parameters, and something for what the browser does not know. */
export function sendableMime(mime: string): string {
  const essence = (mime.split(';')[0] ?? '').trim().toLowerCase();
  return isMime(essence) ? essence : 'application/octet-stream';
}

export function chunkCount({ size, chunkBytes }: { size: number; chunkBytes: number }): number {
  return Math.ceil(size / chunkBytes);
}

/** Where a chunk ends in its file; where the next one begins. */
export function endOf(header: { size: number; chunkBytes: number }, chunk: number): number {
  return Math.min(header.size, (chunk + 1) * header.chunkBytes);
}

/** How much of the file a chunk holds. */
export function lengthOf(header: { size: number; chunkBytes: number }, chunk: number): number {
  return endOf(header, chunk) - chunk * header.chunkBytes;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
