// @vitest-environment jsdom
/**
 * A worker that does not load, or that failed.
 */
import { act, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { fakeNotices } from '../features/test/fake-notices.ts';
import { signedIn } from '../features/test/views.ts';
import { App } from './App.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import type { AppView } from './model.ts';
import { difference } from './patch.ts';
import { type End, FIRST_VIEW, type ToPage } from './protocol.ts';
import { Remote } from './remote-model.ts';
import { signedInScreen } from './signed-in-later.ts';

inBrowser();
beforeAll(signedInScreen.load);

function drawRemote() {
  const end: End = { postMessage: () => {}, onmessage: null };
  const done: string[] = [];
  const remote = new Remote(end, {
    visibility: { visible: () => true, watch: () => () => {} },
    durability: { ask: async () => false },
    marks: { has: async () => false, set: async () => {}, forget: async () => {} },
    connect: () => ({
      send: () => void done.push('last words'),
      buffered: () => 0,
      close: () => void done.push('close'),
    }),
  });
  const { model } = remote;
  draw(
    () => (
      <ErrorBoundary onFail={() => model.leave()} onReload={() => {}}>
        <App model={model} notices={fakeNotices()} />
      </ErrorBoundary>
    ),
    FIRST_VIEW as AppView,
  );
  const hear = (message: ToPage) => act(() => end.onmessage?.({ data: message } as MessageEvent));
  return { remote, hear, done };
}

describe('a worker that fails', () => {
  it('[PAGE7] leaves words and a way on where it never came', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { remote } = drawRemote();
    expect(screen.getByRole('status').textContent).toBe('Opening …');
    act(() => remote.fail());
    expect(screen.getByRole('alert').textContent).toContain('This page has failed');
    expect(screen.getByRole('button', { name: 'Load again' })).toBeTruthy();
  });

  it('[PAGE6, PAGE7] takes what was seen away, says the last words and hangs up', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { remote, hear, done } = drawRemote();
    const patch = difference(FIRST_VIEW, signedIn());
    if (patch === null) throw new Error('another view');
    hear({ type: 'view', patch });
    hear({ type: 'connect', socket: 1 });
    hear({ type: 'lastWords', socket: 1, bytes: new Uint8Array([1]) });
    expect(screen.getByText('alice')).toBeTruthy();
    act(() => remote.fail());
    expect(screen.getByRole('alert').textContent).toContain('This page has failed');
    expect(document.body.textContent).not.toContain('alice');
    expect(done).toEqual(['last words', 'close']);
    // What is still under way from the worker brings nothing back.
    hear({ type: 'view', patch });
    expect(document.body.textContent).not.toContain('alice');
    expect(() => remote.model.snapshot()).toThrow();
  });
});
