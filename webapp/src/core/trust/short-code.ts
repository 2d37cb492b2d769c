/**
 * The short code of a live conversation in the forms that two people can compare: seven pictures
 * or their words, or the same 42 bits as digits. The bits come from the handshake, which lets a
 * man in the middle try one code in 2^42 (PROTOCOL C.5; the commitment before the shares is that
 * of S. Vaudenay, "Secure Communications over Insecure Channels Based on Short Authenticated
 * Strings", CRYPTO 2005).
 */
import { PICTURES, type PictureName, pictureOf } from './pictures.ts';

export const SHORT_CODE_PICTURES = 7;

/** 2^42 is below 10^13: each code has thirteen digits of its own. */
const DIGITS = 13;

export type ShortCode = {
  readonly pictures: readonly PictureName[];
  /** The code as one decimal number, padded to 13 digits, in groups of 4, 3, 3 and 3. */
  readonly digits: string;
};

/** `null` unless there are seven numbers from 0 to 63, the first the highest bits. */
export function shortCodeOf(numbers: readonly number[]): ShortCode | null {
  const isPicture = (n: number) => Number.isInteger(n) && n >= 0 && n < PICTURES.length;
  if (numbers.length !== SHORT_CODE_PICTURES || !numbers.every(isPicture)) return null;
  // Below 2^53, so that a plain number holds it.
  const value = numbers.reduce((sum, number) => sum * PICTURES.length + number, 0);
  const digits = value.toString().padStart(DIGITS, '0');
  const groups = digits.match(/^(.{4})(.{3})(.{3})(.{3})$/)?.slice(1) ?? [];
  return { pictures: numbers.map(pictureOf), digits: groups.join(' ') };
}
