/**
 * Fails a build whose first screen has grown: what a browser loads before anybody can sign in is
 * the page's script with everything that it imports from the start. What is loaded later, and the
 * worker that holds the keys, are weighed apart.
 */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Bytes of JavaScript, compressed as servers do. */
export type Budget = { readonly firstScreenBytesMax: number; readonly workerBytesMax: number };

/**
 * The first is well below a second on a slow mobile connection, and four fifths of it are what draws
 * and what translates; the worker comes beside it.
 */
const BUDGET: Budget = { firstScreenBytesMax: 101 * 1_024, workerBytesMax: 96 * 1_024 };

type Chunk = {
  readonly code: string;
  readonly imports: readonly string[];
  readonly isEntry: boolean;
};

/** The bytes of the entry and of all that comes with it. */
export function firstScreenBytes(chunks: ReadonlyMap<string, Chunk>): number {
  const wanted = [...chunks].filter(([, { isEntry }]) => isEntry).map(([name]) => name);
  const loaded = new Set<string>();
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    wanted.push(...(chunks.get(name)?.imports ?? []));
  }
  const sizes = [...loaded].map((name) => gzipSync(chunks.get(name)?.code ?? '').length);
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

export function sizeBudget(budget: Budget = BUDGET): Plugin {
  return {
    name: 'size-budget',
    // What is built for tests has more in it, and is not shipped.
    apply: (_, { command, mode }) => command === 'build' && mode === 'production',
    generateBundle(_, bundle) {
      const weigh = (what: string, bytes: number, bytesMax: number) => {
        const says = `${what} has ${(bytes / 1_024).toFixed(1)} KiB of JavaScript`;
        if (bytes > bytesMax) this.error(`${says}, ${bytesMax / 1_024} are allowed`);
        this.info(says);
      };
      const files = Object.entries(bundle);
      const chunks = new Map(
        files.flatMap(([name, file]) => (file.type === 'chunk' ? [[name, file] as const] : [])),
      );
      weigh('the first screen', firstScreenBytes(chunks), budget.firstScreenBytesMax);
      for (const [name, file] of files) {
        // A worker is built apart, and comes as a file that is done.
        if (file.type !== 'asset' || !name.endsWith('.js')) continue;
        weigh('the worker', gzipSync(file.source).length, budget.workerBytesMax);
      }
    },
  };
}
