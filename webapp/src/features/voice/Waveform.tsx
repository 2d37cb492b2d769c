/**
 * How loud a voice is over its length, and where it is; pressed, dragged and moved by the keyboard
 * like any slider, which is what it is under the picture.
 */
import { useTranslation } from 'react-i18next';
import { lengthOf } from '../../ui/length.ts';

/** As many as can be told apart in a bubble on a phone. */
export const BARS = 44;
/** Before the sound was looked into, and where it is silent. */
const LOW = 0.08;

type WaveformProps = {
  readonly peaks: readonly number[] | null;
  readonly atMs: number;
  readonly durationMs: number;
  readonly disabled: boolean;
  readonly onSeek: (toMs: number) => void;
};

export function Waveform({ peaks, atMs, durationMs, disabled, onSeek }: WaveformProps) {
  const { t } = useTranslation();
  const part = durationMs === 0 ? 0 : atMs / durationMs;
  return (
    <div className="relative h-10 rounded-lg has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <Bars peaks={peaks} part={part} />
      <input
        type="range"
        min={0}
        max={Math.max(1, Math.round(durationMs))}
        step={stepMs(durationMs)}
        value={Math.min(atMs, durationMs)}
        disabled={disabled}
        aria-label={t('playing.position')}
        aria-valuetext={t('playing.at', { at: lengthOf(atMs), length: lengthOf(durationMs) })}
        onChange={(event) => onSeek(Number(event.target.value))}
        className="absolute inset-0 size-full cursor-pointer opacity-0 disabled:cursor-default"
      />
    </div>
  );
}

/** What an arrow key moves: a twentieth, and no less than can be heard. */
function stepMs(durationMs: number): number {
  return Math.max(50, Math.round(durationMs / 20));
}

function Bars({
  peaks,
  part,
}: {
  readonly peaks: readonly number[] | null;
  readonly part: number;
}) {
  const bars = Array.from({ length: BARS }, (_, bar) => Math.max(LOW, peaks?.[bar] ?? LOW));
  return (
    <svg
      viewBox={`0 0 ${BARS * 5} 40`}
      preserveAspectRatio="none"
      aria-hidden="true"
      data-waveform={peaks === null ? 'unknown' : 'known'}
      className="absolute inset-0 size-full"
    >
      {bars.map((height, bar) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar never moves.
          key={bar}
          x={bar * 5 + 1}
          y={20 - height * 18}
          width="3"
          height={height * 36}
          rx="1.5"
          className={bar + 0.5 <= part * BARS ? 'fill-accent' : 'fill-edge'}
        />
      ))}
    </svg>
  );
}
