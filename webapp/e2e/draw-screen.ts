/** Draws one of the screens in the harness, from an empty page. */
import type { Page } from 'playwright-core';
import type { AppView } from '../src/app/model.ts';
import type { Screen } from './screen.ts';
import type { Words } from './words.ts';

export async function drawScreen(page: Page, screen: Screen, words: Words): Promise<void> {
  const show = (view: AppView) => page.evaluate((next) => window.harness.show(next), view);
  // What was opened on the screen before is gone with it.
  await show({ at: 'starting' });
  // Nor is anything pointed at.
  await page.mouse.move(0, 0);
  await putFiles(page, screen.files ?? new Map());
  await show(typeof screen.view === 'function' ? await screen.view(page) : screen.view);
  await screen.act?.(page, words);
  await page.evaluate(allDrawn, FRAMES_MAX);
}

/** More than a part of the page ever took to load; a screen that waits longer is drawn as it is. */
const FRAMES_MAX = 120;

async function putFiles(page: Page, files: ReadonlyMap<number, Buffer>): Promise<void> {
  const all = [...files].map(([id, bytes]) => [id, bytes.toString('base64')] as const);
  await page.evaluate((given) => {
    window.harness.files.clear();
    for (const [id, base64] of given) {
      window.harness.files.set(
        id,
        Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
      );
    }
  }, all);
}

/** What is loaded on demand is here, was painted, and stands still. Runs in the page. */
async function allDrawn(framesMax: number): Promise<void> {
  const stillFrames = 3;
  const isAwaited = () =>
    document.querySelector(
      '.picture:not([data-picture]), [aria-busy="true"]:is(svg, meter, section)',
    ) !== null;
  const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
  const places = () => {
    const { scrollTop, scrollHeight } = document.querySelector('[role="log"]') ?? document.body;
    return `${scrollTop} of ${scrollHeight}`;
  };
  let [still, before] = [0, ''];
  for (let frames = 0; frames < framesMax && still < stillFrames; frames += 1) {
    await frame();
    still = isAwaited() || places() !== before ? 0 : still + 1;
    before = places();
  }
}
