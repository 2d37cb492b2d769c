/**
 * Looking at files in a real browser, over a fake model and under the product's own policy:
 * pictures, players, PDF, what is only to be looked at, and files that want more than that.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import type { TransferView } from '../src/app/model.ts';
import { aTransfer, secure, signedIn, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints } from './browser.ts';
import { eventually } from './eventually.ts';
import { drawnInBrowser } from './harness/drawn.ts';
import { HOSTILE_NAMES, hostileFiles } from './hostile-files.ts';
import { pdf, png, type SampleFile, wav } from './sample-files.ts';
import { dictionaries, filled } from './words.ts';

const words = dictionaries.en.files;

describe('looking at a file', () => {
  const drawn = drawnInBrowser();
  const { show, button } = drawn;

  /** These files have come, and stand in the list. */
  async function came(
    files: readonly SampleFile[],
    changes: Partial<TransferView> = {},
  ): Promise<void> {
    const transfers = files.map(({ name, mime, bytes }, n) =>
      aTransfer({
        id: 3 + 2 * n,
        name,
        mime,
        size: bytes.length,
        stage: { is: 'delivered' },
        ...changes,
      }),
    );
    const contents = files.map(({ bytes }, n) => [3 + 2 * n, bytes.toString('base64')] as const);
    await drawn.page.evaluate((all) => {
      for (const [id, base64] of all) {
        window.harness.files.set(
          id,
          Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
        );
      }
    }, contents);
    await show(signedIn(withBob({ ...secure([]), transfers })));
  }

  const dialog = () => drawn.page.getByRole('dialog');
  const view = (file: string) => button(filled(words.viewOf, { file })).click();
  const play = (file: string) => button(filled(words.playOf, { file })).click();
  const seen = async () => (await drawn.asked('fileSeen')).length;
  const closeView = async () => {
    await drawn.page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  };

  /** The share of points of a canvas that are not of its most frequent colour. */
  const drawnShare = (canvas: Locator) =>
    canvas.evaluate((element) => {
      const drawn = element as HTMLCanvasElement;
      const { width, height } = drawn;
      const data = drawn.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      const counts = new Map<number, number>();
      for (let at = 0; at < data.length; at += 4) {
        const color = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
        counts.set(color, (counts.get(color) ?? 0) + 1);
      }
      return (
        1 -
        [...counts.values()].reduce((most, count) => Math.max(most, count), 0) / (width * height)
      );
    });

  it('shows a picture, and text', async () => {
    await came([
      { name: 'waves.png', mime: 'text/html', bytes: png(600, 400) },
      { name: 'list.txt', mime: 'text/plain', bytes: Buffer.from('eggs\nсоль\n') },
    ]);
    await view('waves.png');
    const picture = dialog().getByRole('img', { name: 'waves.png' });
    await picture.waitFor();
    await eventually(
      () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth),
      600,
    );
    await eventually(seen, 1);
    await closeView();
    await view('list.txt');
    await eventually(() => dialog().locator('[data-file-text]').textContent(), 'eggs\nсоль\n');
    await closeView();
    assertNoComplaints(drawn.watched);
  });

  it('plays a sound', async () => {
    await came([{ name: 'tone.wav', mime: 'audio/wav', bytes: wav(2) }]);
    await play('tone.wav');
    const player = dialog().locator('audio');
    await eventually(() => player.evaluate((audio) => (audio as HTMLAudioElement).duration), 2);
    await eventually(seen, 1);
    assertNoComplaints(drawn.watched);
  });

  it('plays a video, also one that is only to be looked at, under the moving mark', async () => {
    const film = await drawn.page.evaluate(recordFilm);
    const file = { name: 'film.webm', mime: 'text/html', bytes: Buffer.from(film, 'base64') };
    for (const accessMode of ['both', 'view_only'] as const) {
      await came([file], { accessMode });
      await play('film.webm');
      const player = dialog().locator('video');
      await eventually(
        () => player.evaluate((video) => (video as HTMLVideoElement).videoWidth),
        64,
      );
      assert.equal(await dialog().locator('canvas').count(), accessMode === 'both' ? 0 : 1);
      await closeView();
    }
    assert.equal(await seen(), 2);
    assertNoComplaints(drawn.watched);
  });

  it('draws a PDF page by page, in a worker of its own that ends with it', async () => {
    await came([{ name: 'list.pdf', mime: 'application/pdf', bytes: pdf(['One', 'Two']) }]);
    await view('list.pdf');
    const sheet = (n: number) =>
      dialog().getByRole('img', {
        name: new RegExp(`page ${n} of 2: .*${n === 1 ? 'One' : 'Two'}`),
      });
    await sheet(1).waitFor();
    assert.ok((await drawnShare(sheet(1))) > 0.05);
    assert.equal(drawn.page.workers().length, 1);
    const before = await sheet(1).evaluate((canvas) => canvas.clientWidth);
    await button(words.larger).click();
    await eventually(
      () => sheet(1).evaluate((canvas, was) => canvas.clientWidth > was, before),
      true,
    );
    await button(words.sheetAfter).click();
    await sheet(2).waitFor();
    await closeView();
    await eventually(async () => drawn.page.workers().length, 0);
    assertNoComplaints(drawn.watched);
  });

  it('draws what is only to be looked at under a moving mark, and puts it away', async () => {
    const only = { accessMode: 'view_only' } as const;
    const files = [
      { name: 'waves.png', mime: 'image/png', bytes: png(600, 400) },
      { name: 'list.pdf', mime: 'application/pdf', bytes: pdf(['One']) },
      { name: 'list.txt', mime: 'text/plain', bytes: Buffer.from('eggs and salt '.repeat(900)) },
    ];
    await came(files, only);
    for (const { name } of files) {
      assert.equal(await button(filled(words.saveOf, { file: name })).count(), 0);
      await view(name);
      const sheet = dialog().locator('canvas[data-watermark]');
      await sheet.waitFor();
      assert.equal(await dialog().locator('img, pre').count(), 0);
      const shot = () => sheet.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      const first = await shot();
      await eventually(async () => (await shot()) !== first, true);
      // Where the sheet is one colour alone there is the mark.
      assert.ok((await drawnShare(sheet)) > 0.02);
      await drawn.page.evaluate(() => window.dispatchEvent(new Event('blur')));
      await dialog().waitFor({ state: 'detached' });
    }
    assertNoComplaints(drawn.watched);
  });

  it('prints nothing of what is only to be looked at', async () => {
    await came([{ name: 'waves.png', mime: 'image/png', bytes: png(60, 40) }], {
      accessMode: 'view_only',
    });
    await view('waves.png');
    await dialog().locator('canvas').waitFor();
    await drawn.page.emulateMedia({ media: 'print' });
    assert.equal(await dialog().locator('canvas').isVisible(), false);
  });

  it('takes what is dropped on the page and pasted into it, and stays where it is', async () => {
    await came([]);
    await drawn.page.getByRole('textbox').last().focus();
    const refused = await drawn.page.evaluate(() => {
      const given = new DataTransfer();
      given.items.add(new File(['eggs'], 'dropped.txt', { type: 'text/plain' }));
      const how = { dataTransfer: given, bubbles: true, cancelable: true };
      const over = document.body.dispatchEvent(new DragEvent('dragover', how));
      return [over, document.body.dispatchEvent(new DragEvent('drop', how))];
    });
    assert.deepEqual(refused, [false, false]);
    await dialog().getByText('dropped.txt').waitFor();
    await drawn.page.evaluate(() => {
      const given = new DataTransfer();
      given.items.add(new File(['salt'], 'pasted.txt', { type: 'text/plain' }));
      const how = { clipboardData: given, bubbles: true, cancelable: true };
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', how));
    });
    await dialog().getByText('pasted.txt').waitFor();
    await button(filled(words.send_other, { count: '2' })).click();
    const sent = await drawn.page.evaluate(() =>
      window.harness.calls.filter(([name]) => name === 'sendFile').map(([, , name]) => name),
    );
    assert.deepEqual(sent, ['dropped.txt', 'pasted.txt']);
    assertNoComplaints(drawn.watched);
  });

  it('is done by the keyboard alone, and gives the focus back', async () => {
    await came([{ name: 'list.txt', mime: 'text/plain', bytes: Buffer.from('eggs') }]);
    const name = filled(words.viewOf, { file: 'list.txt' });
    await button(name).focus();
    await drawn.page.keyboard.press('Enter');
    await dialog().waitFor();
    await closeView();
    const focused = await drawn.page.evaluate(() =>
      document.activeElement?.getAttribute('aria-label'),
    );
    assert.equal(focused, name);
    assert.equal(await drawn.page.locator('[data-phase="secure"]').count(), 1);
  });

  it('[UI81] runs nothing of a file, whatever it is and claims to be', async () => {
    const asked: string[] = [];
    drawn.page.on('request', (request) => {
      if (request.url().includes('pwned')) asked.push(request.url());
    });
    drawn.page.on('dialog', (shown) => {
      asked.push(shown.message());
      void shown.dismiss();
    });
    for (const file of hostileFiles()) {
      for (const accessMode of ['both', 'view_only'] as const) {
        await came([file], { accessMode });
        await drawn.page.locator(`[data-content="${file.is}"]`).waitFor();
        const isPlayed = file.is === 'video' || file.is === 'sound';
        const looks = filled(isPlayed ? words.playOf : words.viewOf, { file: file.name });
        const press = button(looks);
        const isShown = ['picture', 'video', 'sound', 'pdf', 'text'].includes(file.is);
        assert.equal(await press.count(), isShown ? 1 : 0, file.name);
        if (isShown) await lookAndClose(press);
      }
      const what = `${file.name}, ${file.mime}`;
      assert.deepEqual([what, ...asked], [what]);
      assert.equal(await drawn.page.evaluate(() => 'pwned' in window), false, what);
      assert.equal(await drawn.page.locator('iframe, object, embed').count(), 0, what);
    }
    // A breach of the policy would be a script that only the policy stopped.
    assertNoComplaints(drawn.watched);
  });

  async function lookAndClose(press: Locator): Promise<void> {
    await press.click();
    const settled = dialog().locator('canvas, img, video, audio, pre, [role=status] > :not(svg)');
    await settled.first().waitFor();
    await drawn.page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
    await closeView();
  }

  it('[UI81] runs nothing of a name, and lets none out of its place', async () => {
    // The list draws what is near the window, so the window has room for them all.
    await drawn.page.setViewportSize({ width: 1000, height: 2400 });
    await came(
      HOSTILE_NAMES.map((name) => ({ name, mime: 'text/plain', bytes: Buffer.from('x') })),
    );
    await eventually(
      () => drawn.page.locator('[data-file-name]').allTextContents(),
      [...HOSTILE_NAMES],
    );
    assert.equal(await drawn.page.evaluate(() => 'pwned' in window), false);
    const wide = await drawn.page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert.equal(wide, false);
    assertNoComplaints(drawn.watched);
  });
});

/** Records a second of a moving square, and gives it in base64. Runs in the page. */
async function recordFilm(): Promise<string> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: 'video/webm' });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((done) => {
    recorder.onstop = done;
  });
  recorder.start();
  for (let frame = 0; frame < 30; frame += 1) {
    context?.fillRect(frame, frame, 9, 9);
    await new Promise((next) => requestAnimationFrame(next));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
