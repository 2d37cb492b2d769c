/**
 * What this browser can do of all that the chat uses, and what still works without the rest.
 */
import { useTranslation } from 'react-i18next';
import type { Abilities, Ability } from '../../app/model.ts';
import { Icon } from '../../ui/Icon.tsx';

export function BrowserSupport({ abilities }: { abilities: Abilities }) {
  const { t } = useTranslation();
  const { has, lacks } = abilities;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-muted">
        {t(lacks.length === 0 ? 'support.complete' : 'support.incomplete')}
      </p>
      <ul className="flex flex-col gap-3 text-start">
        {lacks.map((ability) => (
          <Item key={ability} ability={ability} isThere={false} />
        ))}
        {has.map((ability) => (
          <Item key={ability} ability={ability} isThere />
        ))}
      </ul>
    </div>
  );
}

function Item({ ability, isThere }: { ability: Ability; isThere: boolean }) {
  const { t } = useTranslation();
  return (
    <li className="flex gap-3">
      <Icon
        name={isThere ? 'check' : 'alert'}
        className={`mt-0.5 size-5 ${isThere ? 'text-accent' : 'text-warn'}`}
      />
      <div className="min-w-0 flex-1">
        <p>
          <span className="font-medium">{t(`support.of.${ability}`)}</span>
          <span className="text-muted">
            {' · '}
            {t(isThere ? 'support.has' : 'support.lacks')}
          </span>
        </p>
        {!isThere && <p className="text-sm text-muted">{t(`support.without.${ability}`)}</p>}
      </div>
    </li>
  );
}
