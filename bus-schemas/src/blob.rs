//! Byte strings that mean something: public keys and fingerprints.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Code;
use crate::limit::{PUBLIC_KEY_BYTES_MAX, PUBLIC_KEY_BYTES_MIN};

/// An identity key in SPKI form, kept exactly as it was sent.
///
/// The server never uses it as a key; only the two browsers do.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "serde_bytes::ByteBuf", into = "serde_bytes::ByteBuf")]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// 32 to 4,096 bytes.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Code> {
        if (PUBLIC_KEY_BYTES_MIN..=PUBLIC_KEY_BYTES_MAX).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(Code::InvalidPublicKey)
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bytes)", self.0.len())
    }
}

impl TryFrom<serde_bytes::ByteBuf> for PublicKey {
    type Error = Code;

    fn try_from(bytes: serde_bytes::ByteBuf) -> Result<Self, Code> {
        Self::parse(bytes.into_vec())
    }
}

impl From<PublicKey> for serde_bytes::ByteBuf {
    fn from(key: PublicKey) -> Self {
        Self::from(key.0)
    }
}

/// SHA-256 of a stored public key, 64 lower-case hexadecimal digits.
///
/// A convenience of the interface only: whoever compares keys computes it in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// From the 32 bytes of the hash.
    #[must_use]
    pub fn new(hash: [u8; 32]) -> Self {
        Self(hex::encode(hash))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
