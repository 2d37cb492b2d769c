//! Ids: a type each, so that one never passes for another.
//!
//! Ids that become part of a subject render as 32 lower-case hexadecimal digits: no dot, no
//! wildcard, whatever their bytes are. Making ids needs chance, which comes in as an argument.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes};
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

            /// The same into a buffer.
            pub fn put_token(&self, out: &mut impl BufMut) {
                let mut token = Uuid::encode_buffer();
                out.put_slice(self.0.simple().encode_lower(&mut token).as_bytes());
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
///
/// A short one stands in the value itself: the ids of our own client cost no block of the heap, and
/// keep no buffer alive that they came in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct FrameId(Name);

/// Bytes that fit into what [`Bytes`] take by themselves, their number beside them.
const SHORT_BYTES_MAX: usize = 23;

#[derive(Clone)]
enum Name {
    Short { length: u8, bytes: [u8; SHORT_BYTES_MAX] },
    Long(Bytes),
}

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
        match id.0 {
            Name::Short { .. } => Self::copy_from_slice(id.as_bytes()),
            Name::Long(bytes) => bytes,
        }
    }
}

impl FrameId {
    /// At most [`FRAME_ID_BYTES_MAX`] bytes; `None` above it.
    #[must_use]
    pub fn new(bytes: Bytes) -> Option<Self> {
        let is_long = (SHORT_BYTES_MAX + 1..=FRAME_ID_BYTES_MAX).contains(&bytes.len());
        if is_long { Some(Self(Name::Long(bytes))) } else { Self::short(&bytes) }
    }

    /// An id that is short enough to need no buffer, as on the binary door; `None` above that.
    #[must_use]
    pub fn short(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; SHORT_BYTES_MAX];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        Some(Self(Name::Short { length: u8::try_from(id.len()).ok()?, bytes }))
    }

    /// The bytes as the sender wrote them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Name::Short { length, bytes } => &bytes[..usize::from(*length)],
            Name::Long(bytes) => bytes,
        }
    }

    /// Whether this type of frame carries no id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl Default for FrameId {
    fn default() -> Self {
        Self(Name::Short { length: 0, bytes: [0; SHORT_BYTES_MAX] })
    }
}

impl PartialEq for FrameId {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for FrameId {}

impl PartialOrd for FrameId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FrameId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for FrameId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameId({})", hex::encode(self.as_bytes()))
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
    fn perf2_an_id_is_the_same_however_it_is_kept_and_takes_no_more_room_than_a_buffer() {
        assert_eq!(size_of::<FrameId>(), size_of::<Bytes>());
        let ids: Vec<FrameId> = (0..=FRAME_ID_BYTES_MAX)
            .map(|length| FrameId::new(Bytes::from(vec![7; length])).unwrap())
            .collect();
        assert!(ids.is_sorted(), "by their bytes");
        for (length, id) in ids.iter().enumerate() {
            assert_eq!(id.as_bytes(), vec![7; length]);
            assert_eq!(FrameId::new(Bytes::from(id.clone())).as_ref(), Some(id));
            assert_eq!(FrameId::short(id.as_bytes()).is_some(), length <= SHORT_BYTES_MAX);
        }
        assert_eq!(FrameId::default(), ids[0]);
        assert!(FrameId::new(Bytes::from(vec![7; FRAME_ID_BYTES_MAX + 1])).is_none());
    }

    #[test]
    fn wire5_a_trace_id_with_a_line_break_is_not_taken() {
        assert!(TraceId::parse("abcdefgh").is_some());
        assert!(TraceId::parse("abc\ndefgh").is_none());
        assert!(TraceId::parse("short").is_none());
        assert!(TraceId::parse(&"a".repeat(65)).is_none());
    }
}
