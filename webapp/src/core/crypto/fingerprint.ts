/** What two people compare: SHA-256 of a public key's SPKI bytes, computed here and nowhere else. */
import { type Bytes, toHex } from '../bytes.ts';
import { toSpki } from './identity.ts';

/** 64 lower-case hexadecimal digits. */
export async function fingerprintOf(publicKey: Bytes): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', toSpki(publicKey))));
}
