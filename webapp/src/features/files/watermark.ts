/** The mark of who looks at a file and when: all over it, and moving, so that no patch hides it. */
import { typeface } from './typeface.ts';

const FONT_PX = 18;
const ANGLE = -Math.PI / 9;
const ROW_PX = 110;
/** How often it is drawn anew, and how far it has moved by then. */
export const MOVE_EVERY_MS = 500;
const MOVE_PX = 9;

export function watermarkWords(language: string, name: string, at: number): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' });
  return `${name} · ${format.format(at)}`;
}

/** `scale` is how many pixels of the canvas there are to one of the page. */
export function drawWatermark(
  context: CanvasRenderingContext2D,
  words: string,
  { at, scale }: { readonly at: number; readonly scale: number },
): void {
  const { width, height } = context.canvas;
  const moved = Math.floor(at / MOVE_EVERY_MS) * MOVE_PX;
  context.save();
  context.font = `600 ${FONT_PX * scale}px ${typeface()}`;
  context.textBaseline = 'middle';
  context.translate(width / 2, height / 2);
  context.rotate(ANGLE);
  // Turned, it still has to reach every corner.
  const reach = Math.hypot(width, height) / 2;
  const stepX = context.measureText(words).width + 60 * scale;
  const stepY = ROW_PX * scale;
  let row = 0;
  for (let y = -reach + ((moved * scale) % stepY) - stepY; y < reach; y += stepY) {
    row += 1;
    const shift = ((row % 2) * stepX) / 2 + ((moved * scale) % stepX);
    for (let x = -reach - stepX + shift - stepX; x < reach; x += stepX) {
      // Light and dark, so that it shows on both.
      context.fillStyle = 'rgb(0 0 0 / 0.22)';
      context.fillText(words, x + scale, y + scale);
      context.fillStyle = 'rgb(255 255 255 / 0.4)';
      context.fillText(words, x, y);
    }
  }
  context.restore();
}
