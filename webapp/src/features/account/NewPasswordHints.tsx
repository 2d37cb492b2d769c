/**
 * What belongs below a field for a new password: how strong it is, and what is asked of it.
 */
import type { Limits } from '../../app/model.ts';
import { wishesForPassword } from './credentials.ts';
import { StrengthMeter } from './StrengthMeter.tsx';
import { strengthOf } from './strength.ts';
import { Wishes } from './Wishes.tsx';

type NewPasswordHintsProps = {
  readonly password: string;
  readonly name: string;
  readonly limits: Limits;
};

export function NewPasswordHints({ password, name, limits }: NewPasswordHintsProps) {
  return (
    <>
      <StrengthMeter strength={strengthOf(password, name)} />
      <Wishes
        wishes={wishesForPassword(password, name, limits)}
        min={limits.passwordCharsMin}
        max={limits.passwordCharsMax}
      />
    </>
  );
}
