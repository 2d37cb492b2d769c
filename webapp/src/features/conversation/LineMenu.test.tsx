// @vitest-environment jsdom
/**
 * What can be done with a line, and the ways to ask for it.
 */
import { act, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { Line } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { bob, mine, type SignedInView, secure, signedIn, theirs, withBob } from '../test/views.ts';
import { Talk } from './Talk.tsx';

inBrowser();

function drawTalk(lines: readonly Line[]) {
  const viewOf = (next: readonly Line[]) => signedIn(withBob(secure(next)));
  const drawn = draw<SignedInView>(({ conversation }, model) => {
    const phase = conversation?.phase;
    return phase?.is === 'secure' ? <Talk peer={bob} phase={phase} model={model} /> : <p />;
  }, viewOf(lines));
  return { ...drawn, show: (next: readonly Line[]) => drawn.show(viewOf(next)) };
}

/** Said a moment ago, so that it may be changed. */
const now = (line: Line): Line => ({ ...line, at: Date.now() });
const button = (text: string) => screen.getByRole('button', { name: `What to do with “${text}”` });
const menu = () => screen.queryByRole('menu', { name: 'What to do with the message' });
const offered = () =>
  screen
    .queryAllByRole('menuitem')
    .map((item) => item.getAttribute('aria-label') ?? item.textContent);
const focused = () => {
  const { activeElement } = document;
  return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
};
const field = () => screen.getByRole('textbox', { name: 'Message to bob' }) as HTMLTextAreaElement;

describe('asking what can be done', () => {
  it('[UI53] is a press on the button of the line', async () => {
    const { user } = drawTalk([theirs('hello')]);
    expect(menu()).toBeNull();
    await user.click(button('hello'));
    expect(menu()).not.toBeNull();
    expect(focused()).toBe('React with 👍');
  });

  it('[UI53] is a right press, but where the browser has more to offer', () => {
    drawTalk([theirs('see https://example.org')]);
    const line = document.querySelector('[data-line-id]') as HTMLElement;
    expect(fireEvent.contextMenu(screen.getByRole('link'))).toBe(true);
    expect(menu()).toBeNull();
    expect(fireEvent.contextMenu(line)).toBe(false);
    expect(menu()).not.toBeNull();
  });

  it('[UI53] is a finger that rests, and not one that scrolls or taps', () => {
    vi.useFakeTimers();
    try {
      drawTalk([theirs('hello')]);
      const line = document.querySelector('[data-line-id]') as HTMLElement;
      const touch = { pointerType: 'touch', clientX: 10, clientY: 10 };
      const rest = () => act(() => vi.advanceTimersByTime(600));
      const opened = [];
      fireEvent.pointerDown(line, touch);
      fireEvent.pointerUp(line);
      rest();
      opened.push(menu());
      fireEvent.pointerDown(line, touch);
      fireEvent.pointerMove(line, { ...touch, clientY: 40 });
      rest();
      opened.push(menu());
      fireEvent.pointerDown(line, { ...touch, pointerType: 'mouse' });
      rest();
      opened.push(menu());
      expect(opened).toEqual([null, null, null]);
      fireEvent.pointerDown(line, touch);
      fireEvent.pointerMove(line, { ...touch, clientY: 14 });
      rest();
      expect(menu()).not.toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(['{Shift>}{F10}{/Shift}', '{ContextMenu}'])('[UI53] is a key: %s', async (keys) => {
    const { user } = drawTalk([theirs('hello')]);
    act(() => button('hello').focus());
    await user.keyboard(keys);
    expect(menu()).not.toBeNull();
  });

  it('[UI53] is over with Escape, which closes the menu alone and gives the focus back', async () => {
    const { model, user } = drawTalk([theirs('hello')]);
    await user.click(button('hello'));
    const below = vi.fn();
    document.addEventListener('keydown', below);
    await user.keyboard('{Escape}');
    document.removeEventListener('keydown', below);
    expect(menu()).toBeNull();
    expect(below).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(button('hello'));
    expect(model.calls.filter(([name]) => name === 'leave')).toEqual([]);
  });

  it('[UI53] is over with a press elsewhere, and when its line is gone', async () => {
    const line = theirs('hello');
    const { user, show } = drawTalk([line]);
    await user.click(button('hello'));
    fireEvent.pointerDown(screen.getByRole('menu'));
    expect(menu()).not.toBeNull();
    // Nothing that could take the focus.
    fireEvent.pointerDown(document.body);
    expect(menu()).toBeNull();
    await user.click(button('hello'));
    act(() => field().focus());
    expect(menu()).toBeNull();
    await user.click(button('hello'));
    show([{ ...line, hidden: true, text: '' }]);
    expect(menu()).toBeNull();
  });

  it('[UI53] walks through the menu with arrows', async () => {
    const { user } = drawTalk([now(mine('hello'))]);
    await user.click(button('hello'));
    await user.keyboard('{ArrowRight}{ArrowRight}');
    expect(focused()).toBe('React with 😂');
    await user.keyboard('{ArrowLeft}');
    expect(focused()).toBe('React with ❤️');
    await user.keyboard('{ArrowDown}');
    expect(focused()).toBe('Reply');
    await user.keyboard('{ArrowDown}');
    expect(focused()).toBe('Change');
    await user.keyboard('{End}');
    expect(focused()).toBe('Delete …');
    await user.keyboard('{ArrowDown}');
    expect(focused()).toBe('React with 👍');
    await user.keyboard('{ArrowUp}');
    expect(focused()).toBe('Delete …');
    await user.keyboard('{Home}');
    expect(focused()).toBe('React with 👍');
  });
});

describe('a menu', () => {
  const withoutEmoji = () => offered().filter((item) => item !== 'Another emoji …');

  it('[UI55] offers what can be done with that line', async () => {
    const { user } = drawTalk([
      theirs('theirs'),
      now(mine('young')),
      { ...mine('old'), at: Date.now() - 15 * 60_000 - 1 },
      { ...mine(''), deleted: true },
    ]);
    await user.click(button('theirs'));
    expect(withoutEmoji()).toEqual(['Reply', 'Copy the text', 'Delete …']);
    await user.click(button('young'));
    expect(withoutEmoji()).toEqual(['Reply', 'Change', 'Copy the text', 'Delete …']);
    await user.click(button('old'));
    expect(withoutEmoji()).toEqual(['Reply', 'Copy the text', 'Delete …']);
    await user.click(screen.getByRole('button', { name: 'What to do with a deleted message' }));
    expect(offered()).toEqual(['Delete …']);
  });

  it('[UI60] copies the text as it was written, and says so', async () => {
    const { user } = drawTalk([theirs('see https://пример.рф')]);
    await user.click(button('see https://пример.рф'));
    await user.click(screen.getByRole('menuitem', { name: 'Copy the text' }));
    expect(await screen.findByText('Copied')).toBeTruthy();
    expect(await navigator.clipboard.readText()).toBe('see https://пример.рф');
  });

  it('[UI60] says when the browser did not let it be copied', async () => {
    const { user } = drawTalk([theirs('hello')]);
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('forbidden'));
    await user.click(button('hello'));
    await user.click(screen.getByRole('menuitem', { name: 'Copy the text' }));
    expect(await screen.findByText('Your browser did not let it be copied')).toBeTruthy();
  });

  it('[UI58] reacts, changes the reaction, and takes it back', async () => {
    const line = theirs('hello');
    const { model, user, show } = drawTalk([line]);
    await user.click(button('hello'));
    await user.click(screen.getByRole('menuitemradio', { name: 'React with 🙏' }));
    expect(menu()).toBeNull();
    show([{ ...line, reactions: [{ by: 'me', emoji: '🙏' }] }]);
    await user.click(button('hello'));
    const own = screen.getByRole('menuitemradio', { name: 'Take back 🙏' });
    expect(own.getAttribute('aria-checked')).toBe('true');
    await user.click(own);
    expect(model.calls.filter(([name]) => name === 'react')).toEqual([
      ['react', line.id, '🙏'],
      ['react', line.id, null],
    ]);
  });

  it('[UI58] has more emoji, and a field for any other', async () => {
    const line = theirs('hello');
    const { model, user } = drawTalk([line]);
    const openPicker = async () => {
      await user.click(button('hello'));
      await user.click(screen.getByRole('menuitem', { name: 'Another emoji …' }));
      return within(screen.getByRole('dialog', { name: 'React' }));
    };
    await user.click((await openPicker()).getByRole('button', { name: 'React with 🎉' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    const picker = await openPicker();
    const send = picker.getByRole('button', { name: 'React' }) as HTMLButtonElement;
    await user.type(picker.getByRole('textbox'), 'ok');
    expect(send.disabled).toBe(true);
    await user.clear(picker.getByRole('textbox'));
    await user.type(picker.getByRole('textbox'), '🦥{Enter}');
    expect(model.calls.filter(([name]) => name === 'react')).toEqual([
      ['react', line.id, '🎉'],
      ['react', line.id, '🦥'],
    ]);
  });

  it('[UI59] asks before a line is deleted, here alone or for both', async () => {
    const line = now(mine('hello'));
    const { model, user } = drawTalk([line]);
    const ask = async () => {
      await user.click(button('hello'));
      await user.click(screen.getByRole('menuitem', { name: 'Delete …' }));
      return within(screen.getByRole('dialog', { name: 'Delete the message?' }));
    };
    await user.click((await ask()).getAllByRole('button', { name: 'Keep it' })[0] as HTMLElement);
    expect(screen.queryByRole('dialog')).toBeNull();
    await user.click((await ask()).getByRole('button', { name: 'Delete for me' }));
    await user.click((await ask()).getByRole('button', { name: 'Delete for both' }));
    expect(model.calls).toEqual([
      ['hideLine', line.id],
      ['deleteLine', line.id],
    ]);
  });

  it('[UI59] deletes what the peer said, and what is deleted already, here alone', async () => {
    const lines = [theirs('theirs'), { ...mine(''), deleted: true }];
    const { user } = drawTalk(lines);
    for (const name of ['What to do with “theirs”', 'What to do with a deleted message']) {
      await user.click(screen.getByRole('button', { name }));
      await user.click(screen.getByRole('menuitem', { name: 'Delete …' }));
      const dialog = within(screen.getByRole('dialog'));
      expect(dialog.queryByRole('button', { name: 'Delete for both' })).toBeNull();
      expect(dialog.getByRole('button', { name: 'Delete for me' })).toBeTruthy();
      await user.click(dialog.getAllByRole('button', { name: 'Keep it' })[0] as HTMLElement);
    }
  });
});
