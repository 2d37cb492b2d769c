/**
 * The interface's own dictionaries, so that a test presses what a person reads.
 */
import { en } from '../src/i18n/en.ts';
import { ru } from '../src/i18n/ru.ts';

type Spoken<T> = { readonly [K in keyof T]: T[K] extends string ? string : Spoken<T[K]> };

export type Words = Spoken<typeof en>;

export const dictionaries: Record<'en' | 'ru', Words> = { en, ru };

/** Puts a name into words. */
export function named(words: string, name: string): string {
  return words.replace('{{name}}', name);
}

/** Fills every blank of words. */
export function filled(words: string, blanks: Readonly<Record<string, string>>): string {
  return words.replaceAll(/\{\{(\w+)\}\}/g, (blank, name: string) => blanks[name] ?? blank);
}
