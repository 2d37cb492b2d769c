/**
 * Pictures as browsers make them, read and written: PNG (W3C, third edition) of eight bits a
 * channel, with or without transparency, not interlaced.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Rows of red, green and blue, a byte each. */
export type Picture = { readonly width: number; readonly height: number; readonly rgb: Buffer };

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const TRUE_COLOR = 2;
const TRUE_COLOR_ALPHA = 6;

export function readPng(png: Buffer): Picture {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('no PNG');
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (header === undefined) throw new Error('a PNG without a header');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = channelsOf(header);
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const rows = unfiltered(inflateSync(Buffer.concat(packed)), width * channels, height, channels);
  return { width, height, rgb: channels === 3 ? rows : withoutAlpha(rows) };
}

export function writePng({ width, height, rgb }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, TRUE_COLOR, 0, 0, 0], 8);
  const [packed = Buffer.alloc(0)] = FILTERS.map((filter) =>
    deflateSync(filtered(filter, rgb, width * 3, height), { level: 9 }),
  ).sort((one, other) => one.length - other.length);
  const parts = [chunk('IHDR', header), chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...parts]);
}

/** Of those that a row can name, the ones that are tried: as it is, less its left, less what is above. */
const FILTERS = [0, 1, 2] as const;
const PIXEL_BYTES = 3;

/** All rows by one filter. */
function filtered(filter: number, rgb: Buffer, rowBytes: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + rowBytes));
  for (let y = 0; y < height; y += 1) {
    const start = y * (1 + rowBytes);
    rows[start] = filter;
    for (let x = 0; x < rowBytes; x += 1) {
      const at = y * rowBytes + x;
      const left = x < PIXEL_BYTES ? 0 : (rgb[at - PIXEL_BYTES] ?? 0);
      const up = y === 0 ? 0 : (rgb[at - rowBytes] ?? 0);
      rows[start + 1 + x] = (rgb[at] ?? 0) - predicted(filter, left, up, 0);
    }
  }
  return rows;
}

function chunksOf(png: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks = [];
  for (let at = SIGNATURE.length; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function channelsOf(header: Buffer): 3 | 4 {
  const [depth, color, , , interlaced] = header.subarray(8, 13);
  if (depth !== 8 || interlaced !== 0) throw new Error('a PNG of another kind');
  if (color === TRUE_COLOR) return 3;
  if (color === TRUE_COLOR_ALPHA) return 4;
  throw new Error('a PNG of another kind');
}

/** Undoes the filter that each row names (PNG 9). */
function unfiltered(raw: Buffer, rowBytes: number, height: number, bpp: number): Buffer {
  const rows = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (rowBytes + 1)] ?? 0;
    if (filter === 0) {
      raw.copy(rows, y * rowBytes, y * (rowBytes + 1) + 1, (y + 1) * (rowBytes + 1));
      continue;
    }
    for (let x = 0; x < rowBytes; x += 1) {
      const at = y * rowBytes + x;
      const left = x < bpp ? 0 : (rows[at - bpp] ?? 0);
      const up = y === 0 ? 0 : (rows[at - rowBytes] ?? 0);
      const corner = x < bpp || y === 0 ? 0 : (rows[at - rowBytes - bpp] ?? 0);
      rows[at] = (raw[y * (rowBytes + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return rows;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  return filter === 4 ? nearest(left, up, corner) : 0;
}

function nearest(left: number, up: number, corner: number): number {
  const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function withoutAlpha(rgba: Buffer): Buffer {
  const rgb = Buffer.alloc((rgba.length / 4) * 3);
  for (let pixel = 0; pixel < rgba.length / 4; pixel += 1) {
    rgba.copy(rgb, pixel * 3, pixel * 4, pixel * 4 + 3);
  }
  return rgb;
}
