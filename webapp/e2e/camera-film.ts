/**
 * A film for a camera that is none: one frame of grey, with a QR code before it, as YUV4MPEG2, which
 * Chromium plays where a camera would be.
 */
import type { Picture } from './png.ts';

const WIDTH = 640;
const HEIGHT = 480;
const GREY = 96;

/** The modules of a code as they stand on a screen, seen from a little away. */
export function film(code: Picture): Buffer {
  const luma = Buffer.alloc(WIDTH * HEIGHT, GREY);
  const [left, top] = [(WIDTH - code.width) >> 1, (HEIGHT - code.height) >> 1];
  for (let y = 0; y < code.height; y += 1) {
    for (let x = 0; x < code.width; x += 1) {
      luma[(top + y) * WIDTH + left + x] = code.rgb[(y * code.width + x) * 3] ?? 0;
    }
  }
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  return Buffer.concat([header, frame, frame]);
}

/** A drawn code as a picture, `px` for each module. */
export function codePicture(path: string, modules: number, px: number): Picture {
  const side = modules * px;
  const rgb = Buffer.alloc(side * side * 3, 255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * px; row < (Number(y) + 1) * px; row += 1) {
      const from = (row * side + Number(x) * px) * 3;
      rgb.fill(0, from, from + Number(length) * px * 3);
    }
  }
  return { width: side, height: side, rgb };
}
