/** What is drawn sheet by sheet onto a canvas, and on nothing else. */

/** A sheet that was drawn. */
export type Drawn = HTMLCanvasElement | ImageBitmap;

export type Sheets = {
  readonly count: number;
  /** Draws one, the first being 1, so that it fills the box `zoom` times. */
  draw(sheet: number, box: Box, zoom: number): Promise<Drawn>;
  /** What can be read on it, for whoever does not see it. */
  words(sheet: number): Promise<string>;
  close(): void;
};

export type Box = {
  /** Of the page. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels of the screen to one of the page. */
  readonly ratio: number;
};

/** Opens a file for a box that is so wide. Rejects if it is not what it promised. */
export type OpenSheets = (blob: Blob, widthPx: number) => Promise<Sheets>;

/** The largest canvas that every browser draws. */
export const CANVAS_PIXELS_MAX = 16_000_000;

/** The scale, or as much of it as a canvas may have. */
export function possibleScale(scale: number, width: number, height: number): number {
  return Math.min(scale, Math.sqrt(CANVAS_PIXELS_MAX / (width * height)));
}
