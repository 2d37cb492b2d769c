/**
 * All hostile words once more, as what is in a file: of each kind that a page could take for
 * something to run, to play or to lay out. Several words stand in one file, for none of them needs
 * another one out of its way.
 */
import type { HostileFile } from './hostile-files.ts';
import { hostileWords } from './hostile-words.ts';
import { pdf } from './sample-files.ts';

/** A file, and how many hostile words are in it. */
export type HostileDocument = HostileFile & { readonly words: number };

export const DOCUMENT_KINDS = ['html', 'svg', 'pdf', 'video', 'text', 'json'] as const;
type Kind = (typeof DOCUMENT_KINDS)[number];

const WORDS_EACH = 40;

/** A zero makes bytes of text. */
const utf8 = (text: string) => Buffer.from(text.replaceAll('\0', ' '), 'utf8');

const MAKERS: Readonly<Record<Kind, (words: readonly string[]) => Omit<HostileFile, 'name'>>> = {
  html: (words) => ({
    mime: 'text/html',
    bytes: utf8(`<!doctype html><title>${words[0]}</title><body>${words.join('\n')}`),
    is: 'markup',
  }),
  svg: (words) => ({
    mime: 'image/svg+xml',
    bytes: utf8(
      `<svg xmlns="http://www.w3.org/2000/svg" onload="ran(0)">${words
        .map((word) => `<title>${word}</title><foreignObject>${word}</foreignObject>`)
        .join('\n')}</svg>`,
    ),
    is: 'markup',
  }),
  pdf: (words) => ({
    mime: 'application/pdf',
    bytes: pdf(
      words.slice(0, 2).map(inPdf),
      `/OpenAction << /S /JavaScript /JS (${words.map(inPdf).join('; ')}) >> /AA << ${words
        .map((word) => `/WC << /S /URI /URI (${inPdf(word)}) >>`)
        .join(' ')} >>`,
    ),
    is: 'pdf',
  }),
  // What says that it is Matroska, and goes on with what is none.
  video: (words) => ({
    mime: 'video/webm',
    bytes: Buffer.concat([
      Buffer.from('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm', 'latin1'),
      Buffer.from(words.join('\0'), 'utf8'),
    ]),
    is: 'video',
  }),
  text: (words) => ({
    mime: 'text/html',
    bytes: utf8(`Dear Alice,\n${words.join('\n')}\n`),
    is: 'text',
  }),
  json: (words) => ({
    mime: 'application/json',
    bytes: utf8(
      `{${words.map((word) => `"__proto__": {${JSON.stringify(word)}: ${JSON.stringify(word)}}`)}}`,
    ),
    is: 'text',
  }),
};

/** Each kind has all words in it. */
export function hostileDocuments(): ReadonlyMap<Kind, readonly HostileDocument[]> {
  const parts = Array.from({ length: Math.ceil(hostileWords.length / WORDS_EACH) }, (_, part) =>
    hostileWords.slice(part * WORDS_EACH, (part + 1) * WORDS_EACH),
  );
  return new Map(
    DOCUMENT_KINDS.map((kind) => [
      kind,
      parts.map((words, part) => ({
        ...MAKERS[kind](words),
        name: `${kind}-${part}.${kind}`,
        words: words.length,
      })),
    ]),
  );
}

/** As a string of PDF (ISO 32000, 7.3.4.2), whose parentheses and backslashes mean something. */
function inPdf(words: string): string {
  return words.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/[\\()]/g, (char) => `\\${char}`);
}
