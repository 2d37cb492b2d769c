/**
 * How loud a sound is over its length, in a few numbers: what a waveform draws.
 */

/** A sound that is all but silent is not blown up to look like one. */
const LOUDEST_MIN = 0.05;

/** As many numbers as there are bars, from 0 to 1, the loudest of them 1. */
export function peaksOf(samples: Float32Array, bars: number): readonly number[] {
  const powers = Array.from({ length: bars }, (_, bar) => {
    const from = Math.floor((bar * samples.length) / bars);
    const to = Math.floor(((bar + 1) * samples.length) / bars);
    return loudnessOf(samples.subarray(from, to));
  });
  const loudest = Math.max(LOUDEST_MIN, ...powers);
  return powers.map((power) => power / loudest);
}

/** The root of the mean square: what ears take for loudness, and no single crack stands out. */
function loudnessOf(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const loudness = Math.sqrt(sum / samples.length);
  return Number.isFinite(loudness) ? Math.min(1, loudness) : 0;
}
