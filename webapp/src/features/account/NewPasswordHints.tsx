/**
 * What belongs below a field for a new password: how strong it is, and what is asked of it.
 */
import type { Limits } from '../../app/model.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { wishesForPassword } from './credentials.ts';
import { StrengthMeter } from './StrengthMeter.tsx';
import { Wishes } from './Wishes.tsx';

/** It knows many words, which whoever signs in does not need. */
const loadEstimate = async () => (await import('./strength.ts')).strengthOf;

type NewPasswordHintsProps = {
  readonly password: string;
  readonly name: string;
  readonly limits: Limits;
};

export function NewPasswordHints({ password, name, limits }: NewPasswordHintsProps) {
  const estimate = useLoaded(loadEstimate);
  return (
    <>
      {estimate.is !== 'failed' && (
        <StrengthMeter strength={estimate.is === 'here' ? estimate.value(password, name) : null} />
      )}
      <Wishes
        wishes={wishesForPassword(password, name, limits)}
        min={limits.passwordCharsMin}
        max={limits.passwordCharsMax}
      />
    </>
  );
}
