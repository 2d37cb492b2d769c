/** The web app manifest, against the files that it names and the page that names it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ICONS } from './icons.ts';

const WEBAPP = import.meta.dirname;
const readPublic = (path: string) => readFileSync(join(WEBAPP, 'public', path));
const manifest = JSON.parse(readPublic('manifest.webmanifest').toString());

/** Width and height of a PNG: the two numbers that its first chunk begins with. */
function sizeOf(path: string): string {
  const png = readPublic(path);
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}

describe('the web app manifest', () => {
  it('[UI120] has what browsers ask of an app that can be installed', () => {
    expect(manifest).toMatchObject({ start_url: '/', scope: '/', id: '/', display: 'standalone' });
    expect(manifest.name).toBe('dh-secure-chat');
    const sizes = manifest.icons.map(
      ({ sizes, purpose }: Record<string, string>) => `${sizes} ${purpose}`,
    );
    expect(sizes).toEqual(
      expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']),
    );
  });

  it('[UI120] names icons that are there and as large as it says', () => {
    for (const { src, sizes, type } of manifest.icons) {
      if (type === 'image/png') expect([src, sizeOf(src)]).toEqual([src, sizes]);
      else expect(readPublic(src).toString()).toMatch(/^<svg /);
    }
    for (const { file, sizePx } of ICONS) expect(sizeOf(file)).toBe(`${sizePx}x${sizePx}`);
  });

  it('[UI120] is named by the page, and the icon of phones with it', () => {
    const page = readFileSync(join(WEBAPP, 'index.html'), 'utf8');
    expect(page).toContain('<link rel="manifest" href="/manifest.webmanifest" />');
    const touch = /rel="apple-touch-icon" href="\/(.*)"/.exec(page)?.[1] ?? '';
    expect(ICONS.map(({ file }) => file)).toContain(touch);
  });
});
