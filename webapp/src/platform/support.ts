/** Whether this page, in this browser, can do the cryptography. */

export type Unsupported = 'insecureContext' | 'missingCrypto';

/**
 * `null` if it can. Primitives that the browser lacks are computed by a library, but nothing
 * stands in for chance, and a page that came over an open line could be anybody's.
 */
export async function unsupported(): Promise<Unsupported | null> {
  if (!globalThis.isSecureContext) return 'insecureContext';
  return typeof globalThis.crypto?.getRandomValues === 'function' ? null : 'missingCrypto';
}
