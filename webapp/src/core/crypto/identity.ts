/**
 * A person's lasting key: Ed25519 (RFC 8032), the private half a `CryptoKey` that cannot be
 * exported wherever the browser has such. Inside the core a public key is its 32 raw bytes; SPKI
 * (RFC 8410) is for the server and for fingerprints.
 */
import { type Bytes, concat, equal, fromHex } from '../bytes.ts';
import type { StoredIdentity } from '../ports.ts';
import type { Primitives } from './suite/primitives.ts';

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself: RFC 8410, section 4. */
const SPKI_PREFIX = fromHex('302a300506032b6570032100') ?? new Uint8Array();

/** Signs as one person; what it signs with is nobody else's business. */
export type Signer = {
  readonly publicKey: Bytes;
  sign(message: Bytes): Promise<Bytes>;
};

export function signerOf(
  primitives: Primitives,
  { publicKey, signingKey }: StoredIdentity,
): Signer {
  return {
    publicKey,
    // A handle signs where it was made, whoever computes the rest.
    sign: async (message) =>
      signingKey.is === 'handle'
        ? new Uint8Array(await crypto.subtle.sign('Ed25519', signingKey.key, message))
        : primitives.ed25519.sign(signingKey, message),
  };
}

export function toSpki(publicKey: Bytes): Bytes {
  return concat(SPKI_PREFIX, publicKey);
}

/** `null` for a key of another kind: that peer uses another client. */
export function fromSpki(spki: Bytes): Bytes | null {
  const fits = spki.length === SPKI_PREFIX.length + PUBLIC_KEY_BYTES;
  if (!fits || !equal(spki.slice(0, SPKI_PREFIX.length), SPKI_PREFIX)) return null;
  return spki.slice(SPKI_PREFIX.length);
}
