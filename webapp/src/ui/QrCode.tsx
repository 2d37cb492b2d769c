/**
 * A QR code, dark on white in every theme: many readers take nothing else.
 */
import { useCallback } from 'react';
import { drawQr } from './qr-drawing.ts';
import { useLoaded } from './use-loaded.ts';

type QrCodeProps = {
  readonly text: string;
  readonly label: string;
  /** Said in its place where it could not be loaded. */
  readonly failed: string;
};

export function QrCode({ text, label, failed }: QrCodeProps) {
  const drawing = useLoaded(useCallback(() => drawQr(text), [text]));
  if (drawing.is === 'failed') return <p className="text-warn">{failed}</p>;
  const { size, path } = drawing.is === 'here' ? drawing.value : { size: 1, path: '' };
  return (
    <svg
      role="img"
      aria-label={label}
      aria-busy={drawing.is === 'loading'}
      data-qr={drawing.is === 'here' ? '' : undefined}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="qr aspect-square w-full max-w-72 rounded-2xl"
    >
      <path d={path} />
    </svg>
  );
}
