// @vitest-environment jsdom
/**
 * The state of the connection.
 */
import { act, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { type SignedInView, signedIn } from '../test/views.ts';
import { LinkBanner } from './LinkBanner.tsx';

inBrowser();
afterEach(() => vi.useRealTimers());

const drawBanner = (link: SignedInView['link']) =>
  draw(
    (view: SignedInView, model) => <LinkBanner link={view.link} onUseHere={model.useHere} />,
    signedIn({ link }),
  );

describe('the connection', () => {
  it('[UI11] says nothing while it is there', () => {
    drawBanner({ is: 'online' });
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('[UI11] says that it is lost and counts down, for the eye only', () => {
    vi.useFakeTimers();
    drawBanner({ is: 'reconnecting', nextTryInMs: 2_000 });
    expect(screen.getByRole('status').textContent).toContain('The connection is lost.');
    const count = screen.getByText('Next try in 2 seconds');
    expect(count.getAttribute('aria-hidden')).toBe('true');
    act(() => vi.advanceTimersByTime(1_000));
    expect(count.textContent).toBe('Next try in 1 second');
  });

  it('[UI11] is taken back from elsewhere only by a press', async () => {
    const { model, user } = drawBanner({ is: 'superseded' });
    expect(screen.getByText('You opened the chat elsewhere.')).toBeTruthy();
    expect(model.calls).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Use here' }));
    expect(model.calls).toEqual([['useHere']]);
  });
});
