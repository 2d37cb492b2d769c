// @vitest-environment jsdom
/** A voice among the lines, played by its person. */
import { act, fireEvent, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { furnishMedia, playableOf } from '../test/fake-media.ts';
import { aTransfer, signedIn } from '../test/views.ts';
import { VoiceItem } from './VoiceItem.tsx';

inBrowser();
beforeEach(() => furnishMedia(20));

const voice = aTransfer({
  kind: 'voice',
  name: 'voice-19s.webm',
  mime: 'audio/webm',
  durationMs: 19_000,
  stage: { is: 'delivered' },
});
const played = { blob: new Blob(['voice']), unplayable: <p>cannot be played</p> };

function drawn(changes: Partial<typeof voice> = {}) {
  const onHeard = vi.fn();
  const transfer = { ...voice, ...changes };
  const { user } = draw(
    () => <VoiceItem {...played} transfer={transfer} onHeard={onHeard} />,
    signedIn(),
  );
  const element = document.querySelector('audio');
  if (element === null) throw new Error('there is something that plays');
  return { user, onHeard, audio: playableOf(element) };
}

const button = (name: RegExp) => screen.getByRole('button', { name });
const position = () => screen.getByRole('slider', { name: 'Position' });
const length = () => document.querySelector('[data-length]')?.textContent;

describe('a voice', () => {
  it('[UI94] shows the length that was announced, and then the one that it has', () => {
    const { audio } = drawn();
    expect(length()).toBe('0:19');
    act(() => audio.load(Number.POSITIVE_INFINITY));
    expect(length()).toBe('0:20');
    expect(button(/^Play the voice message, 0:20$/)).toBeTruthy();
  });

  it('[UI94] is played and paused', async () => {
    const { user, audio } = drawn();
    act(() => audio.load());
    await user.click(button(/^Play/));
    act(() => audio.pass(3));
    expect(length()).toBe('0:03');
    expect(position().getAttribute('aria-valuetext')).toBe('0:03 of 0:20');
    await user.click(button(/^Pause/));
    expect(audio.paused).toBe(true);
  });

  it('[UI94] is sought in its picture', () => {
    const { audio } = drawn();
    act(() => audio.load());
    fireEvent.change(position(), { target: { value: '12000' } });
    expect(audio.currentTime).toBe(12);
  });

  it('[UI94] is sped up, and so are the others', async () => {
    const { user, audio } = drawn();
    act(() => audio.load());
    for (const speed of [1.5, 2, 1]) {
      await user.click(button(/^Speed/));
      expect([audio.playbackRate, button(/^Speed/).getAttribute('aria-label')]).toEqual([
        speed,
        `Speed: ${speed}`,
      ]);
    }
  });

  it('[UI96] counts as heard when half of it was, once', async () => {
    const { user, onHeard, audio } = drawn();
    act(() => audio.load());
    fireEvent.change(position(), { target: { value: '15000' } });
    await user.click(button(/^Play/));
    act(() => audio.pass(5));
    expect(onHeard).not.toHaveBeenCalled();
    await user.click(button(/^Play/));
    act(() => audio.pass(4.9));
    expect(onHeard).not.toHaveBeenCalled();
    act(() => audio.pass(0.2));
    act(() => audio.pass(5));
    expect(onHeard).toHaveBeenCalledTimes(1);
  });

  it('[UI97] that cannot be played says so', () => {
    const { audio } = drawn();
    act(() => audio.fail());
    expect(screen.getByText('cannot be played')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
