//! Ids: a type each, so that one never passes for another.
//!
//! Ids that become part of a subject render as 32 lower-case hexadecimal digits: no dot, no
//! wildcard, whatever their bytes are. Making ids needs chance, which comes in as an argument.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limit::{FRAME_ID_BYTES_MAX, TRACE_ID_CHARS_MAX, TRACE_ID_CHARS_MIN};

/// Declares an id of 16 bytes: text in JSON, a 16-byte `bin` in MessagePack.
macro_rules! id16 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// An id from 16 bytes as they cross the wire.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The UUID, for a store's column.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// 32 lower-case hexadecimal digits, safe inside a subject.
            #[must_use]
            pub fn token(&self) -> String {
                self.0.simple().to_string()
            }

            /// Reads any spelling of a UUID; `None` if it is none.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }
    };
}

id16! {
    /// A person's account. Made by the server, never a name.
    UserId
}
id16! {
    /// One Session: one WebSocket connection as the server sees it.
    ConnId
}
id16! {
    /// One connection of a process to the bus; bounces come back to it alone.
    BusId
}
id16! {
    /// One edge process, from its start to its end.
    EdgeId
}
id16! {
    /// One capture, from the question that begins it to the last page of it.
    CaptureId
}
id16! {
    /// A Login: one device signed in, one family of refresh tokens (`sid` in a token).
    LoginId
}
id16! {
    /// One access token (`jti`).
    TokenId
}
id16! {
    /// One page load in a browser; it outlives reconnects, not a reload.
    Instance
}

/// What a frame is called by its sender: 16 bytes on the binary door, free text on the text
/// door. Empty where the type has no id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct FrameId(Bytes);

/// More bytes than an id may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more bytes than the id of a frame may have")]
pub struct FrameIdTooLong;

impl TryFrom<Bytes> for FrameId {
    type Error = FrameIdTooLong;

    fn try_from(bytes: Bytes) -> Result<Self, FrameIdTooLong> {
        Self::new(bytes).ok_or(FrameIdTooLong)
    }
}

impl From<FrameId> for Bytes {
    fn from(id: FrameId) -> Self {
        id.0
    }
}

impl FrameId {
    /// At most [`FRAME_ID_BYTES_MAX`] bytes; `None` above it.
    #[must_use]
    pub fn new(bytes: Bytes) -> Option<Self> {
        (bytes.len() <= FRAME_ID_BYTES_MAX).then_some(Self(bytes))
    }

    /// The bytes as the sender wrote them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this type of frame carries no id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameId({})", hex::encode(&self.0))
    }
}

/// Follows one request through logs and across the bus.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TraceId(String);

impl TraceId {
    /// Takes a caller's own id if it is well formed: 8 to 64 of `[A-Za-z0-9_-]`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (TRACE_ID_CHARS_MIN..=TRACE_ID_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        well_formed.then(|| Self(text.to_owned()))
    }

    /// An id of 32 hexadecimal digits from 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(hex::encode(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire1_an_id_is_a_subject_token_without_dots_or_wildcards() {
        for seed in 0..=255u8 {
            let token = UserId::from_bytes([seed; 16]).token();
            assert_eq!(token.len(), 32);
            assert!(token.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
        }
    }

    #[test]
    fn wire5_a_trace_id_with_a_line_break_is_not_taken() {
        assert!(TraceId::parse("abcdefgh").is_some());
        assert!(TraceId::parse("abc\ndefgh").is_none());
        assert!(TraceId::parse("short").is_none());
        assert!(TraceId::parse(&"a".repeat(65)).is_none());
    }
}
