/** What two people compare: short codes, pictures of fingerprints, QR codes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, CAROL } from '../../test/builders.ts';
import {
  FINGERPRINT_PICTURES,
  FINGERPRINT_PICTURES_SHOWN,
  fingerprintPictures,
  PICTURES,
  pictureOf,
} from './pictures.ts';
import { compareScanned, pairingOf, qrText, readQrText } from './qr-code.ts';
import { shortCodeOf } from './short-code.ts';

const numbers = fc.array(fc.integer({ min: 0, max: 63 }), { minLength: 7, maxLength: 7 });
const print = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
  .map((digits) => digits.join(''));

describe('a short code', () => {
  it('[TRUST12] is seven pictures, and the same 42 bits as thirteen digits', () => {
    expect(shortCodeOf([0, 1, 2, 3, 4, 5, 63])).toEqual({
      pictures: ['dog', 'cat', 'horse', 'elephant', 'lion', 'rabbit', 'crown'],
      digits: '0001 108 099 455',
    });
    expect(shortCodeOf([0, 0, 0, 0, 0, 0, 0])?.digits).toBe('0000 000 000 000');
    expect(shortCodeOf(Array(7).fill(63))?.digits).toBe('4398 046 511 103');
  });

  it('[TRUST12] differs in words and in digits whenever it differs', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [a, b] = [shortCodeOf(one), shortCodeOf(other)];
        const same = `${one}` === `${other}`;
        expect(`${a?.pictures}` === `${b?.pictures}`).toBe(same);
        expect(a?.digits === b?.digits).toBe(same);
      }),
    );
    const near = Array.from({ length: 64 }, (_, n) => shortCodeOf([9, 9, 9, 9, 9, 9, n])?.digits);
    expect(new Set(near).size).toBe(64);
  });

  it('[TRUST12] is nothing but seven numbers from 0 to 63', () => {
    const wrong = [[], [1, 2, 3], Array(8).fill(1), [0, 0, 0, 0, 0, 0, 64], [0, 0, 0, 0, 0, 0, -1]];
    for (const no of [...wrong, [0, 0, 0, 0, 0, 0, 0.5]]) expect(shortCodeOf(no)).toBeNull();
  });
});

describe('the pictures', () => {
  it('[TRUST13] are 64, each with a name of its own', () => {
    expect(new Set(PICTURES).size).toBe(64);
    expect(() => pictureOf(64)).toThrow();
  });

  it('[TRUST14] of a fingerprint hold all of its bits; the first 22 are shown', () => {
    expect([FINGERPRINT_PICTURES, FINGERPRINT_PICTURES_SHOWN]).toEqual([43, 22]);
    fc.assert(
      fc.property(print, (fingerprint) => {
        const bits = fingerprintPictures(fingerprint)
          .map((name) => PICTURES.indexOf(name).toString(2).padStart(6, '0'))
          .join('');
        const back = BigInt(`0b${bits.slice(0, 256)}`)
          .toString(16)
          .padStart(64, '0');
        expect([bits.length, back]).toEqual([43 * 6, fingerprint]);
      }),
    );
  });
});

describe('a QR code', () => {
  const alice = { id: ALICE, fingerprint: 'a1'.repeat(32) };
  const bob = { id: BOB, fingerprint: 'b2'.repeat(32) };
  const carol = { id: CAROL, fingerprint: 'c3'.repeat(32) };
  const swapped = { id: BOB, fingerprint: 'd4'.repeat(32) };
  const pairing = pairingOf(alice, bob);

  it('[TRUST15] says the same on both screens: both ids and both whole fingerprints', () => {
    const text = qrText(pairing);
    expect(text).toBe(qrText(pairingOf(bob, alice)));
    expect(text).toBe(
      `DHCHAT:1/A11CE000000040008000000000000001/${'A1'.repeat(32)}/B0B00000000040008000000000000002/${'B2'.repeat(32)}`,
    );
    expect(readQrText(text)).toEqual(pairing);
  });

  it('[TRUST15] is read only as it is written', () => {
    const text = qrText(pairing);
    const [head, a, printA, b, printB] = text.split('/');
    const wrong = [
      '',
      text.toLowerCase(),
      `${text}\n`,
      ` ${text}`,
      text.slice(0, -1),
      `${text}0`,
      text.replace('DHCHAT:1', 'DHCHAT:2'),
      text.replace('A1A1', 'A1G1'),
      [head, b, printB, a, printA].join('/'),
      [head, a, printA, a, printB].join('/'),
      'https://example.org/',
    ];
    for (const no of wrong) {
      expect(readQrText(no)).toBeNull();
      expect(compareScanned(no, pairing)).toEqual({ is: 'unreadable' });
    }
  });

  it('[TRUST16] that was scanned says whether the keys are the same, and of whom they are not', () => {
    const scan = (...pair: Parameters<typeof pairingOf>) =>
      compareScanned(qrText(pairingOf(...pair)), pairing);
    expect(scan(bob, alice)).toEqual({ is: 'same' });
    expect(scan(alice, swapped)).toEqual({ is: 'differs', about: [BOB] });
    expect(scan({ ...alice, fingerprint: 'ee'.repeat(32) }, swapped)).toEqual({
      is: 'differs',
      about: [ALICE, BOB],
    });
    expect(scan(alice, carol)).toEqual({ is: 'otherPeople' });
    expect(scan(bob, carol)).toEqual({ is: 'otherPeople' });
  });
});
