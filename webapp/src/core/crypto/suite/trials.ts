/**
 * What a primitive must answer at the start to be used: a published vector, a round trip where
 * chance takes part, and a refusal of what must be refused. A trial that throws counts as failed.
 *
 * Vectors: FIPS 180-2 (SHA-256), RFC 4231 (HMAC), the GCM specification's test case 16, RFC 7748
 * (X25519), RFC 8032 (Ed25519), Wycheproof's first seed for ML-KEM-768.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, equal, fromHex, utf8 } from '../../bytes.ts';
import type { Primitives } from './primitives.ts';

export const trials: Readonly<Record<keyof Primitives, (of: Primitives) => Promise<boolean>>> = {
  sha256: async (of) => is(await of.sha256(utf8('abc')), SHA256_OF_ABC),
  hmac: async (of) =>
    is(await of.hmac(utf8('Jefe'), utf8('what do ya want for nothing?')), HMAC_OF_JEFE),
  aead: tryAead,
  x25519: tryX25519,
  mlKem: tryMlKem,
  ed25519: tryEd25519,
};

const SHA256_OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const HMAC_OF_JEFE = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';

const GCM = {
  key: hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'),
  nonce: hex('cafebabefacedbaddecaf888'),
  associated: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  plain: hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  ),
  sealed:
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
};

async function tryAead(of: Primitives): Promise<boolean> {
  const cipher = await of.aead(GCM.key);
  const sealed = await cipher.seal(GCM.nonce, GCM.associated, GCM.plain);
  const opened = await cipher.open(GCM.nonce, GCM.associated, sealed);
  const elsewhere = await cipher.open(GCM.nonce, GCM.nonce, sealed);
  return is(sealed, GCM.sealed) && opened !== null && equal(opened, GCM.plain) && !elsewhere;
}

const X25519 = {
  secret: hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
  publicKey: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
  theirs: hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
  shared: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
};

async function tryX25519(of: Primitives): Promise<boolean> {
  const { publicKeyOf, agree } = of.x25519;
  const zeros = await agree(X25519.secret, new Uint8Array(32));
  const shared = await agree(X25519.secret, X25519.theirs);
  return (
    is(await publicKeyOf(X25519.secret), X25519.publicKey) &&
    is(shared, X25519.shared) &&
    zeros === null
  );
}

const ML_KEM = {
  seed: hex(
    '7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f',
  ),
  publicKeySha256: '86adbca81f4fee893e2fb58fb98aa2fe188f501fed268d7f4056f8c05c4e53c4',
  /** What a ciphertext of zeros gives: the implicit rejection is a known answer too. */
  rejected: 'c5f71f0f8573ee4dd87963c57e16dbf69498afcd898270ebfcf27ea69f45e96e',
  publicKeyBytes: 1_184,
  ciphertextBytes: 1_088,
};

async function tryMlKem(of: Primitives): Promise<boolean> {
  const { publicKeyOf, encapsulate, decapsulate } = of.mlKem;
  const entropy = new Uint8Array(32);
  const publicKey = await publicKeyOf(ML_KEM.seed);
  const agreed = await encapsulate(publicKey, entropy);
  if (agreed === null) return false;
  const secret = await decapsulate(ML_KEM.seed, agreed.ciphertext);
  const unreduced = new Uint8Array(ML_KEM.publicKeyBytes).fill(0xff);
  return (
    is(sha256(publicKey), ML_KEM.publicKeySha256) &&
    secret !== null &&
    equal(secret, agreed.secret) &&
    is(await decapsulate(ML_KEM.seed, new Uint8Array(ML_KEM.ciphertextBytes)), ML_KEM.rejected) &&
    (await decapsulate(ML_KEM.seed, new Uint8Array(ML_KEM.ciphertextBytes - 1))) === null &&
    (await encapsulate(unreduced, entropy)) === null
  );
}

const ED25519 = {
  seed: hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  message: hex('72'),
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
};

async function tryEd25519(of: Primitives): Promise<boolean> {
  const { publicKeyOf, signingKeyOf, sign, verify } = of.ed25519;
  const publicKey = hex(ED25519.publicKey);
  const signature = await sign(await signingKeyOf(ED25519.seed), ED25519.message);
  return (
    is(await publicKeyOf(ED25519.seed), ED25519.publicKey) &&
    is(signature, ED25519.signature) &&
    (await verify(publicKey, ED25519.message, signature)) &&
    !(await verify(publicKey, utf8('another'), signature))
  );
}

function is(bytes: Uint8Array | null, expected: string): boolean {
  return bytes !== null && equal(bytes as Bytes, hex(expected));
}

function hex(text: string): Bytes {
  return fromHex(text) ?? new Uint8Array();
}
