/** The typeface of the page, for what is drawn on a canvas, which takes nothing over by itself. */
export function typeface(): string {
  return getComputedStyle(document.documentElement).fontFamily || 'sans-serif';
}
