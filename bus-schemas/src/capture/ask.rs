//! How edges are asked to record, over `dev.capture`: every edge that allows it answers each
//! question with a page.
//!
//! ```text
//!   Begin ──▶ page 0, empty
//!   Take  ──▶ the next page, or the last one again if it did not arrive
//!   End   ──▶ the same; once everything was taken, the page says that it was the last
//! ```

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Bodies;
use crate::id::{CaptureId, EdgeId, UserId};
use crate::topic::Call;

/// Bytes from which a page takes no more records: four of them fit on the bus at once, and the
/// last record may be as large as any.
pub const PAGE_BYTES: usize = 256 * 1024;
/// Users that a capture may be limited to.
pub const USERS_MAX: usize = 16;
/// Edges that one capture hears.
pub const EDGES_MAX: usize = 64;
/// The longest capture.
pub const CAPTURE_MS_MAX: u64 = 60 * 60 * 1_000;
/// An edge that nobody has asked for a page this long forgets the capture: whoever began it is
/// gone. Longer than a bus may be away.
pub const FORGOTTEN_MS: u64 = 30_000;

/// A question to every edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskCapture {
    /// About which capture.
    pub capture: CaptureId,
    /// What is to be done.
    pub verb: Verb,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Record from here on.
    Begin(Plan),
    /// Give what was recorded since.
    Take {
        /// Which pages have arrived.
        taken: Vec<Taken>,
    },
    /// Record no more, and give the rest.
    End {
        /// Which pages have arrived.
        taken: Vec<Taken>,
    },
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// For how long at most.
    pub for_ms: u64,
    /// Of whom; of everybody if nobody is named.
    pub users: Vec<UserId>,
    /// What becomes of ciphertext.
    pub bodies: Bodies,
    /// What the random bytes of this capture are made with: the same at every edge, so that a
    /// frame looks alike where it left and where it arrived.
    pub veil: [u8; 16],
}

/// A page that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// From which edge.
    pub edge: EdgeId,
    /// Its last number.
    pub page: u64,
}

/// What an edge recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Which edge.
    pub edge: EdgeId,
    /// From 0, one more each time.
    pub number: u64,
    /// Records as bytes, in order.
    pub records: Vec<Bytes>,
    /// What follows.
    pub next: Next,
}

/// What follows a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// More is there already.
    More,
    /// Whatever will be recorded.
    Later,
    /// Nothing: this edge has forgotten the capture.
    Nothing,
}

/// `dev.capture`: asked of every edge that allows it.
#[must_use]
pub fn capture() -> Call<AskCapture, Page> {
    Call::new("dev.capture")
}
