/** Which build this page is of, and whether the server has another. */

/** The page's own script, whose name carries a hash of all that it imports. */
function ownScript(): string | null {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return script === null ? null : new URL(script.src).pathname;
}

/** `false` also where the server cannot be asked: then the connection is to blame. */
export async function isOutdated(): Promise<boolean> {
  const script = ownScript();
  if (script === null) return false;
  try {
    const answer = await fetch('/', { cache: 'no-store', credentials: 'omit' });
    return answer.ok && !(await answer.text()).includes(`"${script}"`);
  } catch {
    return false;
  }
}

/** Tells when a part of this page could not be loaded. */
export function onPartMissing(listener: () => void): () => void {
  // The bundler's own word for it; the import fails all the same where it was asked for.
  addEventListener('vite:preloadError', listener);
  return () => removeEventListener('vite:preloadError', listener);
}
