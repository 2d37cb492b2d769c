/**
 * Looks into a sound: how long it is, and how loud over its length. Nothing of it is kept.
 */
import { peaksOf } from './peaks.ts';

/** Enough to see how loud it is, and a sixth of what it would take to hear it. */
const SAMPLE_RATE = 8_000;

export type Sound = { readonly peaks: readonly number[]; readonly durationMs: number };

/** `null` if this browser cannot read it. */
export async function lookInto(blob: Blob, bars: number): Promise<Sound | null> {
  if (typeof globalThis.OfflineAudioContext !== 'function') return null;
  try {
    const context = new OfflineAudioContext(1, 1, SAMPLE_RATE);
    const sound = await context.decodeAudioData(await blob.arrayBuffer());
    return { peaks: peaksOf(sound.getChannelData(0), bars), durationMs: sound.duration * 1_000 };
  } catch {
    return null;
  }
}
