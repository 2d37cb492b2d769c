/**
 * Shows that the microphone hears: how loud it was, a bar for each moment, the newest at the end.
 * Decoration, so it says nothing to those who do not see it; the state beside it does.
 */
import { useEffect, useState } from 'react';
import { wantsCalm } from '../../ui/motion.ts';

const BARS = 40;
const LOOK_EVERY_MS = 80;
/** Whoever wants less motion sees that something is heard, and no more. */
const CALM_LOOK_EVERY_MS = 600;

type LevelMeterProps = { readonly isOn: boolean; readonly level: () => number };

export function LevelMeter({ isOn, level }: LevelMeterProps) {
  const [heard, setHeard] = useState({ first: 0, levels: Array<number>(BARS).fill(0) });

  useEffect(() => {
    if (!isOn) return;
    const look = () => {
      const newest = level();
      setHeard(({ first, levels }) => ({ first: first + 1, levels: [...levels.slice(1), newest] }));
    };
    const timer = setInterval(look, wantsCalm() ? CALM_LOOK_EVERY_MS : LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isOn, level]);

  return (
    <svg
      viewBox={`0 0 ${BARS * 4} 40`}
      aria-hidden="true"
      data-levels
      preserveAspectRatio="none"
      className="h-16 w-full text-accent"
    >
      {heard.levels.map((each, place) => {
        const height = 2 + each * 36;
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: it is the moment, and moves with its bar.
            key={heard.first + place}
            x={place * 4 + 1}
            y={20 - height / 2}
            width="2"
            height={height}
            rx="1"
            fill="currentColor"
          />
        );
      })}
    </svg>
  );
}
