// @vitest-environment jsdom
/** Parts that are loaded apart: what is seen meanwhile, once they are here, and if they never come. */
import { act, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Later, ShownLater } from './later.tsx';

inBrowser();

const Hello = ({ name }: { readonly name: string }) => <p>hello {name}</p>;

function drawLater(part: Later<{ readonly name: string }>) {
  return <ShownLater part={part} props={{ name: 'bob' }} meanwhile={<p>wait</p>} />;
}

describe('a part that is loaded apart', () => {
  it('[UI40] is drawn when it is here, and loaded once', async () => {
    const loading = Promise.withResolvers<typeof Hello>();
    const load = vi.fn(() => loading.promise);
    const part = new Later(load);
    render(drawLater(part));
    expect(screen.getByText('wait')).toBeTruthy();
    await act(async () => loading.resolve(Hello));
    expect(screen.getByText('hello bob')).toBeTruthy();
    await part.load();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('[UI40] is drawn at once if it was loaded before', async () => {
    const part = new Later(async () => Hello);
    await part.load();
    render(drawLater(part));
    expect(screen.getByText('hello bob')).toBeTruthy();
  });

  it('[UI40] that does not load has something in its place, where there is anything', async () => {
    const part = new Later<{ readonly name: string }>(() => Promise.reject(new Error('404')));
    const meanwhile = <p>wait</p>;
    const props = { name: 'bob' };
    render(
      <ShownLater part={part} props={props} meanwhile={meanwhile} otherwise={<p>without</p>} />,
    );
    await act(() => part.load());
    expect(screen.getByText('without')).toBeTruthy();
  });

  it('[UI40] that does not load leaves words and a way on', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const part = new Later<{ readonly name: string }>(() => Promise.reject(new Error('404')));
    draw(
      () => (
        <ErrorBoundary onFail={() => {}} onReload={() => {}}>
          {drawLater(part)}
        </ErrorBoundary>
      ),
      { at: 'starting' },
    );
    await act(() => part.load());
    expect(screen.getByRole('button', { name: 'Load again' })).toBeTruthy();
  });
});
