/** A picture, as the browser decodes it; a press shows it as large as it is. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LookProps } from './Look.tsx';
import { useBlobAddress } from './use-blob-address.ts';

export function PictureLook({ name, blob, onShown, onBroken }: LookProps) {
  const { t } = useTranslation();
  const address = useBlobAddress(blob);
  const [isLarge, setIsLarge] = useState(false);
  if (address === null) return null;
  return (
    <button
      type="button"
      aria-pressed={isLarge}
      aria-label={t('files.fullSizeOf', { file: name })}
      onClick={() => setIsLarge(!isLarge)}
      className={`flex min-h-0 flex-1 overflow-auto p-4 -outline-offset-4 ${isLarge ? 'cursor-zoom-out' : 'cursor-zoom-in'}`}
    >
      <img
        src={address}
        alt={name}
        onLoad={onShown}
        onError={onBroken}
        className={`m-auto ${isLarge ? 'max-w-none' : 'max-h-full max-w-full object-contain'}`}
      />
    </button>
  );
}
