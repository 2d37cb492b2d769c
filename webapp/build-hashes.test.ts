/** What a build says of its own files. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { buildHashes, LIST, listOf, withIntegrity } from './build-hashes.ts';

const hash = (content: string | Uint8Array, coding: 'hex' | 'base64') =>
  createHash('sha384').update(content).digest(coding);

describe('a build', () => {
  it('[UI121] names the hash of what its page loads, and no other', () => {
    const page =
      '<link rel="icon" href="/favicon.svg" /><script type="module" src="/assets/a.js"></script>' +
      '<link rel="stylesheet" crossorigin href="/assets/b.css">';
    const named = withIntegrity(page, { 'assets/a.js': 'a()', 'assets/b.css': 'b {}' });
    expect(named).toContain(
      `src="/assets/a.js" integrity="sha384-${hash('a()', 'base64')}"></script>`,
    );
    expect(named).toContain(`href="/assets/b.css" integrity="sha384-${hash('b {}', 'base64')}">`);
    expect(named).toContain('<link rel="icon" href="/favicon.svg" />');
    expect(() => withIntegrity(page, {})).toThrow(/assets\/a.js is no file/);
  });

  it('[UI121] lists every file that it consists of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dhchat-build-'));
    const [root, outDir] = [join(folder, 'src'), join(folder, 'out')];
    try {
      await writeSources(root);
      await build({
        configFile: false,
        root,
        logLevel: 'silent',
        plugins: [buildHashes()],
        build: { outDir: '../out', emptyOutDir: true, assetsInlineLimit: 0 },
      });
      const list = await readFile(join(outDir, LIST), 'utf8');
      const named = list
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(98));
      expect(named).toHaveLength(3);
      expect(named).toEqual(expect.arrayContaining(['index.html', 'robots.txt']));
      for (const line of list.trimEnd().split('\n')) {
        expect(line.slice(0, 96)).toBe(hash(await readFile(join(outDir, line.slice(98))), 'hex'));
      }
      expect(await listOf(outDir)).toBe(list);
      expect(await readFile(join(outDir, 'index.html'), 'utf8')).toContain(' integrity="sha384-');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function writeSources(root: string): Promise<void> {
  await mkdir(join(root, 'public'), { recursive: true });
  await writeFile(join(root, 'public/robots.txt'), 'User-agent: *\n');
  await writeFile(join(root, 'main.js'), 'document.title = "built";\n');
  const page = '<!doctype html><title>x</title><script type="module" src="/main.js"></script>';
  await writeFile(join(root, 'index.html'), page);
}
