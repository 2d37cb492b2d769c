/** The watermark over what is not drawn here: a canvas that lets every press through. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { drawWatermark, MOVE_EVERY_MS, watermarkWords } from './watermark.ts';

export function WatermarkOver({ name }: { readonly name: string }) {
  const { i18n } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = () => {
      const element = canvas.current;
      const context = element?.getContext('2d');
      if (!element || !context) return;
      element.width = element.clientWidth;
      element.height = element.clientHeight;
      const at = Date.now();
      drawWatermark(context, watermarkWords(i18n.language, name, at), { at, scale: 1 });
    };
    draw();
    const timer = setInterval(draw, MOVE_EVERY_MS);
    return () => clearInterval(timer);
  }, [name, i18n.language]);
  return (
    <div aria-hidden="true" className="pointer-events-none absolute inset-0">
      <canvas ref={canvas} data-watermark className="size-full" />
    </div>
  );
}
