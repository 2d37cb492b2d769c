/** Recording with devices that do as they are told, when they are told. */
import { describe, expect, it } from 'vitest';
import { aRecording } from '../../test/a-recording.ts';
import { nextTask } from '../../test/next-task.ts';
import type { RecordedKind } from './kind.ts';

async function begun(kind: RecordedKind = 'voice') {
  const story = aRecording();
  story.recording.start(kind);
  const device = await story.devices.opens();
  story.recording.record();
  device.tell({ is: 'begun' });
  return { ...story, device };
}

describe('recording', () => {
  it('[REC8] gives what was recorded, once, with how long it took, and switches the device off', async () => {
    const { clock, recording, device } = await begun();
    clock.advance(2_500);
    expect(recording.elapsedMs()).toBe(2_500);
    recording.stop();
    device.finishes(new Blob(['voice']));
    await nextTask();
    expect(recording.snapshot()).toMatchObject({ at: 'ready', why: 'asked' });
    expect(device.isOn).toBe(false);
    const taken = recording.take();
    expect(taken).toMatchObject({ kind: 'voice', durationMs: 2_500 });
    expect(await taken?.blob.text()).toBe('voice');
    expect([recording.take(), recording.snapshot()]).toEqual([null, { at: 'idle' }]);
  });

  it('[REC5] leaves nothing when it is cancelled, whatever comes later', async () => {
    const { recording, device } = await begun('video');
    recording.cancel();
    expect([device.isOn, recording.snapshot()]).toEqual([false, { at: 'idle' }]);
    device.tell({ is: 'piece', bytes: 10 });
    device.tell({ is: 'lost' });
    expect([recording.snapshot(), recording.take()]).toEqual([{ at: 'idle' }, null]);
  });

  it('[REC1] closes a device that opens after it was cancelled', async () => {
    const { devices, recording } = aRecording();
    recording.start('voice');
    recording.cancel();
    const device = await devices.opens();
    expect(device.isOn).toBe(false);
    expect(recording.snapshot()).toEqual({ at: 'idle' });
  });

  it('[REC4] listens no longer than somebody sees the page', async () => {
    const { clock, recording, device, hide } = await begun();
    clock.advance(1_000);
    hide();
    device.finishes(new Blob(['until then']));
    await nextTask();
    expect(recording.snapshot()).toMatchObject({ at: 'ready', why: 'hidden' });
    expect(device.isOn).toBe(false);
  });

  it('[REC3] ends by itself when its time is up', async () => {
    const { clock, recording, device } = await begun();
    clock.advance(5 * 60_000);
    expect(recording.snapshot()).toMatchObject({ at: 'stopping', why: 'tooLong' });
    device.finishes(new Blob(['all of it']));
    await nextTask();
    expect(recording.take()).toMatchObject({ durationMs: 5 * 60_000 });
  });

  it('[REC7] fails, with the device off, if the recorder breaks when it should end', async () => {
    const { recording, device } = await begun();
    recording.stop();
    device.breaks();
    await nextTask();
    expect(recording.snapshot()).toMatchObject({ at: 'refused', why: 'failed' });
    expect(device.isOn).toBe(false);
  });

  it('[REC6] says why it was refused', async () => {
    const { devices, recording } = aRecording();
    recording.start('voice');
    await devices.refuses('denied');
    expect(recording.snapshot()).toEqual({ at: 'refused', kind: 'voice', why: 'denied' });
  });

  it('[REC9] shows one camera at a time', async () => {
    const { devices, recording } = aRecording();
    recording.start('video');
    const front = await devices.opens();
    expect(recording.preview()).toBe(front.preview);
    recording.switchCamera();
    expect([front.isOn, recording.preview()]).toEqual([false, null]);
    const back = await devices.opens();
    expect(devices.wishes.at(-1)).toEqual({ kind: 'video', insteadOf: front.camera });
    expect([back.isOn, recording.preview()]).toEqual([true, back.preview]);
  });
});
