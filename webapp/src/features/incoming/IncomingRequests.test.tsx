// @vitest-environment jsdom
/**
 * People who ring.
 */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { bob, carol, type SignedInView, signedIn } from '../test/views.ts';
import { IncomingRequests } from './IncomingRequests.tsx';

inBrowser();

const drawRequests = (view: SignedInView, talkingTo = false) =>
  draw(
    ({ incoming }: SignedInView, model) => (
      <IncomingRequests
        people={incoming}
        talkingTo={talkingTo ? bob : null}
        model={model}
        more={(person) => (
          <button type="button" onClick={() => model.block(person)}>
            More on {person.name}
          </button>
        )}
      />
    ),
    view,
  );

describe('who rings', () => {
  it('[UI10] is named and can be accepted or declined', async () => {
    const { model, user } = drawRequests(signedIn({ incoming: [bob, carol] }));
    expect(screen.getByText('bob wants to talk with you')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Accept bob' }));
    await user.click(screen.getByRole('button', { name: 'Decline carol' }));
    expect(model.calls).toEqual([
      ['accept', bob.id],
      ['decline', carol.id],
    ]);
  });

  it('[UI37] can be blocked at the door', async () => {
    const { model, user } = drawRequests(signedIn({ incoming: [bob] }));
    await user.click(screen.getByRole('button', { name: 'More on bob' }));
    expect(model.calls).toEqual([['block', bob]]);
  });

  it('[UI10] is read out when they come', () => {
    const { show } = drawRequests(signedIn());
    const region = screen.getByRole('region', { name: 'People who want to talk' });
    expect(region.getAttribute('aria-live')).toBe('polite');
    show(signedIn({ incoming: [bob] }));
    expect(region.textContent).toContain('bob wants to talk with you');
  });

  it('[UI10] says what accepting would end', () => {
    drawRequests(signedIn({ incoming: [carol] }), true);
    expect(screen.getByText('Accepting ends your conversation with bob.')).toBeTruthy();
  });
});
