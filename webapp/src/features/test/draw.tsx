/**
 * Draws a part of the interface over a fake model, in a language, with a person at the keyboard.
 */
import { cleanup, render } from '@testing-library/react';
import { type UserEvent, userEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { I18nextProvider } from 'react-i18next';
import { afterEach, beforeEach } from 'vitest';
import type { AppView } from '../../app/model.ts';
import { learnEveryWord } from '../../i18n/every-word.ts';
import { createDictionary, type Language } from '../../i18n/language.ts';
import { furnishBrowser, setPageHidden } from './browser.ts';
import { FakeModel } from './fake-model.ts';

/** Call once in a file of tests. */
export function inBrowser(): void {
  beforeEach(() => {
    furnishBrowser();
    localStorage.clear();
  });
  afterEach(() => {
    cleanup();
    setPageHidden(false);
  });
}

/** A part of the interface, drawn from a view. */
export type Draws<V extends AppView> = (view: V, model: FakeModel) => ReactElement;

export type Drawn<V extends AppView> = {
  readonly model: FakeModel;
  readonly user: UserEvent;
  /** Draws the same part from another view. */
  show(view: V): void;
};

export function draw<V extends AppView>(
  draws: Draws<V>,
  view: V,
  language: Language = 'en',
): Drawn<V> {
  const model = new FakeModel(view);
  const dictionary = createDictionary(language);
  learnEveryWord(dictionary);
  const wrap = (next: V) => (
    <I18nextProvider i18n={dictionary}>{draws(next, model)}</I18nextProvider>
  );
  const { rerender } = render(wrap(view));
  return { model, user: userEvent.setup(), show: (next) => rerender(wrap(next)) };
}
