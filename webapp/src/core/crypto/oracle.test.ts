/**
 * Other hands on the same cryptography: published vectors for what Web Crypto does, and a whole
 * answerer written with @noble/* after the words of `handshake.ts`, not with its code.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, DEPLOYMENT, frameId } from '../../test/builders.ts';
import { seededRandom } from '../../test/seeded-random.ts';
import { type Bytes, concat, fromHex, lengthPrefixed, toHex, uint, utf8 } from '../bytes.ts';
import { frameIdBytes, userIdBytes } from '../wire/ids.ts';
import { fingerprintOf } from './fingerprint.ts';
import { Offer } from './handshake.ts';
import { fromSpki, makeIdentity, toSpki, verify } from './identity.ts';

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
      expect(await verify(key, message, signature)).toBe(true);
      expect(await verify(key, utf8('another'), signature)).toBe(false);
    }
    expect(await verify(second.key, first.message, first.signature)).toBe(false);
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
  it('[HS11] answers an offer and shares the channel', async () => {
    const secretB = random.bytes(32);
    const publicB = ownBytes(ed25519.getPublicKey(secretB));
    const alice = await makeIdentity();
    const offer = await Offer.make(
      {
        deployment: DEPLOYMENT,
        self: { id: ALICE, identity: alice },
        peer: { id: BOB, publicKey: publicB },
      },
      random,
    );
    const other = answerWithNoble(offer.message, secretB);
    const confirmation = await offer.accept(other.message);
    const { finish, channel } = other.confirm(confirmation.message, alice.publicKey);
    const ours = await confirmation.finish(finish);

    const outside = { label: 'message', id: frameId(3) } as const;
    const { body } = await ours.seal(outside, utf8('hello'));
    expect(channel.open(body, 'message', frameIdBytes(outside.id))).toBe('hello');
  });

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

const random = seededRandom(11);
const noNonce = new Uint8Array(12);

function ownBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

function hash(...parts: Bytes[]): Bytes {
  return ownBytes(sha256(lengthPrefixed(...parts)));
}

/** B of the handshake: takes M1, gives M2; takes M3, gives M4 and the way to open A's records. */
function answerWithNoble(m1: Bytes, secret: Bytes) {
  const [nA, eA] = [m1.slice(2, 34), m1.slice(34, 66)];
  const nB = random.bytes(32);
  const ephemeral = random.bytes(32);
  const eB = ownBytes(x25519.getPublicKey(ephemeral));
  const shared = x25519.getSharedSecret(ephemeral, eA);
  const derive = (purpose: string, transcript: Bytes) =>
    hkdf(sha256, shared, transcript, utf8(`dhsc/1 ${purpose}`), 32);

  const suite = utf8('X25519 Ed25519 HKDF-SHA-256 HMAC-SHA-256 AES-256-GCM');
  const prologue = lengthPrefixed(
    utf8('dhsc'),
    Uint8Array.of(1),
    suite,
    utf8(DEPLOYMENT),
    utf8('A'),
    userIdBytes(ALICE),
    utf8('B'),
    userIdBytes(BOB),
  );
  const th2 = hash(prologue, nA, eA, nB, eB);
  const publicB = ownBytes(ed25519.getPublicKey(secret));
  const signature = ed25519.sign(
    lengthPrefixed(utf8('dhsc/1 signature'), utf8('B'), th2, publicB),
    secret,
  );
  const covered = lengthPrefixed(utf8('B'), th2, publicB, ownBytes(signature));
  const mac = hmac(sha256, derive('mac B', th2), covered);
  const content2 = concat(publicB, ownBytes(signature), ownBytes(mac));
  const box2 = ownBytes(gcm(derive('box 2', th2), noNonce, th2).encrypt(content2));
  const tag = ownBytes(sha256(m1)).slice(0, 16);
  const th3 = hash(th2, content2);

  const confirm = (m3: Bytes, publicA: Bytes) => {
    const content3 = ownBytes(gcm(derive('box 3', th3), noNonce, th3).decrypt(m3.slice(17)));
    const signatureA = content3.slice(32, 96);
    const signedA = lengthPrefixed(utf8('dhsc/1 signature'), utf8('A'), th3, publicA, publicB);
    expect(ed25519.verify(signatureA, signedA, publicA)).toBe(true);
    const coveredA = lengthPrefixed(utf8('A'), th3, publicA, publicB, signatureA);
    expect(content3.slice(96)).toEqual(ownBytes(hmac(sha256, derive('mac A', th3), coveredA)));
    const th4 = hash(th3, content3);
    const finished = lengthPrefixed(utf8('dhsc/1 finished'), utf8('B'), th4);
    const mac4 = hmac(sha256, derive('finished', th4), finished);
    const box4 = ownBytes(gcm(derive('box 4', th4), noNonce, th4).encrypt(mac4));
    const open = (body: Bytes, label: string, id: Bytes) => {
      const counter = body.slice(0, 8);
      const outside = lengthPrefixed(
        utf8('dhsc/1 record'),
        ownBytes(derive('channel id', th4)),
        utf8('A to B'),
        counter,
        utf8(label),
        id,
      );
      const nonce = concat(uint(0, 4), counter);
      const whole = gcm(derive('A to B', th4), nonce, outside).decrypt(body.slice(8));
      const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0);
      return new TextDecoder().decode(whole.slice(4, 4 + length));
    };
    return { finish: concat(Uint8Array.of(4), tag, box4), channel: { open } };
  };
  return { message: concat(Uint8Array.of(2), tag, nB, eB, box2), confirm };
}
