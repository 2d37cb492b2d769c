/**
 * How loud a microphone is, for a picture that shows that it hears. Where the browser has no audio
 * graph it is silent; what is recorded does not depend on it.
 */

export type SoundMeter = {
  /** From 0 to 1. */
  level(): number;
  close(): void;
};

/** Samples that are looked at: 43 ms at 48 kHz, longer than the period of any voice. */
const WINDOW_SAMPLES = 2_048;
/** What counts as silence; speech at arm's length lies some 30 dB above it. */
const SILENCE_DB = -60;

const SILENT: SoundMeter = { level: () => 0, close: () => {} };

export function openMeter(stream: MediaStream): SoundMeter {
  if (typeof globalThis.AudioContext !== 'function') return SILENT;
  const context = new AudioContext();
  try {
    return meterOf(context, stream);
  } catch {
    void context.close();
    return SILENT;
  }
}

function meterOf(context: AudioContext, stream: MediaStream): SoundMeter {
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = WINDOW_SAMPLES;
  source.connect(analyser);
  // It may begin asleep where nobody has pressed anything.
  context.resume().catch(() => {});
  const samples = new Float32Array(WINDOW_SAMPLES);
  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close() {
      source.disconnect();
      context.close().catch(() => {});
    },
  };
}

/** As ears do: by the power, and by its logarithm. 0 is silence, 1 as loud as can be. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power);
  return Math.min(1, Math.max(0, 1 - decibels / SILENCE_DB));
}
