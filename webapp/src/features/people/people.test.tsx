// @vitest-environment jsdom
/**
 * Whom one talked to, who is here, and who is blocked.
 */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { bob, carol, type SignedInView, signedIn, withBob } from '../test/views.ts';
import { BlockedPeople } from './BlockedPeople.tsx';
import { PeopleSearch } from './PeopleSearch.tsx';

inBrowser();

const drawPeople = (view: SignedInView) =>
  draw((next: SignedInView, model) => <PeopleSearch view={next} model={model} />, view);

const recent = (changes: Partial<SignedInView> = {}) =>
  signedIn({ recent: [bob, carol], ...changes });

const searchedBob = { query: 'bo', people: { is: 'answered', value: [bob] } } as const;

describe('whom one talked to', () => {
  it('[UI36] is offered while nobody is searched for', async () => {
    const { model, user, show } = drawPeople(recent());
    const list = within(screen.getByRole('region', { name: 'Talked to lately' }));
    expect(list.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
      'bob',
      'carol',
    ]);
    await user.click(list.getByRole('button', { name: 'Talk to carol' }));
    expect(model.calls).toEqual([['open', carol]]);
    show(recent({ search: searchedBob }));
    expect(screen.queryByRole('region', { name: 'Talked to lately' })).toBeNull();
    show(signedIn());
    expect(screen.queryByText('Talked to lately')).toBeNull();
  });

  it('[UI36] can be cleared, and the focus is not lost with it', async () => {
    const { model, user } = drawPeople(recent());
    await user.click(screen.getByRole('button', { name: 'Clear the people talked to lately' }));
    expect(model.calls).toEqual([['clearRecent']]);
    expect(document.activeElement).toBe(screen.getByLabelText('Find somebody'));
  });

  it('[UI36] is said to be here or not, where that is known', () => {
    const { show } = drawPeople(recent({ presence: { [bob.id]: 'here', [carol.id]: 'away' } }));
    const describedOf = (name: string) => {
      const ids = screen.getByRole('button', { name }).getAttribute('aria-describedby');
      return ids === null ? null : document.getElementById(ids)?.textContent;
    };
    expect(describedOf('Talk to bob')).toBe('Here now');
    expect(describedOf('Talk to carol')).toBe('Not here now');
    show(recent({ search: searchedBob, presence: { [bob.id]: 'here' } }));
    expect(describedOf('Talk to bob')).toBe('Here now');
    show(recent());
    expect(describedOf('Talk to bob')).toBeNull();
  });
});

describe('whose key was compared', () => {
  it('[UI114] is marked where they are listed, and told beside whether they are here', () => {
    const view = { presence: { [bob.id]: 'here' }, verified: [bob.id] } as const;
    const { show } = drawPeople(recent(view));
    const mark = screen.getByRole('img', { name: 'You have compared the key' });
    const row = screen.getByRole('button', { name: 'Talk to bob' });
    const [first, second] = (row.getAttribute('aria-describedby') ?? '').split(' ');
    expect(document.getElementById(first ?? '')).toBe(mark);
    expect(document.getElementById(second ?? '')?.textContent).toBe('Here now');
    show(recent({ verified: [carol.id], search: searchedBob }));
    expect(screen.queryByRole('img', { name: 'You have compared the key' })).toBeNull();
  });
});

describe('blocking', () => {
  it('[UI37] is asked about first, and says what it means', async () => {
    const { model, user } = drawPeople(recent());
    await user.click(screen.getByRole('button', { name: 'Block bob' }));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText(/bob is not told/)).toBeTruthy();
    expect(model.calls).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Block' }));
    expect(model.calls).toEqual([['block', bob]]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('[UI37] is shown on whoever is found, who cannot be talked to, and can be undone there', async () => {
    const { model, user } = drawPeople(signedIn({ blocked: [bob], search: searchedBob }));
    expect(screen.getByRole('button', { name: /^bob/ })).toMatchObject({ disabled: true });
    expect(screen.getByText('Blocked')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Block bob' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Unblock bob' }));
    expect(model.calls).toEqual([['unblock', bob.id]]);
  });

  it('[UI37] can be done to the open peer', async () => {
    const { model, user } = drawPeople(recent(withBob({ is: 'waiting' })));
    await user.click(screen.getByRole('button', { name: 'Block bob' }));
    await user.click(screen.getByRole('button', { name: 'Block' }));
    expect(model.calls).toEqual([['block', bob]]);
  });

  it('[UI37] lists who is blocked, and the focus is not lost when nobody is left', async () => {
    const { model, user, show } = draw(
      ({ blocked }: SignedInView, fake) => <BlockedPeople people={blocked} model={fake} />,
      signedIn({ blocked: [bob] }),
    );
    await user.click(screen.getByRole('button', { name: 'Unblock bob' }));
    expect(model.calls).toEqual([['unblock', bob.id]]);
    show(signedIn());
    expect(screen.getByText('Nobody is blocked in this browser.')).toBe(document.activeElement);
  });
});
