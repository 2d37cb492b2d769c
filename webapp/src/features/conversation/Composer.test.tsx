// @vitest-environment jsdom
/**
 * Writing a line and sending it.
 */
import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { type SignedInView, signedIn } from '../test/views.ts';
import { Composer } from './Composer.tsx';

inBrowser();

const drawComposer = (outbox: 'open' | 'full' = 'open') =>
  draw<SignedInView>(
    (_, model) => <Composer peerName="bob" outbox={outbox} onSay={(text) => model.say(text)} />,
    signedIn(),
  );

const field = () => screen.getByRole('textbox') as HTMLTextAreaElement;
const button = () => screen.getByRole('button', { name: 'Send' }) as HTMLButtonElement;

describe('writing', () => {
  it('[UI18] sends the trimmed text on Enter, once, and starts anew', async () => {
    const { model, user } = drawComposer();
    await user.type(field(), '  hello bob {Enter}{Enter}');
    expect(model.calls).toEqual([['say', 'hello bob']]);
    expect(field().value).toBe('');
  });

  it('[UI18] makes a new line on Shift+Enter', async () => {
    const { model, user } = drawComposer();
    await user.type(field(), 'one{Shift>}{Enter}{/Shift}two');
    expect(model.calls).toEqual([]);
    await user.click(button());
    expect(model.calls).toEqual([['say', 'one\ntwo']]);
    expect(document.activeElement).toBe(field());
  });

  it('[UI18] leaves Enter to an input method that composes', async () => {
    const { model, user } = drawComposer();
    await user.type(field(), 'こんに');
    fireEvent.keyDown(field(), { key: 'Enter', isComposing: true });
    expect(model.calls).toEqual([]);
  });

  it('[UI18] sends nothing empty', async () => {
    const { model, user } = drawComposer();
    await user.type(field(), '  {Shift>}{Enter}{/Shift} {Enter}');
    expect(button().disabled).toBe(true);
    expect(model.calls).toEqual([]);
  });

  it('[UI19] keeps a text that is too long and says by how much', async () => {
    const { model, user } = drawComposer();
    fireEvent.change(field(), { target: { value: 'x'.repeat(4_002) } });
    await user.type(field(), '{Enter}');
    expect(model.calls).toEqual([]);
    expect(field().value).toHaveLength(4_002);
    expect(button().disabled).toBe(true);
    expect(screen.getByRole('status').textContent).toBe('2 characters too many');
    expect(field().getAttribute('aria-invalid')).toBe('true');
  });

  it('[UI30] keeps the text while nothing more can be taken, and says so', async () => {
    const { model, user } = drawComposer('full');
    await user.type(field(), 'wait{Enter}');
    expect(model.calls).toEqual([]);
    expect(field().value).toBe('wait');
    expect(button().disabled).toBe(true);
    expect(screen.getByRole('status').textContent).toBe(
      'Wait until more of your messages have arrived',
    );
  });

  it('[UI19] counts the last characters and sends exactly 4,000', async () => {
    const { model, user } = drawComposer();
    fireEvent.change(field(), { target: { value: 'x'.repeat(3_999) } });
    expect(screen.getByRole('status').textContent).toBe('1 character left');
    await user.type(field(), 'x{Enter}');
    expect(model.calls).toEqual([['say', 'x'.repeat(4_000)]]);
  });

  it('[UI62] tells that somebody writes, and when they have stopped', () => {
    vi.useFakeTimers();
    try {
      const told: boolean[] = [];
      const typing = (on: boolean) => told.push(on);
      const { unmount } = render(
        <Composer peerName="bob" outbox="open" onSay={() => {}} onTyping={typing} />,
      );
      const write = (value: string) => fireEvent.change(field(), { target: { value } });
      write('h');
      write('he');
      expect(told.splice(0)).toEqual([true, true]);
      vi.advanceTimersByTime(2_999);
      expect(told).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(told.splice(0)).toEqual([false]);
      write('held');
      write('');
      write('h');
      fireEvent.blur(field());
      write('he');
      fireEvent.keyDown(field(), { key: 'Enter' });
      expect(told.splice(0)).toEqual([true, false, true, false, true, false]);
      vi.advanceTimersByTime(10_000);
      write('h');
      unmount();
      expect(told).toEqual([true, false]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('[UI66] has room beside the writing, and in place of the button while nothing is written', async () => {
    const { user } = draw<SignedInView>(
      (_, model) => (
        <Composer
          peerName="bob"
          outbox="open"
          onSay={(text) => model.say(text)}
          before={<p>before</p>}
          instead={<p>instead</p>}
        />
      ),
      signedIn(),
    );
    const stands = () =>
      ['before', 'instead'].filter((words) => screen.queryByText(words) !== null);
    expect([stands(), screen.queryByRole('button')]).toEqual([['before', 'instead'], null]);
    await user.type(field(), 'x');
    expect(stands()).toEqual(['before']);
    await user.click(button());
    expect(stands()).toEqual(['before', 'instead']);
  });
});
