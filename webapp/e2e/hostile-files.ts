/**
 * Files and names that want more than to be looked at. Whatever in them runs sets `pwned` on the
 * window that it runs in, or asks for an address that nobody serves: a test looks for both.
 */
import { pdf, png, pngOf, type SampleFile } from './sample-files.ts';

/** What every script of these files does when it runs. */
export const SCRIPT = "window.pwned=1;new Image().src='http://127.0.0.1:9/pwned'";

/** What the page must make of a file. */
export type HostileFile = SampleFile & {
  readonly is:
    | 'picture'
    | 'video'
    | 'sound'
    | 'pdf'
    | 'text'
    | 'markup'
    | 'archive'
    | 'program'
    | 'unknown';
};

const utf8 = (text: string) => Buffer.from(text, 'utf8');
const bytes = (text: string) => Buffer.from(text, 'latin1');

const html = `<!doctype html><script>${SCRIPT}</script><img src=x onerror="${SCRIPT}">`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${SCRIPT}"><script>${SCRIPT}</script><rect width="9" height="9"/></svg>`;

/** Names that a peer's client may send although ours would not, and some that ours sends as well. */
export const HOSTILE_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  `<img src=x onerror="${SCRIPT}">.png`,
  `"><script>${SCRIPT}</script>`,
  `{{name}}$t(files.save)`,
  `javascript:${SCRIPT}`,
  'photo.png                                                                    .exe',
  'שלום-.gpj.exe',
  'a'.repeat(251),
  '🗝️'.repeat(20),
  'Z̛̺a̸̪l̶̡g̵̢o̷̳'.repeat(8),
  'CON',
  '-rf',
];

export function hostileFiles(): readonly HostileFile[] {
  return [...documents(), ...documentsInDisguise(), ...twoThingsAtOnce(), ...broken(), ...others()];
}

function documents(): readonly HostileFile[] {
  return [
    { name: 'page.html', mime: 'text/html', bytes: utf8(html), is: 'markup' },
    { name: 'drawing.svg', mime: 'image/svg+xml', bytes: utf8(svg), is: 'markup' },
    {
      name: 'page.xhtml',
      mime: 'application/xhtml+xml',
      bytes: utf8(
        `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>${SCRIPT}</script></html>`,
      ),
      is: 'markup',
    },
  ];
}

function documentsInDisguise(): readonly HostileFile[] {
  return [
    { name: 'photo.png', mime: 'image/png', bytes: utf8(html), is: 'markup' },
    { name: 'photo.jpg', mime: 'image/svg+xml', bytes: utf8(`\ufeff \n${svg}`), is: 'markup' },
    { name: 'list.pdf', mime: 'application/pdf', bytes: utf8(html), is: 'markup' },
    { name: 'notes.txt', mime: 'text/html', bytes: utf8(`Dear Alice\n${html}`), is: 'text' },
    { name: 'film.mp4', mime: 'text/html', bytes: utf8(`\n\n<!-- -->${html}`), is: 'markup' },
    { name: 'photo.png', mime: 'text/html', bytes: png(8, 8), is: 'picture' },
  ];
}

function twoThingsAtOnce(): readonly HostileFile[] {
  return [
    {
      name: 'both.gif',
      mime: 'text/javascript',
      bytes: utf8(`GIF89a=1;${SCRIPT}//`),
      is: 'picture',
    },
    {
      name: 'both.png',
      mime: 'text/html',
      bytes: Buffer.concat([png(8, 8), utf8(html)]),
      is: 'picture',
    },
    { name: 'both.pdf', mime: 'text/html', bytes: utf8(`%PDF-1.7\n${html}`), is: 'pdf' },
    {
      name: 'script.pdf',
      mime: 'application/pdf',
      bytes: pdf(
        ['This page has a script.'],
        `/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); ${SCRIPT}) >> /AA << /WC << /S /URI /URI (http://127.0.0.1:9/pwned) >> >>`,
      ),
      is: 'pdf',
    },
    {
      name: 'form.pdf',
      mime: 'application/pdf',
      bytes: pdf(['A form.'], '/AcroForm << /XFA (<xdp:xdp/>) /Fields [] >> /NeedsRendering true'),
      is: 'pdf',
    },
  ];
}

function broken(): readonly HostileFile[] {
  return [
    {
      name: 'film.mp4',
      mime: 'video/mp4',
      bytes: bytes(`\0\0\0\x20ftypisom${'\xff'.repeat(300)}`),
      is: 'video',
    },
    {
      name: 'film.webm',
      mime: 'video/webm',
      bytes: bytes(`\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm${'\0'.repeat(90)}`),
      is: 'video',
    },
    {
      name: 'tone.mp3',
      mime: 'audio/mpeg',
      bytes: bytes(`ID3\x04${'\x7f'.repeat(90)}`),
      is: 'sound',
    },
    { name: 'half.png', mime: 'image/png', bytes: png(64, 64).subarray(0, 60), is: 'picture' },
    {
      name: 'vast.png',
      mime: 'image/png',
      bytes: pngOf(60_000, 60_000, Buffer.alloc(20)),
      is: 'picture',
    },
    {
      name: 'half.pdf',
      mime: 'application/pdf',
      bytes: pdf(['Cut short.']).subarray(0, 90),
      is: 'pdf',
    },
  ];
}

function others(): readonly HostileFile[] {
  return [
    { name: 'list.pdf.exe', mime: 'application/pdf', bytes: bytes('MZ\x90\0\x03'), is: 'program' },
    { name: 'list.pdf', mime: 'application/pdf', bytes: bytes('MZ\x90\0\x03'), is: 'program' },
    { name: 'run.txt', mime: 'text/plain', bytes: utf8('#!/bin/sh\nrm -rf ~\n'), is: 'program' },
    { name: 'many.zip', mime: 'application/zip', bytes: bytes('PK\x03\x04\x14\0'), is: 'archive' },
    {
      name: 'turned.txt',
      mime: 'text/plain',
      bytes: utf8('a \u202egnp.exe\u202c b\n\u2066\u2066\u2066'),
      is: 'text',
    },
    { name: 'noise', mime: 'image/png', bytes: bytes('\0\x01\x02\x03\xfe\xff'), is: 'unknown' },
  ];
}
