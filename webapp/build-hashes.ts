/**
 * Writes down what a build consists of: a list of every file with its SHA-384, in the form that
 * `sha384sum --check` reads, and the same values on the tags of the page (W3C Subresource
 * Integrity), so that a file which was changed on its way is not run.
 *
 * The list proves nothing by itself, for it comes from the same server: it is what two builds, or a
 * build and a server, are compared by (`scripts/twin-builds.sh`).
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

/** Beside the page: `/hashes.txt`. */
export const LIST = 'hashes.txt';

const PAGE = 'index.html';
/** Tags that load a script or a style of the build. */
const TAG = /<(?:script|link)\b[^>]*\b(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"[^>]*>/g;

type Files = Readonly<Record<string, Uint8Array | string>>;

/** Names the hash of each file that the page loads by a tag. Throws for one that is not there. */
export function withIntegrity(page: string, files: Files): string {
  return page.replaceAll(TAG, (tag, name: string) => {
    const content = files[name];
    if (content === undefined) throw new Error(`${name} is no file of this build`);
    const value = createHash('sha384').update(content).digest('base64');
    return tag.replace(/\s*\/?>$/, ` integrity="sha384-${value}">`);
  });
}

/** A line for each file of a folder, in the order of their names. */
export async function listOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => path !== LIST)
    .sort();
  const lines = paths.map(async (path) => {
    const content = await readFile(join(folder, path));
    return `${createHash('sha384').update(content).digest('hex')}  ${path}\n`;
  });
  return (await Promise.all(lines)).join('');
}

export function buildHashes(): Plugin {
  let folder = '';
  return {
    name: 'build-hashes',
    apply: 'build',
    enforce: 'post',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const page = bundle[PAGE];
        if (page?.type !== 'asset') return;
        const files = Object.fromEntries(
          Object.values(bundle).map((file) => [
            file.fileName,
            file.type === 'chunk' ? file.code : file.source,
          ]),
        );
        page.source = withIntegrity(page.source.toString(), files);
      },
    },
    async closeBundle() {
      await writeFile(join(folder, LIST), await listOf(folder));
    },
  };
}
