/** What two people compare: SHA-256 of a public key's SPKI bytes, computed here and nowhere else. */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, toHex } from '../bytes.ts';
import { toSpki } from './identity.ts';

/** 64 lower-case hexadecimal digits. By the library: it is there whatever the browser has. */
export async function fingerprintOf(publicKey: Bytes): Promise<string> {
  return toHex(sha256(toSpki(publicKey)) as Bytes);
}
