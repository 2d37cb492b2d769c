/**
 * The dictionaries against each other, and against the server's list of codes.
 */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { learnEveryWord } from './every-word.ts';
import { faultTrace, faultWords } from './fault-words.ts';
import { chooseLanguage, createDictionary } from './language.ts';
import { ru } from './ru.ts';

type Tree = { readonly [key: string]: string | Tree };

/** What screen readers are told in no language. */
const MARKUP = /\baria-(hidden|haspopup|live|relevant)=/;
const PLURAL = /_(zero|one|two|few|many|other)$/;

function entriesOf(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value]] : entriesOf(value, `${path}${key}.`),
  );
}

function stemsOf(tree: Tree): string[] {
  const stems = entriesOf(tree).map(([key]) => key.replace(PLURAL, ''));
  return [...new Set(stems)].sort();
}

function blanksOf(words: string): string[] {
  return (words.match(/\{\{\w+\}\}/g) ?? []).sort();
}

describe('the words', () => {
  it('[UI5] has words in both languages for every code of the server', () => {
    const rust = readFileSync(
      new URL('../../../bus-schemas/src/fault.rs', import.meta.url),
      'utf8',
    );
    const codes = [...rust.matchAll(/^ {4}\w+ = "([A-Z_]+)",/gm)].map(([, code]) => code ?? '');
    expect(codes.length).toBeGreaterThan(40);
    for (const dictionary of [en, ru]) {
      const known = Object.keys(dictionary.fault.code).sort();
      expect(known).toEqual([...codes, 'NETWORK', 'TIMEOUT'].sort());
    }
  });

  it('[UI5] shows a code without words as it is', () => {
    const { t } = createDictionary('en');
    expect(faultWords(t, { code: 'BRAND_NEW', traceId: null })).toContain('BRAND_NEW');
    expect(faultWords(t, { code: 'toString', traceId: null })).toContain('toString');
    expect(faultTrace(t, { code: 'BRAND_NEW', traceId: 'abcd1234' })).toContain('abcd1234');
    expect(faultTrace(t, { code: 'BRAND_NEW', traceId: null })).toBeNull();
  });

  it('[UI41] stand in no attribute of a component; the lints look between its tags', () => {
    const spoken =
      /\b(aria-[a-z]+|alt|closeLabel|heading|label|placeholder|submit|title)="[^"]*\p{L}/u;
    const src = new URL('..', import.meta.url).pathname;
    const components = globSync(`${src}**/*.tsx`).filter((path) => !path.endsWith('.test.tsx'));
    expect(components.length).toBeGreaterThan(40);
    const found = components.flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => spoken.test(line) && !MARKUP.test(line))
        .map((line) => `${path.slice(src.length)}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it('[UI6] has the same keys in both languages', () => {
    expect(stemsOf(ru)).toEqual(stemsOf(en));
  });

  it('[UI6] has every plural form of its language', () => {
    for (const [language, tree] of Object.entries({ en, ru } as Record<string, Tree>)) {
      const keys = new Set(entriesOf(tree).map(([key]) => key));
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      const stems = [...keys]
        .filter((key) => PLURAL.test(key))
        .map((key) => key.replace(PLURAL, ''));
      for (const stem of new Set(stems)) {
        for (const form of forms) expect(keys).toContain(`${stem}_${form}`);
      }
    }
  });

  it('[UI6] has the same blanks in both languages, and no empty words', () => {
    const english = new Map(entriesOf(en));
    for (const [key, words] of entriesOf(ru)) {
      const same = english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? '';
      expect([key, blanksOf(words)]).toEqual([key, blanksOf(same)]);
      expect(words.trim()).not.toBe('');
    }
  });

  it('[TRUST13] has a word of its own for each picture, in both languages', () => {
    for (const { pictures } of [en, ru]) {
      const words = Object.values(pictures).map((word) => word.toLowerCase());
      expect(new Set(words).size).toBe(64);
    }
  });

  it('[UI6] counts as Russian does', () => {
    const dictionary = createDictionary('ru');
    learnEveryWord(dictionary);
    const { t } = dictionary;
    const counted = [1, 2, 5, 11, 21].map((count) => t('people.found', { count }));
    expect(counted).toEqual([
      'Найден 1 человек',
      'Найдено 2 человека',
      'Найдено 5 человек',
      'Найдено 11 человек',
      'Найден 21 человек',
    ]);
  });

  it('[UI7] speaks the chosen language, else the first of the browser, else English', () => {
    expect(chooseLanguage('en', ['ru-RU'])).toBe('en');
    expect(chooseLanguage(null, ['fr', 'ru-RU', 'en'])).toBe('ru');
    expect(chooseLanguage('xx', ['de'])).toBe('en');
    expect(chooseLanguage(null, [])).toBe('en');
  });
});
