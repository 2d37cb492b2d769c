/**
 * The circle of a video: pressed it plays, pressed again it pauses, and at its end it is the
 * picture again.
 */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon.tsx';
import { lengthOf } from '../../ui/length.ts';
import { Ring } from '../../ui/Ring.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { usePlayer } from '../../ui/use-player.ts';
import { Picture } from './Picture.tsx';

type CircleProps = {
  readonly blob: Blob | null;
  readonly picture: ImageBitmap | null;
  readonly durationMs: number;
  readonly onSeen: () => void;
  readonly onFail: () => void;
};

/** What counts as seen, as with a voice. */
const SEEN_PART = 0.5;

export function Circle({ blob, picture, durationMs, onSeen, onFail }: CircleProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const { ref, url, state, player } = usePlayer<HTMLVideoElement>(isOpen ? blob : null);
  const wasSeen = useRef(false);
  const { is, isPlaying, atMs, hasEnded } = state;

  // Pressed once, it plays as soon as it can.
  useEffect(() => {
    if (is === 'ready') player?.toggle();
    if (is === 'failed') onFail();
  }, [is, player, onFail]);
  useEffect(() => {
    if (wasSeen.current || atMs === 0 || (player?.heard ?? 0) < SEEN_PART) return;
    wasSeen.current = true;
    onSeen();
  }, [atMs, player, onSeen]);
  useEffect(() => {
    if (hasEnded) setIsOpen(false);
  }, [hasEnded]);

  const press = () => (isOpen ? player?.toggle() : setIsOpen(true));
  const words = isPlaying
    ? t('playing.pause.video')
    : t('playing.play.video', { length: lengthOf(durationMs) });
  return (
    <div data-video={isPlaying ? 'playing' : 'resting'} className="mx-auto flex w-fit flex-col">
      <button
        type="button"
        aria-label={words}
        title={words}
        aria-disabled={blob === null || undefined}
        onClick={blob === null ? undefined : press}
        className="relative m-2 size-48 cursor-pointer rounded-full bg-sunken outline-offset-8 aria-disabled:cursor-progress"
      >
        {picture !== null && <Picture picture={picture} />}
        {isOpen && url !== null && (
          // biome-ignore lint/a11y/useMediaCaption: nobody writes down what two people say.
          <video
            ref={ref}
            src={url}
            playsInline
            preload="auto"
            className="absolute inset-0 size-full rounded-full object-cover"
          />
        )}
        {!isPlaying && (
          <span className="absolute inset-0 m-auto grid size-14 place-items-center rounded-full bg-accent text-on-accent">
            {blob === null || (isOpen && is === 'loading') ? <Spinner /> : <Icon name="play" />}
          </span>
        )}
        <Ring part={isOpen && durationMs > 0 ? atMs / durationMs : 0} label={null} />
      </button>
      <p
        data-length={Math.round(durationMs)}
        className="text-center text-sm text-muted tabular-nums"
      >
        {lengthOf(isOpen && atMs > 0 ? atMs : durationMs)}
      </p>
    </div>
  );
}
