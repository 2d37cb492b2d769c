/** What is announced of a file, and what of it is taken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes.ts';
import {
  type FileHeader,
  type FileMeta,
  isMime,
  isName,
  isSound,
  LIMITS,
  objectionTo,
  sendableMime,
  sendableName,
} from './header.ts';

const MIB = 1024 * 1024;
const FILE: FileMeta = {
  name: 'a.txt',
  mime: 'text/plain',
  size: 100,
  accessMode: 'both',
  kind: 'file',
  durationMs: null,
};
const VOICE: FileMeta = { ...FILE, mime: 'audio/webm', kind: 'voice', durationMs: 1_000 };
const VIDEO: FileMeta = { ...FILE, mime: 'video/webm', kind: 'video', durationMs: 1_000 };

/** Of any code units, halves of pairs included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 400 })
  .map((units) => String.fromCharCode(...units));

describe('a file that is announced', () => {
  it('[XFER18] has one byte to 50 MiB, a voice message 10 MiB and 5 minutes', () => {
    const objection = (meta: FileMeta) => objectionTo(meta, LIMITS);
    expect([FILE, VOICE, VIDEO].map(objection)).toEqual([null, null, null]);
    expect(objection({ ...FILE, size: 50 * MIB })).toBeNull();
    expect(objection({ ...FILE, size: 50 * MIB + 1 })).toBe('tooLarge');
    expect(objection({ ...VIDEO, size: 50 * MIB + 1 })).toBe('tooLarge');
    expect(objection({ ...VOICE, size: 10 * MIB })).toBeNull();
    expect(objection({ ...VOICE, size: 10 * MIB + 1 })).toBe('tooLarge');
    expect(objection({ ...VOICE, durationMs: 300_000 })).toBeNull();
    expect(objection({ ...VOICE, durationMs: 300_001 })).toBe('invalid');
    expect(objection({ ...FILE, size: 0 })).toBe('invalid');
    expect(objection({ ...FILE, size: 1.5 })).toBe('invalid');
    expect(objection({ ...FILE, size: 2 ** 53 })).toBe('invalid');
  });

  it('[XFER18] may be larger or must be smaller where the limits say so', () => {
    const gib = { ...LIMITS, fileBytesMax: 1024 * MIB };
    expect(objectionTo({ ...FILE, size: 1024 * MIB }, gib)).toBeNull();
    expect(objectionTo({ ...VOICE, size: 11 * MIB }, gib)).toBe('tooLarge');
    const small = { ...LIMITS, fileBytesMax: MIB };
    expect(objectionTo({ ...VOICE, size: MIB + 1 }, small)).toBe('tooLarge');
  });

  it('[XFER19] is played only in a known type and for a stated time', () => {
    const objection = (meta: FileMeta) => objectionTo(meta, LIMITS);
    for (const mime of ['text/html', 'video/webm', 'audio/webm;codecs=opus', 'audio/flac']) {
      expect(objection({ ...VOICE, mime })).toBe('invalid');
    }
    for (const mime of ['audio/webm', 'image/svg+xml']) {
      expect(objection({ ...VIDEO, mime })).toBe('invalid');
    }
    expect(objection({ ...VOICE, durationMs: null })).toBe('invalid');
    expect(objection({ ...VIDEO, durationMs: -1 })).toBe('invalid');
    expect(objection({ ...VIDEO, durationMs: 0.5 })).toBe('invalid');
    expect(objection({ ...FILE, durationMs: 1 })).toBe('invalid');
    expect(objection({ ...FILE, mime: 'audio/flac' })).toBeNull();
  });

  it('[XFER19] has a name that stays in its folder and reads as it is', () => {
    const bad = [
      '',
      '.',
      '..',
      '../a',
      'a/b',
      'a\\b',
      'a\0b',
      'a\nb',
      ' a',
      'a ',
      'ex\u202egpj.exe',
    ];
    const worse = ['a\u2066b', 'a\u200fb', '\ufeffa', 'a\u2028b', 'x'.repeat(256), 'é'.repeat(128)];
    for (const name of [...bad, ...worse, 'a\ud800']) expect(isName(name)).toBe(false);
    for (const name of ['a', '.env', 'Übung 1.pdf', 'день.txt', '📄.md', 'x'.repeat(255)]) {
      expect(isName(name)).toBe(true);
    }
    expect(objectionTo({ ...FILE, name: '../a' }, LIMITS)).toBe('invalid');
  });

  it('[XFER19] has a type in lower case without parameters', () => {
    for (const mime of ['', 'text', 'text/', '/plain', 'Text/plain', 'a/b;c', 'a/b c', 'a/b/c']) {
      expect(isMime(mime)).toBe(false);
    }
    expect(isMime(`a/${'b'.repeat(128)}`)).toBe(false);
    for (const mime of ['text/plain', 'image/svg+xml', 'application/vnd.ms-excel']) {
      expect(isMime(mime)).toBe(true);
    }
  });

  it('[XFER19] has a lane, a key, and chunks of 4 to 192 KiB', () => {
    const sound: FileHeader = {
      ...FILE,
      lane: 2,
      fileKey: new Uint8Array(32),
      prefix: new Uint8Array(7),
      chunkBytes: 65_536,
    };
    expect(isSound(sound)).toBe(true);
    for (const chunkBytes of [4_096, 196_608]) expect(isSound({ ...sound, chunkBytes })).toBe(true);
    for (const chunkBytes of [0, 4_095, 196_609, 1.5]) {
      expect(isSound({ ...sound, chunkBytes })).toBe(false);
    }
    for (const lane of [0, 1, 2.5, 2 ** 32]) expect(isSound({ ...sound, lane })).toBe(false);
    expect(isSound({ ...sound, fileKey: new Uint8Array(16) })).toBe(false);
    expect(isSound({ ...sound, prefix: new Uint8Array(8) })).toBe(false);
    expect(isSound({ ...sound, size: 2 ** 50 })).toBe(false);
  });

  it('[XFER20] is sent under a name and a type that will be taken', () => {
    expect(sendableName('a/b\\c\u202e.txt')).toBe('a_b_c_.txt');
    expect(sendableName('  notes.txt ')).toBe('notes.txt');
    expect(sendableName('..')).toBe('file');
    expect(sendableName('')).toBe('file');
    expect(sendableName(`${'é'.repeat(200)}.pdf`)).toMatch(/^é{125}\.pdf$/);
    expect(sendableMime('Audio/WebM; codecs=opus')).toBe('audio/webm');
    expect(sendableMime('')).toBe('application/octet-stream');
    fc.assert(
      fc.property(anyText, (name) => {
        expect(isName(sendableName(name))).toBe(true);
        expect(utf8(sendableName(name)).length).toBeLessThanOrEqual(255);
      }),
    );
    fc.assert(fc.property(fc.string(), (mime) => isMime(sendableMime(mime))));
  });
});
