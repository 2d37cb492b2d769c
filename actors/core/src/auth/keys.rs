//! Every server key, derived from one root secret of 32 bytes.
//!
//! HKDF gives each purpose a key of its own, so that an operator keeps and backs up one file, and
//! a key that leaks says nothing about the others.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus_schemas::auth::VerifyingKey;
use bus_schemas::secret::Secret;
use jsonwebtoken::{Algorithm, EncodingKey};
use zeroize::Zeroizing;

use super::refresh::RefreshToken;

/// Bytes of the root secret and of each key derived from it.
pub const KEY_BYTES: usize = 32;
/// Bytes of a verifying key's hash that name it in a token's header.
const KEY_ID_BYTES: usize = 8;

/// What auth needs to know that nobody else does.
pub struct Keys {
    signer: Signer,
    pepper: hmac::Key,
    refresh: hmac::Key,
}

impl Keys {
    /// The same root secret gives the same keys, on every replica and after every start.
    #[must_use]
    pub fn derive(root: &[u8; KEY_BYTES]) -> Self {
        let prk = Salt::new(HKDF_SHA256, b"dh-secure-chat root 1").extract(root);
        Self {
            signer: Signer::from_seed(&expand(&prk, b"access token signing key")),
            pepper: hmac_key(&prk, b"password pepper"),
            refresh: hmac_key(&prk, b"refresh token successor"),
        }
    }

    /// Signs access tokens.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The refresh token that replaces `token`: the same for each repeat.
    #[must_use]
    pub fn successor(&self, token: &RefreshToken) -> RefreshToken {
        token.successor(&self.refresh)
    }

    /// What is hashed in a password's place: `base64(HMAC-SHA-256(pepper, password))`.
    ///
    /// 44 characters, so that neither the 72-byte limit of bcrypt nor a NUL byte in a password
    /// matters, and stolen hashes are worth nothing without the pepper.
    #[must_use]
    pub fn pepper(&self, password: &Secret<String>) -> Secret<String> {
        let tag = hmac::sign(&self.pepper, password.expose().as_bytes());
        Secret::new(STANDARD.encode(tag))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// The key that signs access tokens, and its public half.
pub struct Signer {
    key: EncodingKey,
    public: VerifyingKey,
}

impl Signer {
    /// An Ed25519 key from its seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; KEY_BYTES]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
        let document = pair.to_pkcs8().expect("a key from a seed can be written down");
        let public = pair.public_key().as_ref().to_vec();
        let hash = digest::digest(&digest::SHA256, &public);
        let id = hex::encode(hash.as_ref().get(..KEY_ID_BYTES).unwrap_or_default());
        Self {
            key: EncodingKey::from_ed_der(document.as_ref()),
            public: VerifyingKey { id, key: public },
        }
    }

    /// What an edge needs to verify this key's tokens.
    #[must_use]
    pub const fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The last part of a token whose first two are `message`, whatever they say.
    #[must_use]
    pub fn sign(&self, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA)
            .expect("an Ed25519 key signs any bytes")
    }

    pub(super) const fn key(&self) -> &EncodingKey {
        &self.key
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public.id)
    }
}

/// The length of a derived key, in the words of the HKDF interface.
#[derive(Clone, Copy)]
struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

fn expand(prk: &Prk, purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    prk.expand(&[purpose], KeyLength)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .expect("HKDF gives 32 bytes");
    key
}

fn hmac_key(prk: &Prk, purpose: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, expand(prk, purpose).as_slice())
}
