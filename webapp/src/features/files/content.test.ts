/** What a file is by its bytes, whatever anybody says. */
import { describe, expect, it } from 'vitest';
import { type Content, contentOf, HEAD_BYTES, isMisnamed, isViewable } from './content.ts';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);
const is = (head: Uint8Array) => {
  const content = contentOf(head);
  return 'type' in content ? content.type : content.is;
};

describe('what a file is', () => {
  it('[UI72] is told by its first bytes', () => {
    const known: readonly [string, string][] = [
      ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'image/png'],
      ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
      ['GIF89a\x01\0', 'image/gif'],
      ['RIFF\x24\0\0\0WEBPVP8 ', 'image/webp'],
      ['BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'image/bmp'],
      ['\0\0\0\x1cftypavif', 'image/avif'],
      ['\0\0\0\x20ftypisom\0\0\x02\0', 'video/mp4'],
      ['\0\0\0\x20ftypmp42', 'video/mp4'],
      ['\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm', 'video/webm'],
      ['OggS\0\x02\0\0\x80theora', 'video/ogg'],
      ['OggS\0\x02\0\0OpusHead', 'audio/ogg'],
      ['\0\0\0\x20ftypM4A ', 'audio/mp4'],
      ['ID3\x04\0', 'audio/mpeg'],
      ['RIFF\x24\0\0\0WAVEfmt ', 'audio/wav'],
      ['fLaC\0\0\0\x22', 'audio/flac'],
      ['%PDF-1.7\n%\xe2\xe3', 'pdf'],
      ['PK\x03\x04\x14\0', 'archive'],
      ['MZ\x90\0', 'program'],
      ['\x7fELF\x02', 'program'],
      ['#!/bin/sh\n', 'program'],
      ['\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska', 'unknown'],
      ['\0\0\0\x14ftypqt  ', 'unknown'],
      ['\0\x01\x02\x03', 'unknown'],
      ['', 'unknown'],
    ];
    for (const [head, kind] of known) expect([head, is(bytes(head))]).toEqual([head, kind]);
  });

  it('[UI72] is text when it reads as text, also in Russian and when the head cuts a character', () => {
    expect(is(utf8('a list\n\tof things\r\n'))).toBe('text');
    const russian = utf8('Список вещей\n'.repeat(400)).subarray(0, HEAD_BYTES - 1);
    expect(is(russian)).toBe('text');
    expect(contentOf(bytes('\xff\xfea\0b\0'))).toEqual({ is: 'text', encoding: 'utf-16le' });
    expect(contentOf(bytes('\xfe\xff\0a\0b'))).toEqual({ is: 'text', encoding: 'utf-16be' });
    expect(is(bytes('\xe9t\xe9 1999'))).toBe('unknown');
    expect(is(utf8('text with a \0 in it'))).toBe('unknown');
    expect(is(utf8('BM is how this begins, and no picture'))).toBe('text');
  });

  it('[UI72] is markup when a browser could make a document of it, whatever it is called', () => {
    const documents = [
      '<!doctype html><script>alert(1)</script>',
      '\ufeff \n<html>',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      '<?xml version="1.0"?><svg/>',
      '<!-- a comment --><body onload=alert(1)>',
    ];
    for (const text of documents) {
      expect(is(utf8(text))).toBe('markup');
      expect(isViewable(contentOf(utf8(text)))).toBe(false);
    }
  });

  it('[UI72] of two things at once is the one that it begins with, and no other', () => {
    expect(is(bytes('GIF89a/*<script>alert(1)</script>*/'))).toBe('image/gif');
    expect(is(bytes('%PDF-1.7\n<script>alert(1)</script>'))).toBe('pdf');
    expect(is(bytes('<script>alert(1)</script>\n%PDF-1.7'))).toBe('markup');
  });
});

describe('a name', () => {
  const content = (text: string): Content => contentOf(bytes(text));

  it('[UI72] that promises something else is noticed', () => {
    expect(isMisnamed('a.png', content('MZ\x90\0'))).toBe(true);
    expect(isMisnamed('a.PDF', content('<html>'))).toBe(true);
    expect(isMisnamed('a.jpg', content('\x89PNG\r\n\x1a\n'))).toBe(false);
    expect(isMisnamed('a.pdf', content('%PDF-1.4'))).toBe(false);
    expect(isMisnamed('a.docx', content('PK\x03\x04'))).toBe(false);
    expect(isMisnamed('a.strange', content('MZ'))).toBe(false);
    expect(isMisnamed('png', content('MZ'))).toBe(false);
    expect(isMisnamed('a.constructor', content('MZ'))).toBe(false);
    expect(isMisnamed('__proto__', content('MZ'))).toBe(false);
  });
});
