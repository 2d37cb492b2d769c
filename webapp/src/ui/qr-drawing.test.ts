/** QR codes as they are drawn, read back by the decoder that reads them off a screen. */
import decode from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { drawQr, pathOf } from './qr-drawing.ts';

const TEXT = `DHCHAT:1/${'A1'.repeat(16)}/${'B2'.repeat(32)}/${'C3'.repeat(16)}/${'D4'.repeat(32)}`;
const PX_PER_MODULE = 4;

/** Paints a path of bars as a screen does. */
function paint(path: string, size: number) {
  const width = size * PX_PER_MODULE;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = 0; row < PX_PER_MODULE; row += 1) {
      const from = (Number(y) * PX_PER_MODULE + row) * width + Number(x) * PX_PER_MODULE;
      for (let at = from; at < from + Number(length) * PX_PER_MODULE; at += 1) {
        data.fill(0, at * 4, at * 4 + 3);
      }
    }
  }
  return { width, height: width, data };
}

describe('a drawn QR code', () => {
  it('[UI110] is read as what it says', async () => {
    const { size, path } = await drawQr(TEXT);
    expect(decode(paint(path, size))).toBe(TEXT);
  });

  it('[UI110] has a quiet zone of four modules, which readers need', async () => {
    const { size, path } = await drawQr(TEXT);
    for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(4);
      expect(Number(x) + Number(length)).toBeLessThanOrEqual(size - 4);
    }
  });

  it('[UI110] has one bar for each run of dark modules', () => {
    const [dark, light] = [true, false];
    expect(
      pathOf([
        [dark, dark, light],
        [light, light, light],
        [dark, light, dark],
      ]),
    ).toBe('M0 0h2v1h-2zM0 2h1v1h-1zM2 2h1v1h-1z');
  });
});
