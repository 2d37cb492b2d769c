//! Every server key, derived from one root secret of 32 bytes.
//!
//! HKDF gives each purpose a key of its own, so that an operator keeps and backs up one file, and
//! a key that leaks says nothing about the others.
//!
//! ```text
//!   periods      │    p-1    │     p     │    p+1    │    p+2
//!   signs        │           │  key p    │  key p+1  │
//!   edges know   │  key p    │  key p    │  key p    │
//! ```
//!
//! Time alone changes the key that signs access tokens. Nothing is stored and nobody is asked:
//! each replica finds the same key at the same time, and an edge knows it for a whole period
//! before it is used and a whole period after.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus_schemas::auth::VerifyingKey;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use zeroize::Zeroizing;

use super::device::Device;
use super::refresh::RefreshToken;

/// Bytes of the root secret and of each key derived from it.
pub const KEY_BYTES: usize = 32;
/// How long one key signs access tokens: a day, many times the life of a token and of whatever
/// keeps an edge from hearing of the next key.
pub const SIGNING_PERIOD_SECONDS: i64 = 24 * 60 * 60;
/// Bytes of a verifying key's hash that name it in a token's header.
const KEY_ID_BYTES: usize = 8;

/// What auth needs to know that nobody else does.
pub struct Keys {
    root: Prk,
    pepper: hmac::Key,
    refresh: hmac::Key,
    device: hmac::Key,
}

impl Keys {
    /// The same root secret gives the same keys, on every replica and after every start.
    #[must_use]
    pub fn derive(root: &[u8; KEY_BYTES]) -> Self {
        let root = Salt::new(HKDF_SHA256, b"dh-secure-chat root 1").extract(root);
        Self {
            pepper: hmac_key(&root, b"password pepper"),
            refresh: hmac_key(&root, b"refresh token successor"),
            device: hmac_key(&root, b"device cookie"),
            root,
        }
    }

    /// Signs access tokens at this moment.
    #[must_use]
    pub fn signer(&self, now: Timestamp) -> Signer {
        self.signer_of(period(now))
    }

    /// What an edge needs to verify every token that is good at this moment, and those of the
    /// period that comes: the keys of the previous, the present and the next period.
    #[must_use]
    pub fn verifying(&self, now: Timestamp) -> Vec<VerifyingKey> {
        let present = period(now);
        let periods = [present.saturating_sub(1), present, present.saturating_add(1)];
        periods.map(|period| self.signer_of(period).public).into()
    }

    fn signer_of(&self, period: i64) -> Signer {
        let purpose: &[&[u8]] = &[b"access token signing key", &period.to_be_bytes()];
        Signer::from_seed(&expand(&self.root, purpose))
    }

    /// The cookie of a browser that the account was signed in from with this password.
    #[must_use]
    pub fn device_cookie(&self, device: &Device, password_version: i64) -> Secret<String> {
        device.text(&self.device, password_version)
    }

    /// Reads such a cookie; `None` if it is not one of ours, or was given for another password.
    /// Where there is no account there is no version: `None` as well, after the same steps.
    #[must_use]
    pub fn device(&self, cookie: &str, password_version: Option<i64>) -> Option<Device> {
        Device::read(cookie, &self.device, password_version)
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

/// Which period of signing a moment belongs to.
const fn period(now: Timestamp) -> i64 {
    now.0.div_euclid(SIGNING_PERIOD_SECONDS)
}

fn expand(prk: &Prk, purpose: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    prk.expand(purpose, KeyLength)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .expect("HKDF gives 32 bytes");
    key
}

fn hmac_key(prk: &Prk, purpose: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, expand(prk, &[purpose]).as_slice())
}
