/**
 * A code on one screen read by the other, by the real reader in a real browser: through a camera
 * that plays a film, and from a picture. Against running servers, like `two-people.e2e.ts`.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import decode from 'qr/decode.js';
import { drawQr } from '../src/ui/qr-drawing.ts';
import { type Contexts, launchWith } from './browser.ts';
import { codePicture, film } from './camera-film.ts';
import { Person, talk } from './person.ts';
import { type Picture, writePng } from './png.ts';
import { named } from './words.ts';

declare global {
  interface Window {
    streams: MediaStream[];
  }
}

describe('a code on the other screen', () => {
  let folder: string;
  let filmed: string;
  let browser: Browser;
  let refusing: Browser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dhchat-film-'));
    filmed = join(folder, 'film.y4m');
    [browser, refusing] = await Promise.all([
      launchWith(
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${filmed}`,
      ),
      launchWith('--use-fake-device-for-media-stream', '--deny-permission-prompts'),
    ]);
  });
  after(async () => {
    await Promise.all([browser.close(), refusing.close()]);
    await rm(folder, { recursive: true });
  });

  async function meet(): Promise<[alice: Person, bob: Person]> {
    const alice = await Person.arrive(keepingStreams(browser), {
      called: 'alice',
      place: 0,
      language: 'en',
    });
    const bob = await Person.arrive(browser, { called: 'bob', place: 1, language: 'ru' });
    await Promise.all([alice.register(), bob.register()]);
    await talk(alice, bob);
    return [alice, bob];
  }

  const scanAt = ({ page, words }: Person, other: Person) =>
    page.getByRole('button', { name: named(words.scan.start, other.name) });
  const hasLetGo = ({ page }: Person) =>
    page.evaluate(() => [
      window.streams.length,
      window.streams.flatMap((stream) => stream.getTracks()).every((t) => t.readyState === 'ended'),
    ]);

  it('verifies through the camera, which is let go of', async () => {
    const [alice, bob] = await meet();
    const shown = await pictured(await bob.openCode(), 7);
    await writeFile(filmed, film(shown));
    await alice.openCode();
    await scanAt(alice, bob).click();
    await alice.page.getByText(named(alice.words.scan.found.same, bob.name)).waitFor();
    assert.deepEqual(await hasLetGo(alice), [1, true]);
    await alice.page.keyboard.press('Escape');
    await alice.isVerified();
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('verifies from a picture of it', async () => {
    const [alice, bob] = await meet();
    const picture = await (await bob.openCode()).screenshot();
    await alice.openCode();
    await readPicture(alice, picture);
    await alice.page.getByText(named(alice.words.scan.found.same, bob.name)).waitFor();
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('is an alarm if it names another key, and nothing is verified', async () => {
    const [alice, bob] = await meet();
    const { width, height, rgb } = await pictured(await alice.openCode(), 6);
    const parts = decode({ width, height, data: rgb }).split('/');
    const { path, size } = await drawQr(parts.with(4, 'E'.repeat(64)).join('/'));
    await readPicture(alice, writePng(codePicture(path, size, 6)));
    const { scan } = alice.words;
    await alice.page.getByRole('dialog').getByText(scan.differs).waitFor();
    await alice.page.keyboard.press('Escape');
    const alarm = alice.page.locator('[data-alarm]');
    await alarm.getByText(scan.differs).waitFor();
    await alarm.getByRole('button', { name: scan.end }).click();
    await bob.seesEnded('left', alice);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('is not looked for once the dialog is closed', async () => {
    const [alice, bob] = await meet();
    await writeFile(filmed, film(blank()));
    await alice.openCode();
    await scanAt(alice, bob).click();
    await alice.page.waitForFunction(() => {
      const video = document.querySelector('video');
      return video !== null && video.videoWidth > 0 && !video.paused;
    });
    assert.deepEqual(await hasLetGo(alice), [1, false]);
    await alice.page.keyboard.press('Escape');
    await alice.page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await hasLetGo(alice), [1, true]);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('says in words that the camera is refused', async () => {
    const alice = await Person.arrive(refusing, { called: 'alice', place: 0, language: 'en' });
    const bob = await Person.arrive(refusing, { called: 'bob', place: 1, language: 'ru' });
    await Promise.all([alice.register(), bob.register()]);
    await talk(alice, bob);
    await alice.openCode();
    await scanAt(alice, bob).click();
    await alice.page.getByText(alice.words.scan.failed.refused).waitFor();
    await Promise.all([alice.goHome(), bob.goHome()]);
  });
});

/** What the screen draws, module by module. */
async function pictured(code: Locator, px: number): Promise<Picture> {
  const box = (await code.getAttribute('viewBox')) ?? '';
  const path = (await code.locator('path').getAttribute('d')) ?? '';
  return codePicture(path, Number(box.split(' ')[2]), px);
}

function blank(): Picture {
  return { width: 8, height: 8, rgb: Buffer.alloc(8 * 8 * 3, 255) };
}

async function readPicture({ page, words }: Person, png: Buffer): Promise<void> {
  const field = page.getByLabel(words.scan.picture);
  await field.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: png });
}

/** Remembers every stream that a page is given. */
function keepingStreams(browser: Contexts): Contexts {
  return {
    async newContext(options) {
      const context = await browser.newContext(options);
      await context.addInitScript(() => {
        window.streams = [];
        const { mediaDevices } = navigator;
        const given = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = async (wanted) => {
          const stream = await given(wanted);
          window.streams.push(stream);
          return stream;
        };
      });
      return context;
    },
  };
}
