/** The search box when answers come in another order than their questions. */
import { expect, it } from 'vitest';
import { ALICE, BOB, CAROL } from '../../test/builders.ts';
import { good } from '../api.ts';
import { type Ask, Directory } from './directory.ts';
import { Search } from './search.ts';

it('[DIR3] an answer to an older question is thrown away, however late it comes', async () => {
  const answers: ((people: unknown) => void)[] = [];
  const ask: Ask = (_, parse) =>
    new Promise((resolve) => {
      answers.push((body) => {
        const value = parse(body);
        if (value !== null) resolve(good(value));
      });
    });
  const search = new Search(new Directory(ask), ALICE, 2);
  const older = search.find('ca');
  const newer = search.find('bo');
  answers[1]?.([{ id: BOB, username: 'bob' }]);
  await newer;
  answers[0]?.([{ id: CAROL, username: 'carol' }]);
  await older;
  expect(search.state).toEqual({
    query: 'bo',
    people: { is: 'answered', value: [{ id: BOB, name: 'bob' }] },
  });

  const abandoned = search.find('car');
  await search.find('c');
  answers[2]?.([{ id: CAROL, username: 'carol' }]);
  await abandoned;
  expect(search.state).toEqual({ query: 'c', people: { is: 'idle' } });
});
