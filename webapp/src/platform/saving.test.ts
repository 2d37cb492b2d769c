// @vitest-environment jsdom
/** Saving, where a person may pick a place and where there is no picker. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bytes } from '../core/bytes.ts';
import { type Pick, saveFile, type ToSave } from './saving.ts';

function aFile(name: string, ...pieces: readonly number[][]): ToSave {
  return {
    name,
    async *pieces() {
      for (const piece of pieces) yield Uint8Array.from(piece);
    },
  };
}

/** A place that was picked, and what became of it. */
function place() {
  const kept = { written: [] as Bytes[], state: 'open', name: '' };
  const pick: Pick = async ({ suggestedName }) => {
    kept.name = suggestedName;
    return {
      createWritable: async () => ({
        write: async (bytes) => void kept.written.push(bytes),
        close: async () => {
          kept.state = 'closed';
        },
        abort: async () => {
          kept.state = 'aborted';
        },
      }),
    };
  };
  return { kept, pick };
}

const broken: ToSave = {
  name: 'a',
  // biome-ignore lint/correctness/useYield: it fails before the first.
  async *pieces() {
    throw new Error('gone');
  },
};

describe('saving', () => {
  it('[FILE26] writes piece by piece to the place that was picked', async () => {
    const { kept, pick } = place();
    expect(await saveFile(aFile('list.pdf', [1, 2], [3]), pick)).toBe('saved');
    expect(kept).toEqual({
      name: 'list.pdf',
      written: [Uint8Array.of(1, 2), Uint8Array.of(3)],
      state: 'closed',
    });
  });

  it('[FILE26] leaves the place as it was when the file cannot be read to its end', async () => {
    const { kept, pick } = place();
    expect(await saveFile(broken, pick)).toBe('failed');
    expect(kept.state).toBe('aborted');
  });

  it('[FILE26] does nothing when the person thinks better of it', async () => {
    const pick = async () => Promise.reject(new DOMException('', 'AbortError'));
    expect(await saveFile(broken, pick)).toBe('dismissed');
  });

  describe('without a picker', () => {
    const made: Blob[] = [];
    const clicked: { href: string; download: string }[] = [];
    beforeEach(() => {
      URL.createObjectURL = (blob) => `blob:${made.push(blob as Blob)}`;
      URL.revokeObjectURL = () => {};
      vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: {
        href: string;
        download: string;
      }) {
        clicked.push({ href: this.href, download: this.download });
      });
    });
    afterEach(() => {
      made.length = 0;
      clicked.length = 0;
    });

    it('[FILE27] is a download of no type that anything acts on, whatever it is', async () => {
      const script = aFile('evil.html', [60, 115, 99], [114]);
      expect(await saveFile(script, null)).toBe('saved');
      expect(made.map(({ type, size }) => [type, size])).toEqual([['application/octet-stream', 4]]);
      expect(clicked).toEqual([{ href: 'blob:1', download: 'evil.html' }]);
    });

    it('[FILE27] is none when the file cannot be read', async () => {
      expect(await saveFile(broken, null)).toBe('failed');
      expect(clicked).toEqual([]);
    });

    it('[FILE27] is what becomes of a name that the picker refuses', async () => {
      const pick = async () => Promise.reject(new TypeError('not this name'));
      expect(await saveFile(aFile('con', [1]), pick)).toBe('saved');
      expect(clicked).toHaveLength(1);
    });
  });
});
