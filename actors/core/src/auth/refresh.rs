//! Refresh tokens: one use each, a short grace for honest repeats, and an end for thieves.
//!
//! ```text
//!            presented            presented again                presented again
//!   Fresh ─────────────▶ Used ──────────────────────▶ Repeat   ──────────────────▶ Reuse
//!     │                        within 10 s, or within           any later, and the
//!     │ expires_at             60 s while the successor         whole Login ends
//!     ▼                        was not used itself
//!   Expired
//! ```
//!
//! A successor is derived from the token it replaces, so that whoever repeats gets the same one
//! without any token being stored in the clear.

use std::fmt;

use aws_lc_rs::{digest, hmac};
use bus_schemas::limit::{REFRESH_GRACE_SECONDS, REFRESH_RETRY_SECONDS};
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;

/// Bytes of a token and of its hash.
pub const REFRESH_TOKEN_BYTES: usize = 32;

/// A refresh token in the clear. Only its holder has it; the store has its [`RefreshHash`].
pub struct RefreshToken(Secret<[u8; REFRESH_TOKEN_BYTES]>);

impl RefreshToken {
    /// The first token of a Login, from random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; REFRESH_TOKEN_BYTES]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Reads a cookie: 64 lower-case hexadecimal digits; `None` if it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        let mut bytes = [0; REFRESH_TOKEN_BYTES];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self::from_random(bytes))
    }

    /// The text of the cookie.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        Secret::new(hex::encode(self.0.expose()))
    }

    /// What the store keeps of it.
    #[must_use]
    pub fn hash(&self) -> RefreshHash {
        let hash = digest::digest(&digest::SHA256, self.0.expose());
        RefreshHash(bytes(hash.as_ref()))
    }

    /// See [`super::keys::Keys::successor`].
    pub(super) fn successor(&self, key: &hmac::Key) -> Self {
        Self::from_random(bytes(hmac::sign(key, self.0.expose()).as_ref()))
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

/// SHA-256 of a refresh token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefreshHash([u8; REFRESH_TOKEN_BYTES]);

impl RefreshHash {
    /// The bytes, for a store's column.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; REFRESH_TOKEN_BYTES] {
        &self.0
    }
}

impl fmt::Debug for RefreshHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshHash(…)")
    }
}

/// What the store knows about a presented token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// When it ends unused.
    pub expires_at: Timestamp,
    /// Its first use; absent while it is fresh.
    pub used: Option<Used>,
}

/// The first use of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// When.
    pub at: Timestamp,
    /// Whether the token that replaced it was used as well.
    pub successor_used: bool,
}

/// What to do about a presented token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Replace it by its successor. Of several at once, the store lets one win.
    Rotate,
    /// It was replaced a moment ago: hand out the same successor again.
    Repeat,
    /// It ended unused.
    Expired,
    /// It was replaced long ago, so two parties hold it: end the whole Login.
    Reuse,
}

/// Judges a presented token.
#[must_use]
pub fn judge(found: &Found, now: Timestamp) -> Verdict {
    match found.used {
        None if found.expires_at <= now => Verdict::Expired,
        None => Verdict::Rotate,
        Some(used) if now < used.at.plus_seconds(REFRESH_GRACE_SECONDS) => Verdict::Repeat,
        Some(used) if !used.successor_used && now < used.at.plus_seconds(REFRESH_RETRY_SECONDS) => {
            Verdict::Repeat
        }
        Some(_) => Verdict::Reuse,
    }
}

fn bytes(of: &[u8]) -> [u8; REFRESH_TOKEN_BYTES] {
    of.try_into().expect("SHA-256 gives 32 bytes")
}
