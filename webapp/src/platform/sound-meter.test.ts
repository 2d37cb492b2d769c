/** How loud a microphone is said to be. */
import { expect, it } from 'vitest';
import { loudness } from './sound-meter.ts';

const tone = (amplitude: number) =>
  Float32Array.from({ length: 2_048 }, (_, n) => amplitude * Math.sin(n / 7));

it('[UI91] is nothing for silence, all for the loudest, and grows between', () => {
  expect(loudness(new Float32Array(2_048))).toBe(0);
  expect(loudness(new Float32Array(2_048).fill(1))).toBe(1);
  const heard = [0.001, 0.01, 0.1, 0.5, 1].map((amplitude) => loudness(tone(amplitude)));
  expect(heard).toEqual([...heard].sort((a, b) => a - b));
  expect(heard[2]).toBeGreaterThan(0.5);
});
