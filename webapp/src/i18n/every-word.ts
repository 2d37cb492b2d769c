/**
 * All words of the interface, for a dictionary that knows those of the doorstep. They are as many
 * bytes as the rest of the first screen without its libraries, so whoever imports this file is
 * loaded after it.
 */
import type { i18n } from 'i18next';
import { en } from './en.ts';
import { ru } from './ru.ts';

/** At once, in both languages; what is known already stays the same. */
export function learnEveryWord(dictionary: i18n): void {
  for (const [language, words] of Object.entries({ en, ru })) {
    dictionary.addResourceBundle(language, 'translation', words);
  }
}
