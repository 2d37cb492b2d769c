/** What a screen is: the view that draws it, and what is pressed before the picture. */
import type { Page } from 'playwright-core';
import type { AppView } from '../src/app/model.ts';
import { mine, theirs } from '../src/features/test/views.ts';
import type { Words } from './words.ts';

export type Screen = {
  readonly name: string;
  /** Or what makes it, where something has to lie behind it. */
  readonly view: AppView | ((page: Page) => Promise<AppView>);
  /** What can be read of files, by transfer. */
  readonly files?: ReadonlyMap<number, Buffer>;
  readonly act?: Act;
};

export type Act = (page: Page, words: Words) => Promise<void>;

/** A conversation that has gone on for a while. */
export const talk = [
  mine('Are you there? I am standing in front of the archive.'),
  theirs('Yes. Which door?'),
  mine('The green one, on the river side.'),
  mine('Ring twice; the guard knows.'),
  theirs('Good. Read me the first row of your fingerprint when you are inside, then I send it.'),
  theirs('And bring the list.\nBoth pages, please.'),
  mine('9f2c 41d0 7be8 a356'),
  theirs('That is what I see too.'),
  mine('On my way.', 'delivered'),
  mine('Do not wait outside.', 'sending'),
];
