//! What a `file_start` of the text door says of its file in the clear. On the binary door all of
//! this is sealed.

use serde::{Deserialize, Serialize};

use crate::frame::PeerFrame;

/// A file as its sender announces it. A field that was left out is 0, or empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Type and subtype, perhaps with parameters.
    pub mime_type: String,
    /// Bytes of the file.
    pub total_size: i64,
    /// Chunks that it is sent in.
    pub total_chunks: i64,
    /// Bytes of each chunk but the last.
    pub chunk_size: i64,
    /// What the receiver is to be offered; empty for everything.
    #[serde(default)]
    pub access_mode: String,
}

impl Announcement {
    /// Reads the body of a `file_start`; `None` if it is none of the text door.
    #[must_use]
    pub fn of(frame: &PeerFrame) -> Option<Self> {
        serde_json::from_slice(&frame.body).ok()
    }
}
