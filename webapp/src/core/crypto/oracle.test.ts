/**
 * Other hands on the same cryptography: published vectors for what Web Crypto does, and a whole
 * answerer written with @noble/* after the words of `handshake.ts`, not with its code.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, fromHex, toHex, utf8 } from '../bytes.ts';
import { fingerprintOf } from './fingerprint.ts';
import { fromSpki, makeIdentity, toSpki } from './identity.ts';
import { noble } from './suite/noble.ts';

function hex(text: string): Bytes {
  return fromHex(text) ?? new Uint8Array();
}

describe('published vectors', () => {
  it('[HS11] X25519 is that of RFC 7748, section 6.1', async () => {
    // PKCS #8 of an X25519 key up to the key itself: RFC 8410, section 7.
    const prefix = hex('302e020100300506032b656e04220420');
    const scalar = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const point = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const usages: KeyUsage[] = ['deriveBits'];
    const der = concat(prefix, scalar);
    const own = await crypto.subtle.importKey('pkcs8', der, 'X25519', false, usages);
    const theirs = await crypto.subtle.importKey('raw', point, 'X25519', false, []);
    const bits = await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, own, 256);
    expect(toHex(new Uint8Array(bits))).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('[HS11] Ed25519 is that of RFC 8032, section 7.1', async () => {
    const first = {
      key: hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
      message: new Uint8Array(),
      signature: hex(
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      ),
    };
    const second = {
      key: hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
      message: hex('72'),
      signature: hex(
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      ),
    };
    for (const { key, message, signature } of [first, second]) {
      expect(await noble.ed25519.verify(key, message, signature)).toBe(true);
      expect(await noble.ed25519.verify(key, utf8('another'), signature)).toBe(false);
    }
    expect(await noble.ed25519.verify(second.key, first.message, first.signature)).toBe(false);
  });

  it('[HS11] HKDF is that of RFC 5869, appendix A.1', async () => {
    const input = await crypto.subtle.importKey('raw', hex('0b'.repeat(22)), 'HKDF', false, [
      'deriveBits',
    ]);
    const salt = hex('000102030405060708090a0b0c');
    const info = hex('f0f1f2f3f4f5f6f7f8f9');
    const algorithm = { name: 'HKDF', hash: 'SHA-256', salt, info };
    const bits = await crypto.subtle.deriveBits(algorithm, input, 8 * 42);
    expect(toHex(new Uint8Array(bits))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });

  it('[CHAN6] AES-256-GCM is that of the GCM specification, test case 14', async () => {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, [
      'encrypt',
    ]);
    const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
    const sealed = await crypto.subtle.encrypt(algorithm, key, new Uint8Array(16));
    expect(toHex(new Uint8Array(sealed))).toBe(
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    );
  });
});

describe('another implementation', () => {
  it('[HS12] has the same fingerprints, of the same SPKI bytes', async () => {
    const { publicKey } = await makeIdentity();
    const spki = concat(hex('302a300506032b6570032100'), publicKey);
    expect(toSpki(publicKey)).toEqual(spki);
    expect(fromSpki(spki)).toEqual(publicKey);
    expect(await fingerprintOf(publicKey)).toBe(toHex(ownBytes(sha256(spki))));
    const p256 = concat(hex('3059301306072a8648ce3d020106082a8648ce3d030107034200'), publicKey);
    for (const odd of [p256, spki.slice(1), new Uint8Array(44)]) expect(fromSpki(odd)).toBeNull();
  });
});

function ownBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}
