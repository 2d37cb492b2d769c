/**
 * Looks into a voice when the browser has nothing better to do. What comes of it is kept in memory
 * with the transfer that it is of, and goes with it.
 */
import { useEffect, useState } from 'react';
import { whenIdle } from '../../ui/idle.ts';
import { lookInto } from '../../ui/sound.ts';
import { BARS } from './Waveform.tsx';

/**
 * A voice has five minutes at most, and a moment more. Whoever announces that and sends hours
 * would have this page take them apart: those are drawn flat.
 */
const LOOKED_INTO_MS_MAX = 5 * 60_000 + 10_000;

const known = new WeakMap<object, readonly number[]>();

/** `null` as long as it is not known. `durationMs` is how long it plays, not what was announced. */
export function useSound(
  owner: object,
  blob: Blob | null,
  durationMs: number | null,
): readonly number[] | null {
  const [peaks, setPeaks] = useState(() => known.get(owner) ?? null);
  const isFit = durationMs !== null && durationMs <= LOOKED_INTO_MS_MAX;
  useEffect(() => {
    if (blob === null || !isFit || known.has(owner)) return;
    let isWanted = true;
    const takeBack = whenIdle(() => {
      void lookInto(blob, BARS).then((sound) => {
        if (!isWanted || sound === null) return;
        known.set(owner, sound.peaks);
        setPeaks(sound.peaks);
      });
    });
    return () => {
      isWanted = false;
      takeBack();
    };
  }, [owner, blob, isFit]);
  return peaks;
}
