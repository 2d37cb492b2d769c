// @vitest-environment jsdom
/** A video among the lines. How it looks is seen in `e2e/media.e2e.ts`: jsdom shows none. */
import { act, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { furnishMedia, playableOf } from '../test/fake-media.ts';
import { aTransfer, signedIn } from '../test/views.ts';
import { VideoItem } from './VideoItem.tsx';

inBrowser();
beforeEach(() => furnishMedia(8));

const video = aTransfer({
  kind: 'video',
  name: 'video-8s.mkv',
  mime: 'video/x-matroska',
  durationMs: 8_000,
  stage: { is: 'delivered' },
});
const played = { blob: new Blob(['video']), unplayable: <p>cannot be played</p> };

function drawn(changes: Partial<typeof video> = {}) {
  const onSeen = vi.fn();
  const transfer = { ...video, ...changes };
  const { user } = draw(
    () => <VideoItem {...played} transfer={transfer} card={<p>as a file</p>} onSeen={onSeen} />,
    signedIn(),
  );
  return { user, onSeen };
}

const circle = () => screen.getByRole('button');

/** The element that is in the circle. */
function playing() {
  const element = document.querySelector('video');
  return element === null ? null : playableOf(element);
}

describe('a video', () => {
  it('[UI97] is a circle that plays in its place, and rests at its end', async () => {
    const { user, onSeen } = drawn();
    expect(circle().getAttribute('aria-label')).toBe('Play the video message, 0:08');
    expect(playing()).toBeNull();
    await user.click(circle());
    act(() => playing()?.load());
    expect(circle().getAttribute('aria-label')).toBe('Pause the video message');
    act(() => playing()?.pass(3.9));
    expect(onSeen).not.toHaveBeenCalled();
    await user.click(circle());
    expect(playing()?.paused).toBe(true);
    await user.click(circle());
    act(() => playing()?.pass(0.2));
    expect(onSeen).toHaveBeenCalledTimes(1);
    act(() => playing()?.pass(9));
    expect([playing(), onSeen.mock.calls.length]).toEqual([null, 1]);
    expect(circle().getAttribute('aria-label')).toBe('Play the video message, 0:08');
  });

  it('[UI97] that cannot be played says so', async () => {
    const { user } = drawn();
    await user.click(circle());
    act(() => playing()?.fail());
    expect(screen.getByText('cannot be played')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('[UI97] that is to be saved only is a file', () => {
    drawn({ accessMode: 'download_only' });
    expect(screen.queryByRole('button')).toBeNull();
    expect(screen.getByText('as a file')).toBeTruthy();
    document.body.replaceChildren();
    drawn({ accessMode: 'download_only', by: 'me' });
    expect(circle()).toBeTruthy();
  });
});
