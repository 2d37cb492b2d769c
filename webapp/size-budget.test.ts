/** The budget of the first screen: what counts, and that a build which exceeds it fails. */
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { firstScreenBytes, sizeBudget } from './size-budget.ts';

const chunk = (code: string, imports: readonly string[] = [], isEntry = false) => {
  return { code, imports, isEntry };
};
const zipped = (...codes: readonly string[]) =>
  codes.reduce((sum, code) => sum + gzipSync(code).length, 0);

describe('the first screen', () => {
  it('[UI42] is the entry with all that it imports, each once, and nothing that comes later', () => {
    const chunks = new Map([
      ['main', chunk('main()', ['react', 'words'], true)],
      ['react', chunk('react()', ['words'])],
      ['words', chunk('words()', ['main'])],
      ['later', chunk('later()', ['react'])],
    ]);
    expect(firstScreenBytes(chunks)).toBe(zipped('main()', 'react()', 'words()'));
  });

  it('[UI42] fails the build when it grows too large', async () => {
    const entry = 'virtual:entry';
    const building = (firstScreenBytesMax: number, workerBytesMax = 10_000) =>
      build({
        configFile: false,
        logLevel: 'silent',
        plugins: [
          {
            name: 'entry',
            resolveId: (id) => (id === entry ? id : null),
            load: (id) => (id === entry ? 'globalThis.first = "screen";' : null),
            generateBundle() {
              const source = 'onmessage = () => postMessage("beside it");';
              this.emitFile({ type: 'asset', fileName: 'worker.js', source });
            },
          },
          sizeBudget({ firstScreenBytesMax, workerBytesMax }),
        ],
        build: { write: false, rollupOptions: { input: entry } },
      });
    await expect(building(10)).rejects.toThrow(/the first screen has .* KiB of JavaScript/);
    await expect(building(10_000, 10)).rejects.toThrow(/the worker has .* KiB of JavaScript/);
    await expect(building(10_000)).resolves.toBeTruthy();
  });
});
