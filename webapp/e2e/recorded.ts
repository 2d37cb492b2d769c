/**
 * A voice and a video for pictures of what is played, made in the page itself: nothing of the kind
 * lies in the repository. Each is put behind transfers, and gives its size in bytes.
 */
import type { Page } from 'playwright-core';

/** Fourteen seconds of something that grows and fades like speech, as WAV (RIFF, 16 bits, mono). */
export function putVoice(page: Page, ids: readonly number[]): Promise<number> {
  return page.evaluate((transfers) => {
    const [rate, seconds] = [8_000, 14];
    const samples = Int16Array.from({ length: rate * seconds }, (_, n) => {
      const second = n / rate;
      const word = Math.abs(Math.sin(second * 2.3) * Math.sin(second * 0.9 + 1));
      return 20_000 * word * Math.sin(n / 3);
    });
    const head = new DataView(new ArrayBuffer(44));
    const write = (at: number, text: string) => {
      for (const [n, char] of [...text].entries()) head.setUint8(at + n, char.charCodeAt(0));
    };
    write(0, 'RIFF');
    head.setUint32(4, 36 + samples.byteLength, true);
    write(8, 'WAVEfmt ');
    head.setUint32(16, 16, true);
    head.setUint16(20, 1, true);
    head.setUint16(22, 1, true);
    head.setUint32(24, rate, true);
    head.setUint32(28, rate * 2, true);
    head.setUint16(32, 2, true);
    head.setUint16(34, 16, true);
    write(36, 'data');
    head.setUint32(40, samples.byteLength, true);
    const wave = new Uint8Array(44 + samples.byteLength);
    wave.set(new Uint8Array(head.buffer), 0);
    wave.set(new Uint8Array(samples.buffer), 44);
    for (const id of transfers) window.harness.files.set(id, wave);
    return wave.length;
  }, ids);
}

/** A second of moving colours, as the browser records it: without a word of how long it is. */
export function putVideo(
  page: Page,
  ids: readonly number[],
  mimeType = 'video/webm',
): Promise<number> {
  const record = async ({ transfers, type }: { transfers: readonly number[]; type: string }) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [480, 360];
    const pen = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: type });
    const pieces: Blob[] = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    const end = performance.now() + 1_200;
    for (let frame = 0; performance.now() < end; frame += 1) {
      for (let stripe = 0; stripe < 12 && pen !== null; stripe += 1) {
        pen.fillStyle = `hsl(${(stripe * 30 + frame * 6) % 360} 45% 55%)`;
        pen.fillRect(stripe * 40, 0, 40, 360);
      }
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    for (const id of transfers) window.harness.files.set(id, bytes);
    return bytes.length;
  };
  return page.evaluate(record, { transfers: ids, type: mimeType });
}

/** What no browser plays. */
export function putNonsense(page: Page, ids: readonly number[]): Promise<number> {
  return page.evaluate((transfers) => {
    const bytes = new Uint8Array(1_000);
    for (const id of transfers) window.harness.files.set(id, bytes);
    return bytes.length;
  }, ids);
}
