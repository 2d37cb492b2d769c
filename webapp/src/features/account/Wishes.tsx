/**
 * The list of what is asked of a name or a password, each ticked off as it is fulfilled.
 */
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon.tsx';
import type { Wish } from './credentials.ts';

type WishesProps = {
  readonly wishes: readonly Wish[];
  readonly min: number;
  readonly max: number;
};

export function Wishes({ wishes, min, max }: WishesProps) {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-col gap-0.5">
      {wishes.map(({ words, met }) => (
        <li key={words} data-met={met} className="flex items-start gap-2">
          <Icon
            name={met ? 'check' : 'dot'}
            className={`mt-0.5 size-4 ${met ? 'text-accent' : 'text-muted'}`}
          />
          <span>
            {t(`account.${words}`, { min, max })}
            <span className="sr-only"> ({t(met ? 'account.met' : 'account.notMet')})</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
