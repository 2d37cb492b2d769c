/**
 * The two choices about how the page looks and speaks; each is kept in this browser.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { switchLanguage } from '../../i18n/language.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { switchTheme, type Theme, themeHere } from '../../ui/theme.ts';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const LOOKS = {
  system: { icon: 'system', words: 'preferences.themeSystem' },
  light: { icon: 'sun', words: 'preferences.themeLight' },
  dark: { icon: 'moon', words: 'preferences.themeDark' },
} as const;

export function ThemeSwitch() {
  const { t } = useTranslation();
  const [theme, setTheme] = useState(themeHere);
  const { icon, words } = LOOKS[theme];
  return (
    <IconButton
      label={t('preferences.theme', { theme: t(words) })}
      onClick={() => {
        switchTheme(NEXT[theme]);
        setTheme(NEXT[theme]);
      }}
    >
      <Icon name={icon} />
    </IconButton>
  );
}

/** Offers the other language by its own name, for those who cannot read this one. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const other = t('preferences.otherLanguageTag') === 'ru' ? 'ru' : 'en';
  return (
    <button
      type="button"
      lang={other}
      onClick={() => switchLanguage(i18n, other)}
      className="min-h-11 cursor-pointer rounded-full px-3 font-medium text-muted transition-colors hover:bg-sunken hover:text-ink"
    >
      {t('preferences.otherLanguage')}
    </button>
  );
}
