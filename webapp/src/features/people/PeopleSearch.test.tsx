// @vitest-environment jsdom
/**
 * Finding people.
 */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Asked, Person } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { alice, bob, carol, type SignedInView, signedIn, withBob } from '../test/views.ts';
import { PeopleSearch } from './PeopleSearch.tsx';

inBrowser();

const searched = (
  people: Asked<readonly Person[]>,
  changes: Partial<SignedInView> = {},
): SignedInView => signedIn({ search: { query: 'bo', people }, ...changes });

const drawSearch = (view: SignedInView) =>
  draw((next: SignedInView, model) => <PeopleSearch view={next} model={model} />, view);

const status = () => screen.getByRole('status').textContent;

describe('finding somebody', () => {
  it('[UI9] asks with each change of the text', async () => {
    const { model, user } = drawSearch(signedIn());
    await user.type(screen.getByLabelText('Find somebody'), 'bo');
    await user.click(screen.getByRole('button', { name: 'Clear the search' }));
    expect(model.calls).toEqual([
      ['find', 'b'],
      ['find', 'bo'],
      ['find', ''],
    ]);
    expect(document.activeElement).toBe(screen.getByLabelText('Find somebody'));
  });

  it('[UI9] shows each state of the question', () => {
    const { show } = drawSearch(signedIn());
    expect(status()).toBe('Type at least two characters of a username.');
    show(searched({ is: 'asking' }));
    expect(status()).toBe('Searching …');
    show(searched({ is: 'answered', value: [bob] }));
    expect(status()).toBe('1 person found');
    show(searched({ is: 'answered', value: [] }));
    expect(status()).toBe('Nobody is called “bo”.');
    show(searched({ is: 'failed', fault: { code: 'BUS_AWAY', traceId: null } }));
    expect(screen.getByRole('alert').textContent).toContain('The server is cut off inside.');
  });

  it('[UI9] opens a conversation with who was found', async () => {
    const { model, user } = drawSearch(searched({ is: 'answered', value: [bob, carol] }));
    await user.click(screen.getByRole('button', { name: 'Talk to carol' }));
    expect(model.calls).toEqual([['open', carol]]);
  });

  it('[UI9] offers neither oneself nor the open peer', () => {
    const people = { is: 'answered', value: [alice, bob] } as const;
    drawSearch(searched(people, withBob({ is: 'waiting' })));
    for (const name of [/^alice/, /^bob/]) {
      expect(screen.getByRole('button', { name })).toMatchObject({ disabled: true });
    }
  });

  it('[UI9] offers nobody without a key here, and says why', () => {
    drawSearch(searched({ is: 'answered', value: [bob] }, { key: { is: 'missing' } }));
    expect(screen.getByRole('button', { name: 'bob' })).toMatchObject({ disabled: true });
    expect(screen.getByText(/you need a key in this browser first/)).toBeTruthy();
  });
});
