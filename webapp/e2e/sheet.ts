/**
 * The thumbnails of all screens in one look, as one committed picture with a list of what stands
 * where, so that a person can look at it and a change of one screen changes one place.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { coarse } from './likeness.ts';
import { type Picture, readPng, writePng } from './png.ts';

const COLUMNS = 12;

export type Sheet = ReadonlyMap<string, Picture>;

/** `null` if there is none yet. */
export async function readSheet(path: string): Promise<Sheet | null> {
  try {
    const names = (await readFile(`${path}.txt`, 'utf8')).trimEnd().split('\n');
    const whole = readPng(await readFile(`${path}.png`));
    const size = { width: whole.width / COLUMNS, height: whole.height / rowsOf(names.length) };
    return new Map(names.map((name, place) => [name, cut(whole, size, place)]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function writeSheet(path: string, sheet: Sheet): Promise<void> {
  const [first] = sheet.values();
  if (first === undefined) return;
  const width = first.width * COLUMNS;
  const height = first.height * rowsOf(sheet.size);
  const whole = { width, height, rgb: Buffer.alloc(width * height * 3) };
  [...sheet.values()].forEach((picture, place) => {
    paste(whole, coarse(picture), place);
  });
  await writeFile(`${path}.png`, writePng(whole));
  await writeFile(`${path}.txt`, `${[...sheet.keys()].join('\n')}\n`);
}

function rowsOf(count: number): number {
  return Math.ceil(count / COLUMNS);
}

function cut(whole: Picture, { width, height }: Omit<Picture, 'rgb'>, place: number): Picture {
  const rgb = Buffer.alloc(width * height * 3);
  const [left, top] = [(place % COLUMNS) * width, Math.floor(place / COLUMNS) * height];
  for (let y = 0; y < height; y += 1) {
    const from = ((top + y) * whole.width + left) * 3;
    whole.rgb.copy(rgb, y * width * 3, from, from + width * 3);
  }
  return { width, height, rgb };
}

function paste(whole: Picture, { width, height, rgb }: Picture, place: number): void {
  const [left, top] = [(place % COLUMNS) * width, Math.floor(place / COLUMNS) * height];
  for (let y = 0; y < height; y += 1) {
    const to = ((top + y) * whole.width + left) * 3;
    rgb.copy(whole.rgb, to, y * width * 3, (y + 1) * width * 3);
  }
}
