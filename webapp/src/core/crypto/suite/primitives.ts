/**
 * The primitives that the channel is made of, whoever computes them: Web Crypto where it has
 * them, a library where it has not. Same input, same output, byte for byte.
 *
 * Secrets are raw bytes in and out, so that whoever holds them may overwrite them. Only the
 * identity key is more than bytes: it may be one that cannot be exported.
 */
import type { Bytes } from '../../bytes.ts';

/** AES-256-GCM (NIST SP 800-38D) under one key; nonces have 12 bytes, tags 16. */
export type Aead = {
  seal(nonce: Bytes, associated: Bytes, plain: Bytes): Promise<Bytes>;
  /** `null` for anything that was not sealed under this key, nonce and associated data. */
  open(nonce: Bytes, associated: Bytes, sealed: Bytes): Promise<Bytes | null>;
};

/** A private Ed25519 key as this browser can hold it. */
export type SigningKey =
  | { readonly is: 'handle'; readonly key: CryptoKey }
  /** Where there are no handles for such keys: the 32 bytes of RFC 8032. */
  | { readonly is: 'seed'; readonly seed: Bytes };

/** What came of an encapsulation: 1,120 bytes for the peer, 32 bytes shared. */
export type Encapsulated = { readonly ciphertext: Bytes; readonly secret: Bytes };

export type Primitives = {
  sha256(data: Bytes): Promise<Bytes>;
  /** HMAC-SHA-256 (RFC 2104). */
  hmac(key: Bytes, data: Bytes): Promise<Bytes>;
  /** A cipher under a key of 32 bytes. */
  aead(key: Bytes): Promise<Aead>;
  readonly x25519: {
    publicKeyOf(secret: Bytes): Promise<Bytes>;
    /** `null` for a result of zeros, and for what is no public key (RFC 7748, section 6.1). */
    agree(secret: Bytes, publicKey: Bytes): Promise<Bytes | null>;
  };
  /** ML-KEM-768 (FIPS 203); the private key is its seed `d ‖ z` of 64 bytes. */
  readonly mlKem: {
    publicKeyOf(seed: Bytes): Promise<Bytes>;
    /**
     * `null` for a malformed public key. An implementation that makes its own chance does not
     * look at the 32 bytes of entropy.
     */
    encapsulate(publicKey: Bytes, entropy: Bytes): Promise<Encapsulated | null>;
    /** `null` for a ciphertext of another length; any other gives a secret (implicit rejection). */
    decapsulate(seed: Bytes, ciphertext: Bytes): Promise<Bytes | null>;
  };
  readonly ed25519: {
    publicKeyOf(seed: Bytes): Promise<Bytes>;
    /** The key as it signs here: a handle that cannot be exported where there are such. */
    signingKeyOf(seed: Bytes): Promise<SigningKey>;
    sign(key: SigningKey, message: Bytes): Promise<Bytes>;
    /**
     * False for a signature that is not of this key, and for a key that is none or of small order.
     */
    verify(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean>;
  };
};
