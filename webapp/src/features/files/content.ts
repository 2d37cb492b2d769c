/**
 * What a file is, by its first bytes. The sender's word for it, and the end of its name, decide
 * nothing: a file is handed to the one decoder that its bytes are for, or to none.
 *
 * Sources: the WHATWG's *MIME Sniffing Standard*, section 6, for pictures and what is played;
 * ISO 32000-1, 7.5.2, for PDF; RFC 8794 for EBML; ISO/IEC 14496-12, 4.3, for `ftyp`.
 */

/** How much of a file is looked at to tell what it is. */
export const HEAD_BYTES = 4_096;

/** Shown by the browser's own decoder of that type. */
export type Picture = {
  readonly is: 'picture';
  readonly type:
    | 'image/png'
    | 'image/jpeg'
    | 'image/gif'
    | 'image/webp'
    | 'image/bmp'
    | 'image/avif';
};
export type Video = {
  readonly is: 'video';
  readonly type: 'video/mp4' | 'video/webm' | 'video/ogg';
};
export type Sound = {
  readonly is: 'sound';
  readonly type: 'audio/mpeg' | 'audio/mp4' | 'audio/ogg' | 'audio/wav' | 'audio/flac';
};

export type Content =
  | Picture
  | Video
  | Sound
  | { readonly is: 'pdf' }
  | { readonly is: 'text'; readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' }
  /** HTML, SVG and XML: what a browser would make a document of, and a document may have script. */
  | { readonly is: 'markup' }
  | { readonly is: 'archive' }
  /** What a system would run. */
  | { readonly is: 'program' }
  | { readonly is: 'unknown' };

const UNKNOWN: Content = { is: 'unknown' };

/** A pattern of bytes at a place; a dot stands for any byte. */
type Mark = readonly [at: number, bytes: string, content: Content];

const picture = (type: Picture['type']): Content => ({ is: 'picture', type });
const video = (type: Video['type']): Content => ({ is: 'video', type });
const sound = (type: Sound['type']): Content => ({ is: 'sound', type });

const MARKS: readonly Mark[] = [
  [0, '\x89PNG\r\n\x1a\n', picture('image/png')],
  [0, '\xff\xd8\xff', picture('image/jpeg')],
  [0, 'GIF87a', picture('image/gif')],
  [0, 'GIF89a', picture('image/gif')],
  [0, 'RIFF....WEBPVP', picture('image/webp')],
  [0, 'RIFF....WAVE', sound('audio/wav')],
  [4, 'ftypavif', picture('image/avif')],
  [4, 'ftypM4A ', sound('audio/mp4')],
  [4, 'ftypM4B ', sound('audio/mp4')],
  [4, 'ftypisom', video('video/mp4')],
  [4, 'ftypiso', video('video/mp4')],
  [4, 'ftypmp4', video('video/mp4')],
  [4, 'ftypavc1', video('video/mp4')],
  [4, 'ftypM4V', video('video/mp4')],
  [4, 'ftypdash', video('video/mp4')],
  [0, 'fLaC', sound('audio/flac')],
  [0, 'ID3', sound('audio/mpeg')],
  [0, '\xff\xfb', sound('audio/mpeg')],
  [0, '\xff\xf3', sound('audio/mpeg')],
  [0, '\xff\xf2', sound('audio/mpeg')],
  [0, '%PDF-', { is: 'pdf' }],
  [0, 'PK\x03\x04', { is: 'archive' }],
  [0, '\x1f\x8b', { is: 'archive' }],
  [0, 'Rar!\x1a\x07', { is: 'archive' }],
  [0, "7z\xbc\xaf'\x1c", { is: 'archive' }],
  [257, 'ustar', { is: 'archive' }],
  [0, 'MZ', { is: 'program' }],
  [0, '\x7fELF', { is: 'program' }],
  [0, '\xcf\xfa\xed\xfe', { is: 'program' }],
  [0, '\xca\xfe\xba\xbe', { is: 'program' }],
  [0, '#!', { is: 'program' }],
  // A shortcut of Windows.
  [0, 'L\0\0\0\x01\x14\x02\0', { is: 'program' }],
];

/** `head` is the beginning of the file, `HEAD_BYTES` of it or all. */
export function contentOf(head: Uint8Array): Content {
  const marked = MARKS.find(([at, bytes]) => hasAt(head, at, bytes));
  if (marked !== undefined) return marked[2];
  if (hasAt(head, 0, '\x1a\x45\xdf\xa3'))
    return isNamed(head, 'webm') ? video('video/webm') : UNKNOWN;
  if (hasAt(head, 0, 'OggS')) {
    return isNamed(head, 'theora') ? video('video/ogg') : sound('audio/ogg');
  }
  if (isBitmap(head)) return picture('image/bmp');
  return textOf(head);
}

/** Whether this page can show it, by whatever means. */
export function isViewable({ is }: Content): boolean {
  return is === 'picture' || is === 'video' || is === 'sound' || is === 'pdf' || is === 'text';
}

function hasAt(head: Uint8Array, at: number, bytes: string): boolean {
  for (let n = 0; n < bytes.length; n += 1) {
    if (bytes[n] !== '.' && head[at + n] !== bytes.charCodeAt(n)) return false;
  }
  return true;
}

/** Whether a word stands where containers name what is in them. */
function isNamed(head: Uint8Array, word: string): boolean {
  for (let at = 0; at < Math.min(head.length, 128); at += 1) if (hasAt(head, at, word)) return true;
  return false;
}

/** Two letters alone would make pictures of words: the reserved bytes and the header's size count. */
function isBitmap(head: Uint8Array): boolean {
  return hasAt(head, 0, 'BM') && hasAt(head, 6, '\0\0\0\0') && hasAt(head, 15, '\0\0\0');
}

function textOf(head: Uint8Array): Content {
  if (hasAt(head, 0, '\xff\xfe')) return readsAs(head, 'utf-16le');
  if (hasAt(head, 0, '\xfe\xff')) return readsAs(head, 'utf-16be');
  return readsAs(head, 'utf-8');
}

/** What no text has: control characters other than those that lay it out. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NOT_IN_TEXT = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]/;

function readsAs(head: Uint8Array, encoding: 'utf-8' | 'utf-16le' | 'utf-16be'): Content {
  if (head.length === 0) return UNKNOWN;
  try {
    // The head may end within a character: that is no fault of the text.
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    if (NOT_IN_TEXT.test(text)) return UNKNOWN;
    return looksLikeMarkup(text) ? { is: 'markup' } : { is: 'text', encoding };
  } catch {
    return UNKNOWN;
  }
}

/** What a browser that was asked for an opinion could take for a document begins so. */
function looksLikeMarkup(text: string): boolean {
  return /^\s*</.test(text);
}

/** What the end of a name promises; of the ends that people know. */
const PROMISES = new Map<string, Content['is']>([
  ...(['png', 'jpg', 'jpeg', 'gif', 'webp', 'bmp', 'avif'] as const).map(promise('picture')),
  ...(['mp4', 'm4v', 'webm', 'ogv'] as const).map(promise('video')),
  ...(['mp3', 'm4a', 'ogg', 'oga', 'opus', 'wav', 'flac'] as const).map(promise('sound')),
  ...(['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'gz', 'rar', '7z', 'tar'] as const).map(
    promise('archive'),
  ),
  ...(['txt', 'md', 'csv', 'log'] as const).map(promise('text')),
  ['pdf', 'pdf'],
]);

function promise(is: Content['is']): (end: string) => [string, Content['is']] {
  return (end) => [end, is];
}

/** Whether the name promises something else than the file is. */
export function isMisnamed(name: string, { is }: Content): boolean {
  const dot = name.lastIndexOf('.');
  const promised = PROMISES.get(name.slice(dot + 1).toLowerCase());
  return dot > 0 && promised !== undefined && promised !== is;
}
