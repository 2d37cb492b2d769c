/**
 * A voice among the lines: played, paused, sought and sped up. It counts as heard once half of it
 * was.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransferView } from '../../app/model.ts';
import { Icon } from '../../ui/Icon.tsx';
import { lengthOf } from '../../ui/length.ts';
import type { PlayerState } from '../../ui/player.ts';
import { usePlayer } from '../../ui/use-player.ts';
import { useSpeed } from './speed.ts';
import { useSound } from './use-sound.ts';
import { Waveform } from './Waveform.tsx';

export type VoiceItemProps = {
  readonly transfer: TransferView;
  /** `null` while its bytes come. */
  readonly blob: Blob | null;
  /** What stands in its place where it cannot be played. */
  readonly unplayable: ReactNode;
  readonly onHeard: () => void;
};

/** What counts as heard. */
const HEARD_PART = 0.5;

export function VoiceItem({ transfer, blob, unplayable, onHeard }: VoiceItemProps) {
  const { t } = useTranslation();
  const { ref, url, state, player } = usePlayer<HTMLAudioElement>(blob);
  const peaks = useSound(transfer, blob, state.is === 'ready' ? state.durationMs : null);
  const [speed, nextSpeed] = useSpeed();
  const wasHeard = useRef(false);

  useEffect(() => player?.run(speed), [player, speed]);
  useEffect(() => {
    if (wasHeard.current || state.atMs === 0 || (player?.heard ?? 0) < HEARD_PART) return;
    wasHeard.current = true;
    onHeard();
  }, [state, player, onHeard]);

  if (state.is === 'failed') return <div data-voice="failed">{unplayable}</div>;
  const durationMs = state.durationMs ?? transfer.durationMs ?? 0;
  return (
    <div data-voice={state.is} className="flex flex-col gap-1">
      {/* biome-ignore lint/a11y/useMediaCaption: nobody writes down what two people say. */}
      <audio ref={ref} src={url ?? undefined} preload="auto" hidden />
      <div className="flex items-center gap-3">
        <PlayButton state={state} durationMs={durationMs} onToggle={() => player?.toggle()} />
        <div className="min-w-0 flex-1">
          <Waveform
            peaks={peaks}
            atMs={state.atMs}
            durationMs={durationMs}
            disabled={state.is !== 'ready'}
            onSeek={(toMs) => player?.seek(toMs)}
          />
        </div>
      </div>
      <p className="flex items-center justify-between gap-3 ps-14 text-sm text-muted">
        <span data-length={Math.round(durationMs)} className="tabular-nums">
          {state.isPlaying || state.atMs > 0 ? lengthOf(state.atMs) : lengthOf(durationMs)}
        </span>
        <button
          type="button"
          aria-label={t('playing.speed', { speed })}
          onClick={nextSpeed}
          className="min-h-8 min-w-11 cursor-pointer rounded-full px-2 font-medium text-ink tabular-nums hover:bg-sunken"
        >
          {t('playing.times', { speed })}
        </button>
      </p>
    </div>
  );
}

type PlayButtonProps = {
  readonly state: PlayerState;
  readonly durationMs: number;
  readonly onToggle: () => void;
};

function PlayButton({ state, durationMs, onToggle }: PlayButtonProps) {
  const { t } = useTranslation();
  const { isPlaying, is } = state;
  const words = isPlaying
    ? t('playing.pause.voice')
    : t('playing.play.voice', { length: lengthOf(durationMs) });
  return (
    <button
      type="button"
      aria-label={words}
      title={words}
      aria-disabled={is !== 'ready' || undefined}
      onClick={onToggle}
      className="inline-flex size-11 shrink-0 cursor-pointer items-center justify-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong aria-disabled:cursor-progress aria-disabled:opacity-55"
    >
      <Icon name={isPlaying ? 'pause' : 'play'} />
    </button>
  );
}
