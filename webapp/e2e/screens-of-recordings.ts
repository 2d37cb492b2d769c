/** Every screen of what is recorded and played. */
import type { Page } from 'playwright-core';
import type { AppView } from '../src/app/model.ts';
import {
  aTransfer,
  type SecurePhase,
  secure,
  signedIn,
  theirs,
  withBob,
} from '../src/features/test/views.ts';
import { putNonsense, putVideo, putVoice } from './recorded.ts';
import { type Act, type Screen, talk } from './screen.ts';
import { named } from './words.ts';

const voice = aTransfer({
  id: 3,
  name: 'voice-14s.webm',
  mime: 'audio/wav',
  kind: 'voice',
  durationMs: 14_000,
  stage: { is: 'delivered' },
});
const video = {
  ...voice,
  id: 5,
  name: 'video-1s.webm',
  mime: 'video/webm',
  kind: 'video',
} as const;
const ownVoice = { ...voice, id: 2, by: 'me' } as const;
const strange = {
  ...video,
  id: 7,
  name: 'from-an-old-camera.avi',
  mime: 'video/x-msvideo',
} as const;

/** Once for all looks: each line that is made is of a later time. */
const before = theirs('Listen to this.');

function withTransfers(...transfers: SecurePhase['transfers']): AppView {
  return signedIn(withBob({ ...secure([before]), transfers }));
}

/** Waits until what lies behind the view is drawn; it is read once it is in sight. */
function until(...parts: readonly string[]): Act {
  return async (page) => {
    for (const part of parts) {
      await page.locator('[data-transfer-id]').last().scrollIntoViewIfNeeded();
      await page.locator(part).last().waitFor();
    }
  };
}

/** Opens a recorder of the browser's own fake devices; `denied` where the person allows none. */
function openRecorder(kind: 'voice' | 'video', denied: 'denied' | 'allowed' = 'allowed'): Act {
  return async (page, words) => {
    const context = page.context();
    await context.clearPermissions();
    if (denied === 'allowed') await context.grantPermissions(['microphone', 'camera']);
    await page.getByRole('button', { name: named(words.recording.record[kind], 'bob') }).click();
    const dialog = page.getByRole('dialog');
    if (denied === 'denied') await dialog.getByText(words.recording.refused.denied).waitFor();
    else if (kind === 'voice') await untilRecorded(page);
    else await dialog.getByText(words.recording.aiming).waitFor();
  };
}

/** Something is recorded by then, and can be sent. */
function untilRecorded(page: Page): Promise<void> {
  return page
    .getByRole('timer')
    .getByText(/0:(?!00)/)
    .waitFor();
}

const recordVideo: Act = async (page, words) => {
  await openRecorder('video')(page, words);
  await page.getByRole('button', { name: words.recording.begin, exact: true }).click();
  await untilRecorded(page);
};

/** Another page is looked at: what was recorded until then waits for a press. */
const lookAway: Act = async (page, words) => {
  await openRecorder('voice')(page, words);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.getByText(words.recording.stopped.hidden).waitFor();
};

export const recordingScreens: readonly Screen[] = [
  {
    name: 'played-voices',
    view: async (page) => {
      const size = await putVoice(page, [ownVoice.id, voice.id]);
      return withTransfers({ ...ownVoice, size }, { ...voice, size });
    },
    act: until(...[2, 3].map((id) => `[data-transfer-id="${id}"] [data-waveform="known"]`)),
  },
  {
    name: 'played-video',
    view: async (page) => withTransfers({ ...video, size: await putVideo(page, [video.id]) }),
    act: until('[data-frame]'),
  },
  {
    name: 'played-unplayable',
    view: async (page) =>
      withTransfers({ ...strange, size: await putNonsense(page, [strange.id]) }),
    act: until('[data-video="failed"]'),
  },
  { name: 'record-voice', view: signedIn(withBob(secure(talk))), act: openRecorder('voice') },
  {
    name: 'record-voice-refused',
    view: signedIn(withBob(secure(talk))),
    act: openRecorder('voice', 'denied'),
  },
  { name: 'record-voice-hidden', view: signedIn(withBob(secure(talk))), act: lookAway },
  {
    name: 'record-video-aiming',
    view: signedIn(withBob(secure(talk))),
    act: openRecorder('video'),
  },
  { name: 'record-video', view: signedIn(withBob(secure(talk))), act: recordVideo },
];
