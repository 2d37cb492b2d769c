/** The drawings, against the names of the protocol. */
import { describe, expect, it } from 'vitest';
import { PICTURES } from '../core/trust/pictures.ts';
import { drawings } from '../ui/pictures/drawings.ts';

/** Everything that is drawn, point by point, as far as absolute places are named. */
const placesOf = (path: string) =>
  [...path.matchAll(/[MLCSAHVTQ]?\s*(-?\d*\.?\d+)/g)].map(([, number]) => Number(number));

describe('the drawings', () => {
  it('[UI113] are one for each name, in the order of the protocol, and all differ', () => {
    expect([...drawings.keys()]).toEqual([...PICTURES]);
    const shapes = [...drawings.values()].map(({ body, detail }) => body + detail);
    expect(new Set(shapes).size).toBe(64);
    expect(new Set([...drawings.values()].map(({ body }) => body)).size).toBe(64);
  });

  it('[UI113] are shapes and nothing else, within their grid', () => {
    for (const [name, { body, detail }] of drawings) {
      for (const path of [body, detail]) {
        expect([name, path]).toEqual([name, path.match(/^M[\d .MLHVCSAZlhvcsaz-]+$/)?.[0]]);
        expect(Math.max(...placesOf(path).map(Math.abs))).toBeLessThanOrEqual(24);
      }
      expect(body.endsWith('z')).toBe(true);
    }
  });
});
