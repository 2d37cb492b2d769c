//! How often a password may be guessed: counted per bucket, in one place for all edges.

use aws_lc_rs::digest;
use bus_schemas::time::Timestamp;

/// Bytes of a bucket's name.
pub const BUCKET_BYTES: usize = 32;

/// Whose guesses are counted together. Only a hash: a name that nobody has is not to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket([u8; BUCKET_BYTES]);

impl Bucket {
    /// The bucket of this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        let mut bytes = [0; BUCKET_BYTES];
        bytes.copy_from_slice(hash.as_ref());
        Self(bytes)
    }

    /// What the store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; BUCKET_BYTES] {
        &self.0
    }
}

/// What is known about the guesses of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// Guesses in a row that were not right.
    pub failures: u32,
    /// When the next one is evaluated.
    pub next_at: Timestamp,
}
