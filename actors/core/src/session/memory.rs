//! What a live Session remembers of what its client has sent. Most clients only listen, so there is
//! none before the first frame.

use bus_schemas::frame::Door;

use super::peers::Peers;
use super::repeats::Repeats;
use super::transfers::Transfers;
use super::unanswered::Unanswered;

/// Every part is bounded.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) peers: Peers,
    pub(super) unanswered: Unanswered,
    pub(super) repeats: Repeats,
    pub(super) transfers: Transfers,
}

impl Memory {
    /// Of a client of this door that has sent nothing, and whose files may be so large.
    pub(super) fn new(door: Door, file_bytes_max: u64) -> Self {
        Self {
            peers: Peers::default(),
            unanswered: Unanswered::default(),
            repeats: Repeats::new(door),
            transfers: Transfers::new(door, file_bytes_max),
        }
    }
}
