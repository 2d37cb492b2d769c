/** Draws a page of the harness alike on every machine and each time, if its address asks: `?fixed`. */
export async function fixLook(): Promise<void> {
  if (!new URLSearchParams(location.search).has('fixed')) return;
  await import('./fixed.css');
  const wanted = ['Letters', 'Буквы'].map((text) =>
    document.fonts.load('16px "Inter Variable"', text),
  );
  await Promise.all(wanted);
}
