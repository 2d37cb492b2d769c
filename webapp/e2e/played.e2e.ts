/**
 * What only a real browser can show of voices and videos, over a fake model: which formats it
 * plays, that a length is found which nobody wrote down, and that nothing is done for what nobody
 * has scrolled to.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { AppView, TransferView } from '../src/app/model.ts';
import { aTransfer, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints } from './browser.ts';
import { eventually } from './eventually.ts';
import { drawnInBrowser } from './harness/drawn.ts';
import { putNonsense, putVideo, putVoice } from './recorded.ts';
import { dictionaries } from './words.ts';

const words = dictionaries.en;
const viewOf = (transfers: readonly TransferView[]): AppView =>
  signedIn(withBob({ ...secure([theirs('look')]), transfers }));

/** Said of a video that takes a moment. */
const ANNOUNCED_MS = 3_600_000;

/** As announced by somebody who says nothing true about its length. */
function video(id: number, mime: string, size: number): TransferView {
  const played = { kind: 'video', durationMs: ANNOUNCED_MS, stage: { is: 'delivered' } } as const;
  return aTransfer({ ...played, id, mime, size, name: `video-${id}` });
}

/** Writes down which files the page reads. */
function noteReading(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { files } = window.harness;
    const get = files.get.bind(files);
    const read = new Set<number>();
    Object.assign(window, { read });
    files.get = (id) => get(read.add(id) && id);
  });
}

function readOf(page: Page): Promise<number[]> {
  return page.evaluate(() => [...(window as unknown as { read: Set<number> }).read]);
}

describe('voices and videos', () => {
  const drawn = drawnInBrowser();
  const { show } = drawn;
  const item = (id: number) => drawn.page.locator(`[data-transfer-id="${id}"]`);
  const seen = async () => (await drawn.asked('fileSeen')).length;

  for (const [mime, recorded] of [
    ['video/webm', 'video/webm'],
    // Matroska is what WebM is made of, QuickTime what MP4 is.
    ['video/x-matroska', 'video/webm'],
    ['video/mp4', 'video/mp4'],
    ['video/quicktime', 'video/mp4'],
  ] as const) {
    it(`[UI97, UI96] plays ${mime} in its circle, as long as it really is`, async () => {
      const size = await putVideo(drawn.page, [3], recorded);
      await show(viewOf([video(3, mime, size)]));
      await item(3).locator('[data-frame]').waitFor();
      const length = Number(await item(3).locator('[data-length]').getAttribute('data-length'));
      // A busy machine takes its time to record it, but no hour.
      assert.ok(length > 0 && length < ANNOUNCED_MS / 2, `${length} ms`);
      await item(3).getByRole('button').first().press('Enter');
      await item(3).locator('[data-video="playing"]').waitFor();
      await item(3).locator('video').waitFor({ state: 'detached' });
      assert.equal(await seen(), 1);
      assertNoComplaints(drawn.watched);
    });
  }

  for (const mime of ['video/x-msvideo', 'video/ogg'] as const) {
    it(`[UI97] says that it cannot play ${mime}, and lets it be saved`, async () => {
      const size = await putNonsense(drawn.page, [3]);
      await show(viewOf([video(3, mime, size)]));
      await item(3).locator('[data-video="failed"]').getByText(`(${mime})`).waitFor();
      await item(3).getByRole('button').first().waitFor();
    });
  }

  it('[UI98] reads nothing of a video that nobody has scrolled to', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => 3 + 2 * n);
    const size = await putVideo(drawn.page, ids);
    await noteReading(drawn.page);
    await show(viewOf(ids.map((id) => video(id, 'video/webm', size))));
    await drawn.page.locator('[data-frame]').first().waitFor();
    const before = await readOf(drawn.page);
    assert.ok(before.length < ids.length, `${before} were read`);
    const log = drawn.page.getByRole('log');
    const unread = before.includes(3) ? 25 : 3;
    await log.evaluate((list, top) => list.scrollTo(0, top), unread === 3 ? 0 : 99_999);
    await item(unread).locator('[data-frame]').waitFor();
    assert.ok((await readOf(drawn.page)).includes(unread));
  });

  it('[UI94] is sought by the keyboard, and runs as fast as one likes', async () => {
    const size = await putVoice(drawn.page, [3]);
    const voice = { kind: 'voice', mime: 'audio/wav', durationMs: 14_000 } as const;
    await show(viewOf([{ ...video(3, '', size), ...voice }]));
    const position = item(3).getByRole('slider', { name: words.playing.position });
    await item(3).locator('[data-waveform="known"]').waitFor();
    await position.press('End');
    await eventually(async () => Number(await position.inputValue()) > 13_000, true);
    await position.press('Home');
    await eventually(() => position.inputValue(), '0');
    await position.press('ArrowRight');
    await eventually(() => position.inputValue(), '700');
    await item(3).getByRole('button', { name: 'Speed: 1' }).press('Enter');
    const rate = () =>
      item(3)
        .locator('audio')
        .evaluate((audio: HTMLAudioElement) => audio.playbackRate);
    assert.equal(await rate(), 1.5);
    assertNoComplaints(drawn.watched);
  });
});
