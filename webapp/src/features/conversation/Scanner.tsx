/**
 * Reading the peer's code, through the camera or from a picture, and what came of it.
 */
import { type ChangeEvent, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person, Scan } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useCamera } from './use-camera.ts';

type ScannerProps = {
  readonly peer: Person;
  readonly scan: Scan | null;
  readonly onText: (text: string) => void;
};

export function Scanner({ peer, scan, onText }: ScannerProps) {
  const { t } = useTranslation();
  const { looking, video, look, stop, readPicture } = useCamera(onText);
  const { name } = peer;
  return (
    <div className="flex flex-col gap-3">
      {looking.is === 'looking' ? (
        <>
          <p className="text-sm text-muted">{t('scan.aim', { name })}</p>
          <video
            ref={video}
            muted
            playsInline
            aria-label={t('scan.view')}
            className="aspect-4/3 w-full rounded-2xl bg-sunken object-cover"
          />
          <Button onClick={stop}>{t('scan.stop')}</Button>
        </>
      ) : (
        <div className="flex flex-wrap gap-3">
          <Button onClick={look}>
            <Icon name="scan" />
            {t('scan.start', { name })}
          </Button>
          <PictureButton onPicture={readPicture} />
        </div>
      )}
      <div role="status" className="empty:hidden">
        {looking.is === 'failed' && <Notice tone="warn">{t(`scan.failed.${looking.why}`)}</Notice>}
        {looking.is === 'idle' && scan !== null && scan.is !== 'differs' && (
          <Notice tone={scan.is === 'same' ? 'calm' : 'warn'}>
            {t(`scan.found.${scan.is}`, { name })}
          </Notice>
        )}
      </div>
    </div>
  );
}

function PictureButton({ onPicture }: { onPicture: (file: Blob) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file !== undefined) onPicture(file);
    // The same picture may be chosen again.
    event.target.value = '';
  };
  return (
    <label
      htmlFor={id}
      className="relative inline-flex min-h-11 cursor-pointer items-center rounded-full border border-edge bg-card px-5 py-2 font-medium hover:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
    >
      <input id={id} type="file" accept="image/*" className="sr-only" onChange={choose} />
      {t('scan.picture')}
    </label>
  );
}
