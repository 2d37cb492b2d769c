// @vitest-environment jsdom
/** Recording a voice or a video: what is seen and pressed while it goes on. */
import { act, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { RecordedKind, Stopped } from '../../app/model.ts';
import { aRecording } from '../../test/a-recording.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import type { FakeModel } from '../test/fake-model.ts';
import { signedIn } from '../test/views.ts';
import { RecorderDialog } from './RecorderDialog.tsx';

inBrowser();

function drawn(kind: RecordedKind, bytesMax = 50 * 1024 * 1024) {
  const story = aRecording();
  const onClose = vi.fn();
  const { model, user, show } = draw(
    (view, fake) =>
      view.devices.is === 'idle' ? (
        <RecorderDialog
          kind={kind}
          peerName="bob"
          recorder={story.recording}
          bytesMax={bytesMax}
          model={fake}
          onClose={onClose}
        />
      ) : (
        <p>closed</p>
      ),
    signedIn(),
  );
  const close = () => show(signedIn({ devices: { is: 'asking' } }));
  return { ...story, model, user, onClose, close };
}

async function recorded(kind: RecordedKind = 'voice') {
  const story = drawn(kind);
  const device = await act(() => story.devices.opens());
  if (kind === 'video') await story.user.click(button('Record'));
  act(() => device.tell({ is: 'begun' }));
  return { ...story, device };
}

const button = (name: string) => screen.getByRole('button', { name });
const says = () => screen.getByRole('status').textContent;
const sent = ({ calls }: FakeModel) => calls.filter(([name]) => name === 'sendFile');
/** Timers that draw again are real ones. */
const WAIT = { timeout: 10_000 };
const told = ({ calls }: FakeModel) =>
  calls.filter(([name]) => name === 'recording').map(([, what]) => what);

describe('a recorder', () => {
  it('[UI91] asks for the microphone, and records as soon as it is on', async () => {
    const { devices, clock } = drawn('voice');
    expect(says()).toContain('may use the microphone');
    const device = await act(() => devices.opens());
    expect(device.isRecording).toBe(true);
    act(() => device.tell({ is: 'begun' }));
    expect(says()).toBe('Speak. You are being recorded.');
    clock.advance(7_000);
    await vi.waitFor(() => expect(screen.getByRole('timer').textContent).toBe('0:07'), WAIT);
  });

  it('[UI91, UI93] is stopped and sent with Enter alone', async () => {
    const { clock, device, model, user, onClose } = await recorded();
    clock.advance(12_300);
    expect(document.activeElement).toBe(button('Send'));
    await user.keyboard('{Enter}');
    const blob = new Blob(['voice'], { type: 'audio/webm;codecs=opus' });
    await act(async () => device.finishes(blob));
    const as = { accessMode: 'both', kind: 'voice', durationMs: 12_300 };
    expect(sent(model)).toEqual([['sendFile', blob, 'voice-12s.webm', as]]);
    expect([onClose.mock.calls.length, device.isOn]).toEqual([1, false]);
  });

  it('[UI91] that is closed sends nothing, and leaves no device on', async () => {
    const { device, model, user, onClose, close, recording } = await recorded();
    await user.click(button('Discard'));
    expect(onClose).toHaveBeenCalledTimes(1);
    close();
    expect([device.isOn, recording.snapshot()]).toEqual([false, { at: 'idle' }]);
    expect(sent(model)).toEqual([]);
  });

  it.each([
    ['tooLong', 'Five minutes'],
    ['deviceLost', 'taken away'],
    ['hidden', 'out of sight'],
  ] as const satisfies readonly (readonly [Stopped, string])[])(
    '[UI92] that ended by itself (%s) says so, and is sent by a press',
    async (why, words) => {
      const { clock, device, model, user, hide } = await recorded();
      const ends = {
        tooLong: () => clock.advance(5 * 60_000),
        deviceLost: () => device.tell({ is: 'lost' }),
        hidden: hide,
      };
      act(ends[why]);
      await act(async () => device.finishes(new Blob(['voice'])));
      expect(says()).toContain(words);
      expect([sent(model), device.isOn]).toEqual([[], false]);
      await user.click(button('Send'));
      expect(sent(model)).toHaveLength(1);
    },
  );

  it('[UI92] of a video ends short of what can be sent', async () => {
    const { devices, model, user } = drawn('video', 4 * 1024 * 1024);
    const device = await act(() => devices.opens());
    await user.click(button('Record'));
    act(() => device.tell({ is: 'begun' }));
    act(() => device.tell({ is: 'piece', bytes: 1024 * 1024 }));
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
    act(() => device.tell({ is: 'piece', bytes: 2.5 * 1024 * 1024 }));
    await act(async () => device.finishes(new Blob(['video'])));
    expect(says()).toContain('More cannot be sent');
    expect(sent(model)).toEqual([]);
  });

  it.each([
    ['denied', 'does not let this page'],
    ['noMicrophone', 'No microphone'],
    ['inUse', 'Another program'],
  ] as const)('[UI90] that is refused (%s) says why, and tries again', async (why, words) => {
    const { devices, user } = drawn('voice');
    await act(() => devices.refuses(why));
    expect(screen.getByRole('alert').textContent).toContain(words);
    await user.click(button('Try again'));
    expect(devices.wishes).toHaveLength(2);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each(['unsupported', 'insecureContext'] as const)(
    '[UI90] that cannot be (%s) says so, and promises no second try',
    async (why) => {
      const { devices } = drawn('voice');
      await act(() => devices.refuses(why));
      expect(screen.getByRole('alert').textContent).toContain('Writing still works');
      expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
    },
  );

  it('[UI91] of a video shows what the camera sees before anything is recorded', async () => {
    const { devices, user } = drawn('video');
    const front = await act(() => devices.opens());
    expect(says()).toContain('Nothing is recorded yet');
    expect(front.isRecording).toBe(false);
    expect(document.activeElement).toBe(button('Record'));
    await user.click(button('Other camera'));
    expect(front.isOn).toBe(false);
    await act(() => devices.opens());
    expect(screen.getByLabelText('What your camera sees')).toBeTruthy();
  });

  it('[UI99] tells the peer while it lasts, and once that it is over', async () => {
    const { device, model, user } = await recorded('video');
    expect(new Set(told(model))).toEqual(new Set(['video']));
    await user.click(button('Send'));
    expect(told(model).at(-1)).toBeNull();
    await act(async () => device.finishes(new Blob(['video'])));
    expect(told(model).filter((what) => what === null)).toHaveLength(1);
  });

  it('[UI91] that nobody sees before it has begun is given up', async () => {
    const { hide, onClose, devices } = drawn('voice');
    act(hide);
    expect(onClose).toHaveBeenCalledTimes(1);
    const device = await act(() => devices.opens());
    expect(device.isOn).toBe(false);
  });
});
