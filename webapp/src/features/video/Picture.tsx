/**
 * A picture from memory on a canvas: it never becomes an address or a file.
 */
import { useEffect, useRef } from 'react';

export function Picture({ picture }: { readonly picture: ImageBitmap }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    current.width = picture.width;
    current.height = picture.height;
    current.getContext('2d')?.drawImage(picture, 0, 0);
  }, [picture]);
  return <canvas ref={canvas} data-frame className="size-full rounded-full" />;
}
