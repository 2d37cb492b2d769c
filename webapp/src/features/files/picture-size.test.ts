/** Pictures that say how large they are. */
import { describe, expect, it } from 'vitest';
import { isBearable } from './picture-size.ts';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const be32 = (n: number) =>
  String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const be16 = (n: number) => be32(n).slice(2);
const le16 = (n: number) => [...be16(n)].reverse().join('');
const le24 = (n: number) => [...be32(n).slice(1)].reverse().join('');
const le32 = (n: number) => [...be32(n)].reverse().join('');

/** The same picture in each type, of a size. */
function pictures(width: number, height: number): readonly [string, string][] {
  return [
    ['png', `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${be32(width)}${be32(height)}`],
    ['gif', `GIF89a${le16(width)}${le16(height)}`],
    ['webp, extended', `RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0${le24(width - 1)}${le24(height - 1)}`],
    ['jpeg', `\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08${be16(height)}${be16(width)}`],
  ];
}

describe('a picture', () => {
  it('[UI82] of a size that screens and cameras have is decoded', () => {
    for (const [type, head] of pictures(8_000, 6_000)) {
      expect([type, isBearable(bytes(head))]).toEqual([type, true]);
    }
  });

  it('[UI82] that asks for more memory than a page has is not', () => {
    for (const [type, head] of pictures(60_000, 60_000)) {
      expect([type, isBearable(bytes(head))]).toEqual([type, false]);
    }
    const lossless = `RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f${le32(0x3fff | (0x3fff << 14))}`;
    expect(isBearable(bytes(lossless))).toBe(false);
    const lossy = `RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a${le16(0x3fff)}${le16(0x3fff)}`;
    expect(isBearable(bytes(lossy))).toBe(false);
  });

  it('[UI82] that does not say how large it is, is left to its decoder', () => {
    const cut = ['', '\x89PNG', '\xff\xd8\xff\xe0', 'GIF89a', 'RIFF\0\0\0\0WEBPVP8X', 'BM'];
    for (const head of cut) expect(isBearable(bytes(head))).toBe(true);
    // Segments that lead nowhere end the search.
    expect(isBearable(bytes(`\xff\xd8\xff\xe0\0\0${'\xff'.repeat(99)}`))).toBe(true);
  });
});
