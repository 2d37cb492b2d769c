/** Bytes: joined, compared, and written as text. Every buffer is an own one, as Web Crypto asks. */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Gives back the memory of bytes that nobody uses any more, and of all that lies in the same buffer:
 * where many large ones come and go, what is left to the collector of garbage keeps it busy. Where
 * a browser cannot, the collector finds it. Afterwards they have no length.
 */
export function giveBack(bytes: Bytes): void {
  if ('transfer' in bytes.buffer) bytes.buffer.transfer(0);
}

/**
 * Each part behind its length, so that no two lists of parts give the same bytes.
 * Lengths are 32 bits, big-endian.
 */
export function lengthPrefixed(...parts: readonly Bytes[]): Bytes {
  return concat(...parts.flatMap((part) => [uint(part.length, 4), part]));
}

/** A whole number, big-endian, in so many bytes (8 at most). */
export function uint(value: number, width: number): Bytes {
  const wide = new Uint8Array(8);
  new DataView(wide.buffer).setBigUint64(0, BigInt(value));
  return wide.slice(8 - width);
}

/** Not in constant time: for public values only. */
export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Below zero if `a` comes before `b`, both read as one big-endian number of the same width. */
export function compare(a: Bytes, b: Bytes): number {
  for (const [i, byte] of a.entries()) {
    const difference = byte - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Bytes): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** `null` unless the text is an even number of hexadecimal digits. */
export function fromHex(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** Standard base64 with padding. For short values: the whole text is one argument list. */
export function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

/** `null` unless the text is standard base64. */
export function fromBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
