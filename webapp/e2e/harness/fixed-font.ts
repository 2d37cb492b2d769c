/** Draws a page of the harness in the fixed typeface if its address asks for it: `?fixed`. */
export async function fixFont(): Promise<void> {
  if (!new URLSearchParams(location.search).has('fixed')) return;
  await import('./fixed-font.css');
  const wanted = ['Letters', 'Буквы'].map((text) =>
    document.fonts.load('16px "Inter Variable"', text),
  );
  await Promise.all(wanted);
}
