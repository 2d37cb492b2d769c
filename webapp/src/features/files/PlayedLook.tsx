/** Video and sound, as the browser plays them. */
import { useTranslation } from 'react-i18next';
import type { LookProps } from './Look.tsx';
import { useBlobAddress } from './use-blob-address.ts';
import { WatermarkOver } from './WatermarkOver.tsx';

type PlayedLookProps = LookProps & { readonly is: 'video' | 'sound' };

export function PlayedLook({ is, name, blob, watermark, onShown, onBroken }: PlayedLookProps) {
  const { t } = useTranslation();
  const address = useBlobAddress(blob);
  if (address === null) return null;
  const Played = is === 'video' ? 'video' : 'audio';
  return (
    <div className="relative flex min-h-0 flex-1 items-center justify-center p-4">
      <Played
        src={address}
        controls
        controlsList="nodownload noremoteplayback"
        disableRemotePlayback
        {...(is === 'video' ? { disablePictureInPicture: true, playsInline: true } : {})}
        aria-label={t('files.playerOf', { file: name })}
        onLoadedData={onShown}
        onError={onBroken}
        className={is === 'video' ? 'max-h-full max-w-full' : 'w-full max-w-xl'}
      />
      {watermark !== null && <WatermarkOver name={watermark} />}
    </div>
  );
}
