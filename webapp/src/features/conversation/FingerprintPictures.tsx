/**
 * The first pictures of a fingerprint, each named for those who do not see it.
 */
import { useTranslation } from 'react-i18next';
import type { PictureName } from '../../app/model.ts';
import { Picture } from '../../ui/Picture.tsx';

export function FingerprintPictures({ pictures }: { pictures: readonly PictureName[] }) {
  const { t } = useTranslation();
  return (
    <ol className="flex flex-wrap gap-1.5">
      {pictures.map((picture, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a picture may occur twice and never moves.
        <li key={place} className="flex">
          <Picture name={picture} label={t(`pictures.${picture}`)} className="size-9" />
        </li>
      ))}
    </ol>
  );
}
