/**
 * Somebody who records and plays: what is pressed for it, and what of it can be seen.
 */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually.ts';
import type { Person } from './person.ts';
import { named } from './words.ts';

export type Kind = 'voice' | 'video';

/** Keeps what the page opens, so that a test can see whether it is still on. */
export async function watchDevices(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const opened: MediaStreamTrack[] = [];
    Object.assign(window, { opened });
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      opened.push(...stream.getTracks());
      return stream;
    };
  });
}

/** What was opened so far, as kinds of devices, each with whether it is on. */
export function devicesOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { opened } = window as unknown as { opened: MediaStreamTrack[] };
    return opened.map(({ kind, readyState }) => `${kind} ${readyState}`);
  });
}

export function recorderOf({ page }: Person): Locator {
  return page.getByRole('dialog');
}

/** Opens the recorder with the keyboard, and records for so long. */
export async function record(person: Person, kind: Kind, peer: Person, forMs: number) {
  const { words, page } = person;
  await page
    .getByRole('button', { name: named(words.recording.record[kind], peer.name) })
    .press('Enter');
  if (kind === 'video') {
    await recorderOf(person).getByText(words.recording.aiming).waitFor();
    await page.keyboard.press('Enter');
  }
  await recorderOf(person).getByText(words.recording.running[kind]).waitFor();
  const elapsed = recorderOf(person).locator('[data-elapsed]');
  const wanted = Math.round(forMs / 1_000);
  await eventually(async () => secondsOf(await elapsed.textContent()) >= wanted, true);
}

function secondsOf(shown: string | null): number {
  const [minutes = 0, seconds = 0] = (shown ?? '').split(':').map(Number);
  return minutes * 60 + seconds;
}

/** Sends what is being recorded: the focus is there already. */
export async function sendIt(person: Person): Promise<void> {
  await person.page.keyboard.press('Enter');
  await recorderOf(person).waitFor({ state: 'detached' });
}

export function itemsOf({ page }: Person): Locator {
  return page.locator('[data-transfer-id]');
}

/** How long the only thing that plays there is shown to be, in milliseconds. */
export async function lengthOf(person: Person): Promise<number> {
  const shown = await itemsOf(person).locator('[data-length]').getAttribute('data-length');
  assert.notEqual(shown, null);
  return Number(shown);
}
