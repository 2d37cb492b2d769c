/**
 * The short code of this conversation, to be compared while both are there, and the press that
 * says that it was.
 */
import { useTranslation } from 'react-i18next';
import type { Comparison, Person, Phase } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';

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
            className="flex flex-wrap gap-x-4 gap-y-1 rounded-2xl bg-sunken px-4 py-3"
          >
            {code.pictures.map((picture, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a word may occur twice and never moves.
              <li key={place} className="font-medium">
                {t(`pictures.${picture}`)}
              </li>
            ))}
          </ol>
          <p className="font-mono tracking-wider tabular-nums">{code.digits}</p>
        </div>
      )}
      {phase.pin !== 'verified' && (
        <Button tone="primary" onClick={() => onConfirm(phase.peerFingerprint)}>
          {t('key.confirm', { name: peer.name })}
        </Button>
      )}
    </>
  );
}
