/** Text as sheets of paper, drawn: there is nothing to select. */
import { readText } from './read-text.ts';
import { type Drawn, possibleScale, type Sheets } from './sheets.ts';
import { typeface } from './typeface.ts';

const FONT_PX = 16;
const LINE_PX = 24;
const MARGIN_PX = 24;
const WIDTH_PX_MAX = 800;
const LINES_PER_SHEET = 40;

export async function textSheets(blob: Blob, encoding: string, widthPx: number): Promise<Sheets> {
  const { text } = await readText(blob, encoding);
  const width = Math.min(WIDTH_PX_MAX, widthPx);
  const lines = wrapped(text, width - 2 * MARGIN_PX);
  const linesOf = (sheet: number) =>
    lines.slice((sheet - 1) * LINES_PER_SHEET, sheet * LINES_PER_SHEET);
  return {
    count: Math.max(1, Math.ceil(lines.length / LINES_PER_SHEET)),
    draw: async (sheet, box, zoom) => drawn(linesOf(sheet), width, box.ratio * zoom),
    words: async (sheet) => linesOf(sheet).join('\n'),
    close: () => {},
  };
}

function drawn(lines: readonly string[], width: number, wishedScale: number): Drawn {
  const height = LINES_PER_SHEET * LINE_PX + 2 * MARGIN_PX;
  const scale = possibleScale(wishedScale, width, height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = contextOf(canvas);
  context.scale(scale, scale);
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = 'black';
  context.font = `${FONT_PX}px ${typeface()}`;
  context.textBaseline = 'top';
  lines.forEach((line, place) => {
    context.fillText(line, MARGIN_PX, MARGIN_PX + place * LINE_PX);
  });
  return canvas;
}

/** The lines of a text in a column: broken between words, and within those that are too long. */
function wrapped(text: string, widthPx: number): readonly string[] {
  const context = contextOf(document.createElement('canvas'));
  context.font = `${FONT_PX}px ${typeface()}`;
  const fits = (line: string) => context.measureText(line).width <= widthPx;
  const paragraphs = text.replaceAll('\t', '    ').split(/\r\n|\r|\n/);
  return paragraphs.flatMap((paragraph) => wrappedParagraph(paragraph, fits));
}

function wrappedParagraph(paragraph: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/(?<=\s)/)) {
    if (fits(line + word)) {
      line += word;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const char of word) {
      if (line !== '' && !fits(line + char)) {
        lines.push(line);
        line = '';
      }
      line += char;
    }
  }
  return [...lines, line];
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws on no canvas');
  return context;
}
