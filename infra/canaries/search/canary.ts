/**
 * Canaries: random texts that occur nowhere by chance. Those of one flock begin alike, so that one
 * search finds all of them, and what is left of one whose end was overwritten.
 */
import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 53 bits, by which a flock is told from everything else. */
const BEGINNING_CHARS = 9;
/** 113 bits for each canary of its own. */
const OWN_CHARS = 19;
/**
 * Characters of two, three and four bytes: other in UTF-16, in JSON, in percents, and in base64
 * from base64url at each alignment. With it a canary has 32 UTF-16 units, as many as a reaction may.
 */
const TAIL = 'ÿ漢🦊';

/** What begins every canary of a flock. */
export function beginning(): string {
  return letters(BEGINNING_CHARS);
}

/** A new canary of a flock. */
export function canary(flock: string): string {
  return `${plainCanary(flock)}${TAIL}`;
}

/** One of ASCII letters and digits alone, for places that take nothing else. */
export function plainCanary(flock: string): string {
  return `${flock}${letters(OWN_CHARS)}`;
}

/** By which characters a canary is known: its beginning and those of its own. */
export const KNOWN_CHARS = BEGINNING_CHARS + OWN_CHARS;

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
