/**
 * The forms in which a text may lie somewhere, and which bytes of each do not depend on what
 * stands beside it: the first and the last digits of base64 mix with their neighbours.
 */

export const FORMS = [
  'raw',
  'hex',
  'HEX',
  'base64, aligned',
  'base64, one byte on',
  'base64, two bytes on',
  'base64url, aligned',
  'base64url, one byte on',
  'base64url, two bytes on',
  'UTF-16 LE',
  'UTF-16 BE',
  'JSON-escaped',
  'JSON-ESCAPED',
  'percent-encoded',
] as const;

export type Form = (typeof FORMS)[number];

/** What a text that lies within other bytes certainly looks like; nothing of it is anybody else's. */
export function sure(form: Form, text: string): Buffer {
  const coded = embedded(form, text, Buffer.alloc(shiftOf(form)));
  switch (form) {
    case 'UTF-16 BE':
      // Without its first zero it begins like the other one, so that both are searched as one.
      return coded.subarray(1);
    case 'raw':
    case 'hex':
    case 'HEX':
    case 'UTF-16 LE':
    case 'JSON-escaped':
    case 'JSON-ESCAPED':
    case 'percent-encoded':
      return coded;
    default: {
      const bits = 8 * shiftOf(form);
      const first = Math.ceil(bits / 6);
      const last = Math.floor((bits + 8 * Buffer.byteLength(text)) / 6);
      return coded.subarray(first, last);
    }
  }
}

/** A text in a form, behind these bytes where the form codes several bytes together. */
export function embedded(form: Form, text: string, before: Buffer): Buffer {
  const bytes = Buffer.from(text);
  switch (form) {
    case 'raw':
      return bytes;
    case 'hex':
      return Buffer.from(bytes.toString('hex'));
    case 'HEX':
      return Buffer.from(bytes.toString('hex').toUpperCase());
    case 'UTF-16 LE':
      return Buffer.from(text, 'utf16le');
    case 'UTF-16 BE':
      return Buffer.from(text, 'utf16le').swap16();
    case 'JSON-escaped':
      return Buffer.from(jsonEscaped(text));
    case 'JSON-ESCAPED':
      return Buffer.from(jsonEscaped(text).replaceAll(/\\u..../g, upperDigits));
    case 'percent-encoded':
      return Buffer.from(encodeURIComponent(text));
    default: {
      const coding = form.startsWith('base64url') ? 'base64url' : 'base64';
      return Buffer.from(Buffer.concat([before, bytes]).toString(coding));
    }
  }
}

/** How many bytes stand before the text in its group of three. */
export function shiftOf(form: Form): number {
  if (form.endsWith(', one byte on')) return 1;
  return form.endsWith(', two bytes on') ? 2 : 0;
}

function jsonEscaped(text: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replaceAll(/[^\x20-\x7e]/g, escaped);
}

function upperDigits(escaped: string): string {
  return `\\u${escaped.slice(2).toUpperCase()}`;
}
