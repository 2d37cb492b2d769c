/**
 * What becomes a link, and what stays text.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Piece, piecesOf } from './links.ts';

const linksIn = (text: string) =>
  piecesOf(text).filter((piece): piece is Piece & { is: 'link' } => piece.is === 'link');
const writtenIn = (text: string) => linksIn(text).map((link) => link.text);

describe('a text', () => {
  it.each([
    ['see https://example.org/a?b=c#d now', ['https://example.org/a?b=c#d']],
    ['http://example.org and HTTPS://EXAMPLE.ORG', ['http://example.org', 'HTTPS://EXAMPLE.ORG']],
    ['write to mailto:bob@example.org', ['mailto:bob@example.org']],
    ['(https://example.org/a)', ['https://example.org/a']],
    ['https://example.org/a_(b), then', ['https://example.org/a_(b)']],
    ['[1]: https://example.org/a].', ['https://example.org/a']],
    ['"https://example.org"', ['https://example.org']],
    ['«https://example.org/»!', ['https://example.org/']],
    ['Смотри https://example.org/путь…', ['https://example.org/путь']],
    ['https://example.org:8443/x', ['https://example.org:8443/x']],
    ['a\nhttps://example.org\nb', ['https://example.org']],
  ])('[UI64] has links where they are written out: %j', (text, links) => {
    expect(writtenIn(text)).toEqual(links);
  });

  it.each([
    'example.org and www.example.org',
    'bob@example.org',
    'javascript:alert(1)',
    'javascript://example.org/%0aalert(1)',
    'data:text/html,<b>x</b>',
    'file:///etc/passwd',
    'ftp://example.org',
    'xhttps://example.org',
    'https://',
    'https:// example.org',
    'https://bank.example@evil.example/',
    'https://user:word@example.org/',
    'https://localhost',
    'mailto:bob@example.org?body=x',
    'mailto:a@b@c.example',
    `https://example.org/${'a'.repeat(2_000)}`,
  ])('[UI64] has none in %j', (text) => {
    expect(linksIn(text)).toEqual([]);
  });

  it('[UI64] names the host that is meant where another is seen', () => {
    const hosts = (text: string) => linksIn(text).map(({ host }) => host);
    expect(hosts('https://example.org/a https://EXAMPLE.org')).toEqual([null, null]);
    // The first letter is Cyrillic.
    expect(hosts('https://\u0430pple.example/')).toEqual(['xn--pple-43d.example']);
    expect(hosts('https://пример.рф')).toEqual(['xn--e1afmkfd.xn--p1ai']);
    expect(hosts('https://ex%61mple.org/')).toEqual(['example.org']);
    expect(hosts('https://3232235777.')).toEqual(['192.168.1.1']);
    expect(hosts('https://0xc0.0xa8.1.1/')).toEqual(['192.168.1.1']);
    expect(hosts('mailto:bob@example.org')).toEqual([null]);
  });

  it('[UI64] has no character in a link that nobody sees, or that turns others around', () => {
    expect(writtenIn('https://example.org/\u202egpj.exe')).toEqual(['https://example.org/']);
    expect(writtenIn('https://exam\u200dple.org')).toEqual([]);
  });

  it('[UI64] is the same text, whatever it is, and goes only where it may', () => {
    const bits = fc.constantFrom(
      'https://',
      'http://',
      'mailto:',
      'a.b',
      '@',
      '/',
      '?',
      ')',
      '(',
      ' ',
      '.',
      'ж',
      '\u202e',
      '"',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(bits).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const pieces = piecesOf(text);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        for (const piece of pieces) {
          if (piece.is === 'link') expect(piece.href).toMatch(/^(https?:\/\/|mailto:)/);
        }
      }),
    );
  });

  it('[UI64] is looked through in a time that grows with its length, not faster', () => {
    const hard = 'https://a.b/('.repeat(300) + ')'.repeat(100);
    expect(
      piecesOf(hard)
        .map(({ text }) => text)
        .join(''),
    ).toBe(hard);
  });
});
