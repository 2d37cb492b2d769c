/**
 * The icons of the web app manifest, drawn from `public/favicon.svg` by `e2e/draw-icons.ts`.
 */
type Icon = { readonly file: string; readonly sizePx: number; readonly shape: 'own' | 'whole' };

export const ICONS: readonly Icon[] = [
  { file: 'icons/icon-192.png', sizePx: 192, shape: 'own' },
  { file: 'icons/icon-512.png', sizePx: 512, shape: 'own' },
  { file: 'icons/maskable-512.png', sizePx: 512, shape: 'whole' },
  { file: 'icons/touch-180.png', sizePx: 180, shape: 'whole' },
];

/**
 * The sign at three quarters of its size, on a ground that reaches to the edge: systems cut such an
 * icon to a shape of their own (W3C App Manifest, "maskable": all that matters lies within a circle
 * of 80 %).
 */
export function whole(svg: string): string {
  const ground = /<rect [^>]*fill="(#[0-9a-f]{6})"\/>/.exec(svg);
  if (ground === null) throw new Error('favicon.svg begins with its ground');
  return svg
    .replace(
      ground[0],
      `<rect width="32" height="32" fill="${ground[1]}"/><g transform="translate(4 4) scale(.75)">`,
    )
    .replace('</svg>', '</g></svg>');
}
