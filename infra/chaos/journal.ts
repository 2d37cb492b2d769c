/** Lines of JSON in a file: written as they happen, read when all is over. */
import {
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  type WriteStream,
} from 'node:fs';
import { join } from 'node:path';

/** One file of a run; what is written is there once `close` is done. */
export class Journal<Entry> {
  readonly #stream: WriteStream;

  constructor(folder: string, name: string) {
    this.#stream = createWriteStream(join(folder, `${name}.jsonl`), { flags: 'a' });
  }

  write(entry: Entry): void {
    this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve));
  }
}

/** The entries of every file whose name begins so; each file in its own order. */
export function entries<Entry>(folder: string, beginning: string): Entry[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter(
    (name) => name.startsWith(beginning) && name.endsWith('.jsonl'),
  );
  return files.sort().flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Entry),
  );
}
