// @vitest-environment jsdom
/**
 * The screens joined: which one is drawn, in which language and theme, and where the focus goes.
 */
import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { bob, secure, signedIn, signedOut, withBob } from '../features/test/views.ts';
import type { Language } from '../i18n/language.ts';
import { languageHere } from '../i18n/language.ts';
import { themeHere } from '../ui/theme.ts';
import { App } from './App.tsx';
import type { AppView } from './model.ts';

inBrowser();

function drawApp(view: AppView, language: Language = 'en') {
  const drawn = draw((_: AppView, model) => <App model={model} />, view, language);
  return { ...drawn, show: (next: AppView) => act(() => drawn.model.show(next)) };
}

const heading = () => screen.getByRole('heading', { level: 1 }).textContent;

describe('the app', () => {
  it('[UI1] draws the screen of each place', () => {
    const { show } = drawApp({ at: 'starting' });
    expect(screen.getByRole('status').textContent).toBe('Opening …');
    show({ at: 'unsupported', why: 'missingCrypto' });
    expect(heading()).toBe('This browser cannot keep a secret');
    show({ at: 'unreachable', fault: { code: 'TIMEOUT', traceId: null } });
    expect(heading()).toBe('The server does not answer');
    show(signedOut());
    expect(heading()).toBe('Sign in');
    show(signedIn());
    expect(heading()).toBe('dh-secure-chat');
  });

  it('[UI7] speaks the other language on request, keeps it, and tells the page', async () => {
    const { user } = drawApp(signedOut());
    expect(document.documentElement.lang).toBe('en');
    await user.click(screen.getByRole('button', { name: 'Русский' }));
    expect(heading()).toBe('Вход');
    expect(document.documentElement.lang).toBe('ru');
    expect(languageHere()).toBe('ru');
    await user.click(screen.getByRole('button', { name: 'English' }));
    expect(heading()).toBe('Sign in');
    expect(languageHere()).toBe('en');
  });

  it('[UI8] follows the system until a theme is chosen, and keeps the choice', async () => {
    const { user } = drawApp(signedOut());
    const page = document.documentElement;
    expect(page.getAttribute('data-theme')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Theme: as the system' }));
    expect([page.getAttribute('data-theme'), themeHere()]).toEqual(['light', 'light']);
    await user.click(screen.getByRole('button', { name: 'Theme: light' }));
    expect([page.getAttribute('data-theme'), themeHere()]).toEqual(['dark', 'dark']);
    await user.click(screen.getByRole('button', { name: 'Theme: dark' }));
    expect([page.getAttribute('data-theme'), themeHere()]).toEqual([null, 'system']);
  });

  it('[UI10] names who rings in the title of the page', () => {
    const { show } = drawApp(signedIn());
    expect(document.title).toBe('dh-secure-chat');
    show(signedIn({ incoming: [bob] }));
    expect(document.title).toBe('bob wants to talk · dh-secure-chat');
    show(signedIn(withBob({ is: 'establishing' })));
    expect(document.title).toBe('dh-secure-chat');
  });

  it('[UI10] warns of what accepting ends only while something is said', () => {
    const carol = { id: 'c', name: 'carol' };
    const { show } = drawApp(signedIn({ ...withBob({ is: 'waiting' }), incoming: [carol] }));
    expect(screen.queryByText(/Accepting ends/)).toBeNull();
    show(signedIn({ ...withBob(secure([])), incoming: [carol] }));
    expect(screen.getByText('Accepting ends your conversation with bob.')).toBeTruthy();
  });

  it('[UI24] moves the focus to the main part when a screen or a conversation is gone', () => {
    const { show } = drawApp(signedOut());
    show(signedIn());
    expect(document.activeElement).toBe(screen.getByRole('main'));
    show(signedIn(withBob({ is: 'waiting' })));
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 2, name: 'bob' }));
    show(signedIn());
    expect(document.activeElement).toBe(screen.getByRole('main'));
  });
});
