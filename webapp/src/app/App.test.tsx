// @vitest-environment jsdom
/**
 * The screens joined: which one is drawn, in which language and theme, and where the focus goes.
 */
import { act, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';
import { setPageHidden } from '../features/test/browser.ts';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { fakeNotices } from '../features/test/fake-notices.ts';
import {
  aTransfer,
  bob,
  carol,
  mine,
  secure,
  signedIn,
  signedOut,
  theirs,
  withBob,
} from '../features/test/views.ts';
import type { Language } from '../i18n/language.ts';
import { languageHere } from '../i18n/language.ts';
import { themeHere } from '../ui/theme.ts';
import { App } from './App.tsx';
import type { AppView } from './model.ts';
import { signedInScreen } from './signed-in-later.ts';

inBrowser();
beforeAll(signedInScreen.load);

function drawApp(view: AppView, language: Language = 'en') {
  const notices = fakeNotices();
  const drawn = draw(
    (_: AppView, model) => <App model={model} notices={notices} />,
    view,
    language,
  );
  return { ...drawn, notices, show: (next: AppView) => act(() => drawn.model.show(next)) };
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

  it('[UI63] keeps what was begun to each person, and forgets it when somebody signs out', async () => {
    const { show, user } = drawApp(signedIn(withBob(secure([]))));
    const field = () => screen.getByRole('textbox', { name: /^Message to/ }) as HTMLTextAreaElement;
    const withCarol = { ...withBob(secure([])).conversation, peer: carol };
    await user.type(field(), 'for bob');
    show(signedIn(withBob({ is: 'peerOffline' })));
    show(signedIn({ conversation: withCarol }));
    expect(field().value).toBe('');
    await user.type(field(), 'for carol');
    show(signedIn(withBob(secure([]))));
    expect(field().value).toBe('for bob');
    await user.type(field(), '{Enter}');
    show(signedIn({ conversation: withCarol }));
    expect(field().value).toBe('for carol');
    show(signedIn(withBob(secure([]))));
    expect(field().value).toBe('');
    show(signedOut());
    show(signedIn({ conversation: withCarol }));
    expect(field().value).toBe('');
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain('for ');
  });

  it('[UI39] marks in the title how much was said while nobody looked', () => {
    const lines = [theirs('one'), mine('two')];
    const { show } = drawApp(signedIn(withBob(secure(lines))));
    act(() => setPageHidden(true));
    expect(document.title).toBe('dh-secure-chat');
    const more = [...lines, theirs('three'), mine('four'), theirs('five')];
    show(signedIn(withBob(secure(more))));
    expect(document.title).toBe('(2) dh-secure-chat');
    show(signedIn({ ...withBob(secure(more)), incoming: [carol] }));
    expect(document.title).toBe('(2) carol wants to talk · dh-secure-chat');
    act(() => setPageHidden(false));
    expect(document.title).toBe('carol wants to talk · dh-secure-chat');
    act(() => setPageHidden(true));
    show(signedIn(withBob(secure([theirs('of another conversation')]))));
    expect(document.title).toBe('dh-secure-chat');
    show(signedIn(withBob(secure([theirs('a'), theirs('b')]))));
    expect(document.title).toBe('(1) dh-secure-chat');
  });

  it('[UI39] counts what was offered while nobody looked, and nothing that one sent', () => {
    const { show } = drawApp(signedIn(withBob(secure([]))));
    act(() => setPageHidden(true));
    const transfers = [aTransfer({ id: 2, by: 'me' }), aTransfer({ id: 3 })];
    show(signedIn(withBob({ ...secure([]), transfers })));
    expect(document.title).toBe('(1) dh-secure-chat');
  });

  it('[UI38] makes a notice of who rings and what is said, without either, while nobody looks', () => {
    const { show, notices } = drawApp(signedIn());
    show(signedIn({ incoming: [bob] }));
    show(signedIn(withBob(secure([theirs('seen at once')]))));
    expect(notices.shown).toEqual([]);
    act(() => setPageHidden(true));
    show(signedIn({ ...withBob(secure([theirs('seen at once')])), incoming: [carol] }));
    show(
      signedIn({
        ...withBob(secure([theirs('seen at once'), theirs('the green door')])),
        incoming: [carol],
      }),
    );
    expect(notices.shown).toEqual(['Somebody wants to talk with you.', '1 new message']);
    act(() => setPageHidden(false));
    expect(notices.shown).toEqual([]);
  });

  it('[UI38] offers notices in the settings, and says why they cannot be', async () => {
    const { user, notices } = drawApp(signedIn());
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    const choice = screen.getByRole<HTMLInputElement>('switch', { name: /while I look elsewhere/ });
    expect(choice.checked).toBe(true);
    await user.click(choice);
    expect([choice.checked, notices.state()]).toEqual([false, 'off']);
    await user.click(screen.getByRole('button', { name: 'Close the settings' }));
    notices.is = 'refused';
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    expect(screen.getByRole('switch')).toMatchObject({ disabled: true });
    expect(screen.getByText(/does not let this page make notices/)).toBeTruthy();
  });

  it('[UI33] asks for the devices when the settings are opened, and puts them away after', async () => {
    const { user, model } = drawApp(signedIn());
    expect(model.calls).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    expect(model.calls).toEqual([['lookAtDevices']]);
    await user.click(screen.getByRole('button', { name: 'Close the settings' }));
    expect(model.calls.at(-1)).toEqual(['putAccountAway']);
  });

  it('[UI35] a forgotten browser forgets the choices that were made in it', async () => {
    const { user, show } = drawApp(signedIn());
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    await user.click(screen.getByRole('radio', { name: 'dark' }));
    localStorage.setItem('dhchat.hadKey.another', '1');
    expect(themeHere()).toBe('dark');
    show(signedOut({ parted: 'deleted' }));
    expect(themeHere()).toBe('dark');
    show(signedOut({ parted: 'forgotten' }));
    expect(Object.keys(localStorage)).toEqual(['dhchat.hadKey.another']);
  });
});
