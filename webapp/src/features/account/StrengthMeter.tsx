/**
 * How strong a password is, as four bars and a word, and what would help most.
 */
import { useTranslation } from 'react-i18next';
import type { Strength } from './strength.ts';

const NAMES = [
  'strengthNone',
  'strengthWeak',
  'strengthFair',
  'strengthGood',
  'strengthStrong',
] as const;
const COLORS = ['bg-edge', 'bg-danger', 'bg-warn', 'bg-accent', 'bg-accent'] as const;
const BARS = [1, 2, 3, 4] as const;
const NOTHING_TYPED: Strength = { level: 0, advice: null };

type StrengthMeterProps = {
  /** `null` until it can be told. */
  readonly strength: Strength | null;
};

export function StrengthMeter({ strength }: StrengthMeterProps) {
  const { t } = useTranslation();
  const { level, advice } = strength ?? NOTHING_TYPED;
  const name = t(`account.${NAMES[level]}`);
  return (
    <div className="mb-2 flex flex-col gap-1.5">
      <meter
        min={0}
        max={4}
        value={level}
        aria-label={t('account.strength')}
        aria-valuetext={name}
        aria-busy={strength === null}
        className="sr-only"
      />
      <div aria-hidden="true" className="grid grid-cols-4 gap-1">
        {BARS.map((bar) => (
          <span
            key={bar}
            className={`h-1.5 rounded-full ${bar <= level ? COLORS[level] : 'bg-rule'}`}
          />
        ))}
      </div>
      <p aria-live="polite" className="min-h-5">
        {level > 0 && <span className="font-medium text-ink">{name}</span>}
        {advice !== null && <span> · {t(`account.advice.${advice}`)}</span>}
      </p>
    </div>
  );
}
