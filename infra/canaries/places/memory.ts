/**
 * The memory of running processes, as `proc(5)` has it: every mapping that can be read, while the
 * process goes on. What processes have in common is read once: memory that they share, and parts of
 * files that none of them can have written to.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Searcher } from '../search/searcher.ts';
import { Finds, type Look } from './finds.ts';

const PIECE_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 4_096;

export type Mapping = {
  readonly from: number;
  readonly to: number;
  readonly isReadable: boolean;
  /** Names what is the same in every process that maps it; `null` for memory of its own. */
  readonly common: string | null;
  readonly name: string;
};

/** The lines of `/proc/PID/maps`: `from-to rwxp offset device inode   name`. */
export function mappingsIn(text: string): Mapping[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [range = '', rights = '', offset = '', device = '', inode = '', ...name] =
      line.split(/ +/);
    const [from = 0, to = 0] = range.split('-').map((digits) => Number.parseInt(digits, 16));
    const isWritable = rights.includes('w');
    const isCommon = rights.endsWith('s') || (!isWritable && inode !== '0');
    return {
      from,
      to,
      isReadable: rights.startsWith('r'),
      common: isCommon ? `${device} ${inode} ${offset} ${to - from}` : null,
      name: name.join(' '),
    };
  });
}

/** Looks through the memory of all these at once. A process that ended meanwhile is passed over. */
export function searchMemory(searcher: Searcher, place: string, pids: readonly number[]): Look {
  const begun = performance.now();
  const look = { finds: new Finds(place), bytes: 0, unreadBytes: 0, parts: 0 };
  const seen = new Set<string>();
  for (const pid of pids) {
    const memory = opened(pid);
    if (memory === null) continue;
    look.parts += 1;
    searchProcess(searcher, { pid, ...memory }, seen, look);
    closeSync(memory.file);
  }
  const { finds, ...rest } = look;
  return { place, finds: finds.all, ...rest, tookMs: performance.now() - begun };
}

type Memory = { readonly file: number; readonly mappings: readonly Mapping[] };

type Sums = { readonly finds: Finds; bytes: number; unreadBytes: number; parts: number };

function opened(pid: number): Memory | null {
  try {
    const mappings = mappingsIn(readFileSync(`/proc/${pid}/maps`, 'utf8'));
    return { file: openSync(`/proc/${pid}/mem`, 'r'), mappings };
  } catch (error) {
    if (isGone(error)) return null;
    throw new Error(`the memory of process ${pid} may not be read; root may`, { cause: error });
  }
}

function searchProcess(
  searcher: Searcher,
  { pid, file, mappings }: Memory & { readonly pid: number },
  seen: Set<string>,
  sums: Sums,
): void {
  let stream = searcher.stream();
  let streamAt = 0;
  let endedAt = -1;
  const where = (at: number) => `process ${pid}, address ${(streamAt + at).toString(16)}`;
  const restart = (at: number) => {
    sums.finds.add(stream.end(), where);
    stream = searcher.stream();
    streamAt = at;
  };
  for (const { from, to, isReadable, common, name } of mappings) {
    if (!isReadable || name.startsWith('[v') || (common !== null && seen.has(common))) continue;
    if (common !== null) seen.add(common);
    // What lies side by side is one piece of memory, however it came to be mapped.
    if (from !== endedAt) restart(from);
    endedAt = to;
    for (let at = from; at < to; ) {
      const piece = pieceAt(file, at, Math.min(PIECE_BYTES, to - at));
      if (piece === null) {
        sums.unreadBytes += Math.min(PAGE_BYTES, to - at);
        at += PAGE_BYTES;
        restart(at);
        continue;
      }
      sums.bytes += piece.length;
      at += piece.length;
      sums.finds.add(stream.feed(piece), where);
    }
  }
  restart(0);
}

const room = Buffer.alloc(PIECE_BYTES);

/** What can be read from here on; `null` if not even the next page can. */
function pieceAt(file: number, at: number, bytes: number): Buffer | null {
  try {
    const read = readSync(file, room, 0, bytes, at);
    return read === 0 ? null : room.subarray(0, read);
  } catch {
    return null;
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH';
}
