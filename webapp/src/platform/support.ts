/** Whether this page, in this browser, can do the cryptography. */

export type Unsupported = 'insecureContext' | 'missingCrypto';

/** `null` if it can. Asked by doing: names of algorithms alone promise nothing. */
export async function unsupported(): Promise<Unsupported | null> {
  if (!globalThis.isSecureContext) return 'insecureContext';
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
    return null;
  } catch {
    return 'missingCrypto';
  }
}
