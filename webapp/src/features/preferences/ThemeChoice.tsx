/**
 * The three themes side by side, for those who look for them in the settings.
 */
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon.tsx';
import { switchTheme, type Theme, themeHere } from '../../ui/theme.ts';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const LOOKS = {
  system: { icon: 'system', words: 'preferences.themeSystem' },
  light: { icon: 'sun', words: 'preferences.themeLight' },
  dark: { icon: 'moon', words: 'preferences.themeDark' },
} as const;

export function ThemeChoice() {
  const { t } = useTranslation();
  const name = useId();
  const [chosen, setChosen] = useState(themeHere);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2">{t('preferences.themeTitle')}</legend>
      <div className="grid grid-cols-3 gap-1 rounded-2xl bg-sunken p-1">
        {THEMES.map((theme) => (
          <label
            key={theme}
            className="flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-xl px-2 text-center text-sm has-checked:bg-card has-checked:font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              checked={theme === chosen}
              className="sr-only"
              onChange={() => {
                switchTheme(theme);
                setChosen(theme);
              }}
            />
            <Icon name={LOOKS[theme].icon} className="size-5 max-sm:hidden" />
            {t(LOOKS[theme].words)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
