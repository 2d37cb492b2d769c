// @vitest-environment jsdom
/**
 * A screen that fails.
 */
import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';

inBrowser();

function Failing(): never {
  throw new Error('the quinces are for Friday');
}

describe('a screen that fails', () => {
  it('[UI26] leaves words and a way on, ends the talk, and shows nothing of the fault', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const onReload = vi.fn();
    const { user, model } = draw(
      (_, fake) => (
        <ErrorBoundary onFail={() => fake.leave()} onReload={onReload}>
          <Failing />
        </ErrorBoundary>
      ),
      { at: 'starting' },
    );
    expect(model.calls).toEqual([['leave']]);
    expect(screen.getByRole('alert').textContent).toContain('This page has failed');
    expect(document.body.textContent).not.toContain('quinces');
    await user.click(screen.getByRole('button', { name: 'Load again' }));
    expect(onReload).toHaveBeenCalledOnce();
  });
});
