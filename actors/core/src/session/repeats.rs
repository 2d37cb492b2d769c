//! Which frames were already handed to the bus, so that a repeat is dropped and counted.
//!
//! Only what was not refused counts as sent: a refused frame is forgotten and may come again.

use std::collections::VecDeque;

use bus_schemas::frame::{Door, Label, PeerFrame};
use bus_schemas::id::{FrameId, UserId};
use bus_schemas::limit::REPEAT_WINDOW;

/// What makes two frames the same frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FrameKey {
    pub(super) peer: UserId,
    pub(super) label: Label,
    pub(super) id: FrameId,
    /// The chunk of a file frame.
    pub(super) index: u32,
    pub(super) attempt: u32,
}

impl FrameKey {
    /// The key of a frame that a client sends.
    pub(super) fn of(frame: &PeerFrame) -> Self {
        Self {
            peer: frame.peer,
            label: frame.label,
            id: frame.id.clone(),
            index: frame.part.index,
            attempt: frame.attempt,
        }
    }
}

/// What happens to a frame that is in the window when it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    Drops,
    /// Until the peer has acknowledged it: the first one may have been lost.
    Passes,
}

/// The last frames of a Session.
///
/// They stand in the order in which they came, and are found by a sorted list of their numbers: a
/// frame that comes for one that goes asks for no memory.
#[derive(Debug)]
pub(super) struct Repeats {
    door: Door,
    frames: VecDeque<(FrameKey, Again)>,
    /// The number of the first of them. Numbers wrap.
    first: u32,
    /// Their numbers, by their keys.
    by_key: Vec<u32>,
}

impl Repeats {
    /// An empty window.
    pub(super) const fn new(door: Door) -> Self {
        Self { door, frames: VecDeque::new(), first: 0, by_key: Vec::new() }
    }

    /// Whether this frame is handed on; from then on it is in the window.
    pub(super) fn admits(&mut self, key: &FrameKey) -> bool {
        let found = self.find(key);
        match (self.again(found), remembered_as(self.door, key)) {
            (Some(Again::Drops), _) => false,
            (Some(Again::Passes), _) | (None, None) => true,
            (None, Some(again)) => {
                self.remember(key.clone(), again);
                true
            }
        }
    }

    /// The frame was refused: when it comes again, it is the first.
    pub(super) fn forget(&mut self, key: &FrameKey) {
        let Ok(found) = self.find(key) else { return };
        let number = self.by_key.remove(found);
        let gone = place(self.first, number);
        self.frames.remove(gone);
        for later in &mut self.by_key {
            if place(self.first, *later) > gone {
                *later = later.wrapping_sub(1);
            }
        }
    }

    /// A peer went, came or moved: whatever was sent to it may be wanted again.
    pub(super) fn forget_peer(&mut self, peer: UserId) {
        let before = self.frames.len();
        self.frames.retain(|(key, _)| key.peer != peer);
        if self.frames.len() == before {
            return;
        }
        let (frames, first, by_key) = (&self.frames, self.first, &mut self.by_key);
        by_key.clear();
        by_key.extend((0..).zip(frames).map(|(place, _)| first.wrapping_add(place)));
        by_key.sort_unstable_by_key(|number| key_of(frames, first, *number));
    }

    /// The text door's `ack` of an `ephemeral_key`: repeats of it are dropped from here on.
    pub(super) fn acknowledge(&mut self, peer: UserId, id: &FrameId) {
        let key =
            FrameKey { peer, label: Label::EphemeralKey, id: id.clone(), index: 0, attempt: 0 };
        let number = self.find(&key).ok().and_then(|found| self.by_key.get(found));
        let place = number.map(|number| place(self.first, *number));
        if let Some((_, again)) = place.and_then(|place| self.frames.get_mut(place)) {
            *again = Again::Drops;
        }
    }

    /// How many frames are in the window.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    fn remember(&mut self, key: FrameKey, again: Again) {
        if self.frames.len() == REPEAT_WINDOW {
            self.forget_oldest();
        }
        if let (Err(found), Ok(place)) = (self.find(&key), u32::try_from(self.frames.len())) {
            self.by_key.insert(found, self.first.wrapping_add(place));
            self.frames.push_back((key, again));
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.frames.front().map(|(key, _)| self.find(key));
        if let Some(Ok(found)) = oldest {
            self.by_key.remove(found);
        }
        if self.frames.pop_front().is_some() {
            self.first = self.first.wrapping_add(1);
        }
    }

    /// Where in `by_key` this frame is, or would be.
    fn find(&self, key: &FrameKey) -> Result<usize, usize> {
        let is = |number: &u32| key_of(&self.frames, self.first, *number).cmp(&Some(key));
        self.by_key.binary_search_by(is)
    }

    fn again(&self, found: Result<usize, usize>) -> Option<Again> {
        let number = self.by_key.get(found.ok()?)?;
        self.frames.get(place(self.first, *number)).map(|(_, again)| *again)
    }
}

/// Where a frame stands, with this number for the first one.
const fn place(first: u32, number: u32) -> usize {
    number.wrapping_sub(first) as usize
}

fn key_of(frames: &VecDeque<(FrameKey, Again)>, first: u32, number: u32) -> Option<&FrameKey> {
    frames.get(place(first, number)).map(|(key, _)| key)
}

/// Every frame of the binary door has an id and is remembered. On the text door ids are the
/// client's free text, and most types carry the id of *another* frame.
fn remembered_as(door: Door, key: &FrameKey) -> Option<Again> {
    match door {
        Door::Binary => Some(Again::Drops),
        Door::Text if key.id.is_empty() => None,
        Door::Text => match key.label {
            Label::Message | Label::FileChunk => Some(Again::Drops),
            Label::EphemeralKey => Some(Again::Passes),
            Label::SessionEstablished
            | Label::Ack
            | Label::MessageEdit
            | Label::MessageDelete
            | Label::MessageRead
            | Label::Reaction
            | Label::Typing
            | Label::FileStart
            | Label::FileComplete
            | Label::Declined => None,
        },
    }
}
