/**
 * Whether a screen looks as it did: compared from afar, as somebody does who steps back.
 *
 * A picture is averaged over squares of `CELL_PX`; what is left shows where things stand and which
 * colour they have, and not how a machine smooths its letters. Why not pixel by pixel is in
 * `docs/adr/0024-screens-are-compared-from-afar.md`.
 */
import type { Picture } from './png.ts';

/** One square of a thumbnail, in CSS pixels: two lines of small type are two squares apart. */
export const CELL_PX = 12;
/** Of 255, in the worst of the three channels: smoothing of type stays below, a moved line does not. */
const CELL_DIFFERS_FROM = 28;
/** As a share of all squares: a button more or less on a telephone is about one in a hundred. */
export const DIFFERENT_SHARE_MAX = 0.004;

/**
 * A finer step of colour is not stored: it costs bytes, and is forgiven anyway. It moves a square
 * by half of it at most.
 */
const STORED_STEP = 8;

/** As it is stored. */
export function coarse({ width, height, rgb }: Picture): Picture {
  const steps = rgb.map((value) => Math.min(255, Math.round(value / STORED_STEP) * STORED_STEP));
  return { width, height, rgb: Buffer.from(steps) };
}

/**
 * Averages squares of `side` pixels. The last ones take in what is left over: a strip of a pixel or
 * two would show how a machine places the letters that it cuts.
 */
export function fromAfar({ width, height, rgb }: Picture, side: number): Picture {
  const whole = (px: number) => Math.max(1, Math.floor(px / side));
  const [columns, rows] = [whole(width), whole(height)];
  const sums = new Float64Array(columns * rows * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 3;
      const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
      const to = (Math.min(row, rows - 1) * columns + Math.min(column, columns - 1)) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        sums[to + channel] = (sums[to + channel] ?? 0) + (rgb[from + channel] ?? 0);
      }
      sums[to + 3] = (sums[to + 3] ?? 0) + 1;
    }
  }
  const averaged = Buffer.alloc(columns * rows * 3);
  for (let cell = 0; cell < columns * rows; cell += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const [sum = 0, count = 1] = [sums[cell * 4 + channel], sums[cell * 4 + 3]];
      averaged[cell * 3 + channel] = Math.round(sum / count);
    }
  }
  return { width: columns, height: rows, rgb: averaged };
}

/** The share of squares that differ; all of them if the sizes do. */
export function differentShare(one: Picture, other: Picture): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  const cells = one.width * one.height;
  let different = 0;
  for (let cell = 0; cell < cells; cell += 1) {
    const isDifferent = [0, 1, 2].some((channel) => {
      const at = cell * 3 + channel;
      return Math.abs((one.rgb[at] ?? 0) - (other.rgb[at] ?? 0)) > CELL_DIFFERS_FROM;
    });
    if (isDifferent) different += 1;
  }
  return different / cells;
}
