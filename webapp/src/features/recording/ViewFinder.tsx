/**
 * What the camera sees, in the circle in which it will be shown; around it how much of what can be
 * sent is recorded. Whoever looks at themselves is mirrored, as in a mirror; what is sent is not.
 */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recorder, RecordingState } from '../../app/model.ts';
import { wantsCalm } from '../../ui/motion.ts';
import { Ring } from '../../ui/Ring.tsx';
import { useObjectUrl } from '../../ui/use-object-url.ts';

type ViewFinderProps = { readonly state: RecordingState; readonly recorder: Recorder };

export function ViewFinder({ state, recorder }: ViewFinderProps) {
  const { t } = useTranslation();
  const isLooking = state.at === 'aiming' || state.at === 'starting' || state.at === 'recording';
  const camera = isLooking ? state.camera : null;
  const part = state.at === 'recording' ? state.bytes / state.bytesMax : 0;
  const looks = camera?.facing === 'environment' ? '' : '-scale-x-100';
  return (
    <div className="relative size-[min(17rem,60vw,30dvh)]">
      {isLooking && <Preview key={state.take} stream={recorder.preview()} className={looks} />}
      {state.at === 'ready' && <Recorded blob={state.recorded.blob} />}
      {!isLooking && state.at !== 'ready' && (
        <span className="block size-full rounded-full bg-sunken" />
      )}
      <Ring part={part} label={state.at === 'recording' ? t('recording.filled') : null} />
    </div>
  );
}

type PreviewProps = { readonly stream: MediaStream | null; readonly className: string };

function Preview({ stream, className }: PreviewProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const { current } = video;
    if (current === null) return;
    current.srcObject = stream;
    return () => {
      current.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={video}
      autoPlay
      muted
      playsInline
      aria-label={t('recording.preview')}
      className={`size-full rounded-full bg-sunken object-cover ${className}`}
    />
  );
}

/** What waits to be sent or thrown away, over and over and without its sound. */
function Recorded({ blob }: { readonly blob: Blob }) {
  const { t } = useTranslation();
  const url = useObjectUrl(blob);
  if (url === null) return null;
  return (
    <video
      src={url}
      autoPlay={!wantsCalm()}
      loop
      muted
      playsInline
      aria-label={t('recording.recorded')}
      className="size-full rounded-full bg-sunken object-cover"
    />
  );
}
