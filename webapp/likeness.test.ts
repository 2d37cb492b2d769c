/** The comparison of screens from afar: what it forgives, and what it does not. */
import { describe, expect, it } from 'vitest';
import { CELL_PX, coarse, DIFFERENT_SHARE_MAX, differentShare, fromAfar } from './e2e/likeness.ts';
import { type Picture, readPng, writePng } from './e2e/png.ts';

const WIDTH = 390;
const HEIGHT = 844;

/** A light page with a dark bar, a button, at some height. */
function page(barAt: number | null, smoothing = 0): Picture {
  const rgb = Buffer.alloc(WIDTH * HEIGHT * 3, 245);
  for (let y = barAt ?? 0; y < (barAt ?? -44) + 44; y += 1) {
    rgb.fill(30, (y * WIDTH + 40) * 3, (y * WIDTH + 350) * 3);
  }
  for (let at = 0; at < rgb.length; at += 7) rgb[at] = (rgb[at] ?? 0) - smoothing;
  return { width: WIDTH, height: HEIGHT, rgb };
}

const seen = (picture: Picture) => fromAfar(picture, CELL_PX);

describe('a screen from afar', () => {
  it('is the same although its letters are smoothed otherwise', () => {
    expect(differentShare(seen(page(300)), seen(page(300)))).toBe(0);
    expect(differentShare(seen(page(300)), seen(page(300, 25)))).toBe(0);
  });

  it('is another one when a piece has moved by half its height, or is gone', () => {
    const [here, lower, gone] = [page(300), page(322), page(null)].map(seen) as [
      Picture,
      Picture,
      Picture,
    ];
    expect(differentShare(here, lower)).toBeGreaterThan(DIFFERENT_SHARE_MAX);
    expect(differentShare(here, gone)).toBeGreaterThan(DIFFERENT_SHARE_MAX);
  });

  it('has squares that are all of some size', () => {
    const { width, height } = seen(page(300));
    expect([width, height]).toEqual([32, 70]);
    expect(
      fromAfar({ width: 2, height: 1, rgb: Buffer.from([0, 0, 0, 9, 9, 8]) }, CELL_PX),
    ).toEqual({
      width: 1,
      height: 1,
      rgb: Buffer.from([5, 5, 4]),
    });
  });

  it('is the same as it is stored', () => {
    const picture = seen(page(300, 3));
    expect(differentShare(picture, coarse(picture))).toBe(0);
    const off = coarse(picture).rgb.map((value, at) => Math.abs(value - (picture.rgb[at] ?? 0)));
    expect(Math.max(...off)).toBeGreaterThan(0);
    expect(Math.max(...off)).toBeLessThanOrEqual(4);
  });

  it('is read from a picture as it was written', () => {
    const picture = page(120, 3);
    expect(readPng(writePng(picture))).toEqual(picture);
    expect(() => readPng(Buffer.from('GIF89a'))).toThrow('no PNG');
  });
});
