/** Lengths as people read them. */
import { expect, it } from 'vitest';
import { lengthOf } from './length.ts';

it('[UI94] writes a length as players do', () => {
  const shown = [0, 499, 7_000, 59_600, 750_000, 3_723_000, -5].map(lengthOf);
  expect(shown).toEqual(['0:00', '0:00', '0:07', '1:00', '12:30', '1:02:03', '0:00']);
});
