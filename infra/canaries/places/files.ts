/** Files, and folders with all that is in them, read in pieces. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Searcher } from '../search/searcher.ts';
import { Finds, type Look } from './finds.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/** Looks through these files and folders; one that is not there is an error. */
export function searchFiles(searcher: Searcher, place: string, paths: readonly string[]): Look {
  const begun = performance.now();
  const finds = new Finds(place);
  const files = paths.flatMap(filesIn);
  let bytes = 0;
  for (const file of files) bytes += searchFile(searcher, file, finds);
  const tookMs = performance.now() - begun;
  return { place, finds: finds.all, bytes, unreadBytes: 0, parts: files.length, tookMs };
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name));
}

/** How many bytes it had. One that was removed meanwhile had none. */
function searchFile(searcher: Searcher, path: string, finds: Finds): number {
  if (!existsSync(path)) return 0;
  const file = openSync(path, 'r');
  const stream = searcher.stream();
  const piece = Buffer.alloc(PIECE_BYTES);
  const where = (at: number) => `${path}, byte ${at}`;
  let bytes = 0;
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
    bytes += read;
    finds.add(stream.feed(piece.subarray(0, read)), where);
  }
  finds.add(stream.end(), where);
  closeSync(file);
  return bytes;
}
