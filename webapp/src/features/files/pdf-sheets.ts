/**
 * PDF, read by a library in a worker of its own and drawn onto canvases.
 *
 * No script in the file runs: there is no interpreter for it here, and the page's policy knows no
 * `eval`. Forms are not run (no XFA), nothing in it is a link, fonts are drawn as shapes and never
 * given to the system, and nothing is fetched: what the file does not bring along is not there.
 */
import {
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
  PDFWorker,
  VerbosityLevel,
} from 'pdfjs-dist';
import { type Drawn, possibleScale, type Sheets } from './sheets.ts';

/** A page is drawn no wider than it is well read. */
const WIDTH_PX_MAX = 1_000;

export async function pdfSheets(blob: Blob, port: Worker): Promise<Sheets> {
  const worker = PDFWorker.create({ port });
  const end = () => {
    worker.destroy();
    port.terminate();
  };
  try {
    const data = new Uint8Array(await blob.arrayBuffer());
    const document = await getDocument({ ...CAREFULLY, data, worker }).promise;
    return sheetsOf(document, end);
  } catch (reason) {
    end();
    throw reason;
  }
}

const CAREFULLY = {
  enableXfa: false,
  disableFontFace: true,
  useSystemFonts: false,
  useWorkerFetch: false,
  useWasm: false,
  isOffscreenCanvasSupported: false,
  disableAutoFetch: true,
  disableRange: true,
  disableStream: true,
  stopAtErrors: false,
  verbosity: VerbosityLevel.ERRORS,
} as const;

function sheetsOf(document: PDFDocumentProxy, end: () => void): Sheets {
  return {
    count: document.numPages,
    async draw(sheet, { widthPx, ratio }, zoom) {
      const page = await document.getPage(sheet);
      return drawn(page, Math.min(widthPx, WIDTH_PX_MAX) * ratio * zoom);
    },
    async words(sheet) {
      const page = await document.getPage(sheet);
      const { items } = await page.getTextContent();
      return items.map((item) => ('str' in item ? item.str : '')).join(' ');
    },
    close() {
      void document.loadingTask.destroy().finally(end);
    },
  };
}

async function drawn(page: PDFPageProxy, wishedWidth: number): Promise<Drawn> {
  const natural = page.getViewport({ scale: 1 });
  const { width, height } = natural;
  const scale = possibleScale(wishedWidth / width, width, height);
  const viewport = page.getViewport({ scale });
  const canvas = window.document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(viewport.width));
  canvas.height = Math.max(1, Math.round(viewport.height));
  await page.render({ canvas, viewport }).promise;
  page.cleanup();
  return canvas;
}
