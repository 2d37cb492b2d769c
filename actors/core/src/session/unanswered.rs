//! The last frames of a Session whose refusal can still be told to their sender.
//!
//! Success is silent, so nothing says when a frame may be forgotten: the oldest one is, when the
//! ring is full.

use std::collections::VecDeque;

use bus_schemas::id::UserId;
use bus_schemas::limit::UNANSWERED_FRAMES_MAX;

use super::repeats::FrameKey;

/// What was handed to the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// A frame of the client.
    Frame(FrameKey),
    /// The Session's own question whether this peer is there.
    Probe(UserId),
}

/// A ring of what was sent, found again by its number.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    ring: VecDeque<Option<Sent>>,
    next: u64,
}

impl Unanswered {
    /// Remembers what is sent and numbers it.
    pub(super) fn push(&mut self, sent: Sent) -> u64 {
        if self.ring.len() == UNANSWERED_FRAMES_MAX {
            self.ring.pop_front();
        }
        self.ring.push_back(Some(sent));
        let n = self.next;
        self.next += 1;
        n
    }

    /// What had this number. A second answer to the same frame finds nothing.
    pub(super) fn take(&mut self, n: u64) -> Option<Sent> {
        let first = self.next - u64::try_from(self.ring.len()).ok()?;
        let place = usize::try_from(n.checked_sub(first)?).ok()?;
        self.ring.get_mut(place)?.take()
    }

    /// How many places are in use.
    pub(super) fn len(&self) -> usize {
        self.ring.len()
    }
}
