/**
 * The short code of this conversation, to be compared while both are there, and the press that
 * says that it was.
 */
import { useTranslation } from 'react-i18next';
import type { Comparison, Person, Phase, PictureName } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Picture } from '../../ui/Picture.tsx';

type ComparingProps = {
  readonly peer: Person;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly comparison: Comparison | null;
  readonly onConfirm: (fingerprint: string) => void;
};

export function Comparing({ peer, phase, comparison, onConfirm }: ComparingProps) {
  const { t } = useTranslation();
  const code = comparison?.shortCode ?? null;
  return (
    <>
      {code !== null && (
        <div className="flex flex-col gap-2">
          <h3 className="font-medium">{t('key.shortCode')}</h3>
          <p className="text-sm text-muted">{t('key.shortCodeMeans', { name: peer.name })}</p>
          <ol
            data-short-code
            className="grid grid-cols-4 gap-x-2 gap-y-3 rounded-2xl bg-sunken px-2 py-3 sm:grid-cols-7"
          >
            {code.pictures.map((picture, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a word may occur twice and never moves.
              <CodePicture key={place} picture={picture} />
            ))}
          </ol>
          <p className="font-mono tracking-wider tabular-nums">{code.digits}</p>
        </div>
      )}
      {phase.pin !== 'verified' && comparison?.scan?.is !== 'differs' && (
        <Button tone="primary" onClick={() => onConfirm(phase.peerFingerprint)}>
          {t('key.confirm', { name: peer.name })}
        </Button>
      )}
    </>
  );
}

function CodePicture({ picture }: { picture: PictureName }) {
  const { t } = useTranslation();
  return (
    <li className="flex min-w-0 flex-col items-center gap-1 text-center text-sm font-medium">
      <Picture name={picture} className="size-11" />
      <span className="max-w-full wrap-anywhere hyphens-auto">{t(`pictures.${picture}`)}</span>
    </li>
  );
}
