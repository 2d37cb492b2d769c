/**
 * Which language the interface speaks: the one chosen before, else the first of the browser's
 * that there is, else English.
 */
import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { keep, kept } from '../ui/kept.ts';
import { doorstep } from './doorstep.ts';

export type Language = 'en' | 'ru';

const KEPT_AS = 'dhchat.language';

/** What `start` speaks, for the page's first paint. */
export function chooseLanguage(chosen: string | null, preferred: readonly string[]): Language {
  for (const tag of [chosen ?? '', ...preferred]) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'en' || language === 'ru') return language;
  }
  return 'en';
}

/**
 * Makes the dictionary ready to use, with the words of the doorstep; it needs no network. The
 * others are learned from `every-word.ts`.
 */
export function createDictionary(language: Language): i18n {
  const dictionary = createInstance();
  void dictionary.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: doorstep.en }, ru: { translation: doorstep.ru } },
    initAsync: false,
    interpolation: { escapeValue: false }, // React escapes.
    returnNull: false,
  });
  return dictionary;
}

/** The language of this browser's person. */
export function languageHere(): Language {
  return chooseLanguage(kept(KEPT_AS), navigator.languages);
}

/** Speaks another language, here and at the next visit. */
export function switchLanguage(dictionary: i18n, language: Language): void {
  keep(KEPT_AS, language);
  void dictionary.changeLanguage(language);
}
