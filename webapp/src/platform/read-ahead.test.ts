/** Files that are read in larger pieces than are asked for. */
import { describe, expect, it } from 'vitest';
import { AHEAD_BYTES, ReadAhead } from './read-ahead.ts';

const SIZE = 3 * AHEAD_BYTES + 1_000;
const CHUNK = AHEAD_BYTES / 16;

/** A file of so many bytes that counts how often it is read. */
function file(size = SIZE) {
  const bytes = Uint8Array.from({ length: size }, (_, at) => at % 251);
  const readings: string[] = [];
  const blob = {
    size,
    slice(from: number, to: number) {
      readings.push(`${from}-${to}`);
      return { arrayBuffer: async () => bytes.slice(from, to).buffer };
    },
  } as unknown as Blob;
  return { blob, bytes, readings };
}

describe('a file that is read ahead', () => {
  it('is what it is, read once', async () => {
    const { blob, bytes, readings } = file();
    const ahead = new ReadAhead();
    for (let from = 0; from < SIZE; from += CHUNK) {
      const to = Math.min(SIZE, from + CHUNK);
      const slice = await ahead.slice(blob, from, to);
      expect(Buffer.compare(slice, bytes.subarray(from, to))).toBe(0);
    }
    expect(readings).toHaveLength(4);
  });

  it('is asked for its next piece while one is used up', async () => {
    const { blob, readings } = file();
    await new ReadAhead().slice(blob, 0, CHUNK);
    expect(readings).toEqual([`0-${AHEAD_BYTES}`, `${AHEAD_BYTES}-${2 * AHEAD_BYTES}`]);
  });

  it('is read as it is asked for, where that is more than a piece', async () => {
    const { blob, bytes, readings } = file();
    const [from, to] = [AHEAD_BYTES - 5, AHEAD_BYTES + 5];
    expect(await new ReadAhead().slice(blob, from, to)).toEqual(bytes.slice(from, to));
    expect(readings).toEqual([`${from}-${to}`]);
  });

  it('takes turns with others', async () => {
    const [one, other] = [file(), file(CHUNK)];
    const ahead = new ReadAhead();
    await ahead.slice(one.blob, 0, CHUNK);
    expect(await ahead.slice(other.blob, 10, 20)).toEqual(other.bytes.slice(10, 20));
    expect(await ahead.slice(one.blob, 10, 20)).toEqual(one.bytes.slice(10, 20));
  });

  it('says so when it cannot be read, and is asked again', async () => {
    const { blob } = file();
    const ahead = new ReadAhead();
    const { slice } = blob;
    blob.slice = () => ({ arrayBuffer: () => Promise.reject(new Error('changed')) }) as never;
    await expect(ahead.slice(blob, 0, 5)).rejects.toThrow('changed');
    blob.slice = slice;
    await expect(new ReadAhead().slice(blob, 0, 5)).resolves.toHaveLength(5);
  });
});
