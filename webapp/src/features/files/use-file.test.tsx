// @vitest-environment jsdom
/** Reading a file into the page. */
import { renderHook, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeModel } from '../test/fake-model.ts';
import { signedIn } from '../test/views.ts';
import { PIECE_BYTES, readWhole, useFile } from './use-file.ts';

function modelWith(id: number, size: number) {
  const model = new FakeModel(signedIn());
  const bytes = Uint8Array.from({ length: size }, (_, n) => n % 253);
  model.files.set(id, bytes);
  const asked: number[][] = [];
  const readFile = (...given: [number, number, number]) => {
    asked.push(given);
    return model.readFile(...given);
  };
  return { readFile, asked, bytes };
}

describe('a file that is read', () => {
  it('[UI71] comes in pieces, as a blob of the type that was found', async () => {
    const size = 2 * PIECE_BYTES + 5;
    const model = modelWith(3, size);
    const { result } = renderHook(() => useFile(model, { id: 3, size }, 'image/png'));
    expect(result.current).toEqual({ is: 'loading' });
    await waitFor(() => expect(result.current.is).toBe('here'));
    const { current } = result;
    if (current.is !== 'here') throw new Error('it is here');
    expect([current.blob.type, current.blob.size]).toEqual(['image/png', size]);
    expect(model.asked).toEqual([
      [3, 0, PIECE_BYTES],
      [3, PIECE_BYTES, 2 * PIECE_BYTES],
      [3, 2 * PIECE_BYTES, size],
    ]);
  });

  it('[UI71] is gone when a piece of it is', async () => {
    const model = {
      readFile: async (_: number, from: number) => (from === 0 ? new Uint8Array(1) : null),
    };
    const size = 2 * PIECE_BYTES;
    const { result } = renderHook(() => useFile(model, { id: 3, size }, ''));
    await waitFor(() => expect(result.current).toEqual({ is: 'gone' }));
  });

  it('[UI71] is not read on once nobody looks at it', async () => {
    const size = 9 * PIECE_BYTES;
    const model = modelWith(3, size);
    let wanted = 1;
    expect(await readWhole(model, { id: 3, size }, () => wanted-- > 0)).toBeNull();
    expect(model.asked).toHaveLength(2);
    const { unmount } = renderHook(() => useFile(model, { id: 3, size }, ''));
    unmount();
    expect(model.asked.length).toBeLessThan(5);
  });
});
