/** One sheet as it was drawn, with the moving mark on it; it has the words for those who only hear. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Drawn } from './sheets.ts';
import { drawWatermark, MOVE_EVERY_MS, watermarkWords } from './watermark.ts';

type SheetCanvasProps = {
  readonly drawn: Drawn;
  /** Pixels of the canvas to one of the page. */
  readonly ratio: number;
  readonly label: string;
  readonly words: string;
  readonly watermark: string | null;
};

export function SheetCanvas({ drawn, ratio, label, words, watermark }: SheetCanvasProps) {
  const { i18n } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { language } = i18n;

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const draw = () => {
      context.drawImage(drawn, 0, 0);
      if (watermark === null) return;
      const at = Date.now();
      drawWatermark(context, watermarkWords(language, watermark, at), { at, scale: ratio });
    };
    draw();
    if (watermark === null) return;
    const timer = setInterval(draw, MOVE_EVERY_MS);
    return () => clearInterval(timer);
  }, [drawn, ratio, watermark, language]);

  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={words === '' ? label : `${label}: ${words}`}
      width={drawn.width}
      height={drawn.height}
      data-sheet
      data-watermark={watermark === null ? undefined : ''}
      style={{ width: drawn.width / ratio, height: drawn.height / ratio }}
      className="m-auto shrink-0 bg-white shadow-md"
    />
  );
}
