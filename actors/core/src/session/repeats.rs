//! Which frames were already handed to the bus, so that a repeat is dropped and counted.
//!
//! Only what was not refused counts as sent: a refused frame is forgotten and may come again.

use std::collections::{BTreeMap, VecDeque};

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
#[derive(Debug)]
pub(super) struct Repeats {
    door: Door,
    order: VecDeque<FrameKey>,
    window: BTreeMap<FrameKey, Again>,
}

impl Repeats {
    /// An empty window.
    pub(super) fn new(door: Door) -> Self {
        Self { door, order: VecDeque::new(), window: BTreeMap::new() }
    }

    /// Whether this frame is handed on; from then on it is in the window.
    pub(super) fn admits(&mut self, key: &FrameKey) -> bool {
        match (self.window.get(key), remembered_as(self.door, key)) {
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
        if self.window.remove(key).is_some() {
            self.order.retain(|kept| kept != key);
        }
    }

    /// A peer went, came or moved: whatever was sent to it may be wanted again.
    pub(super) fn forget_peer(&mut self, peer: UserId) {
        self.window.retain(|key, _| key.peer != peer);
        self.order.retain(|key| key.peer != peer);
    }

    /// The text door's `ack` of an `ephemeral_key`: repeats of it are dropped from here on.
    pub(super) fn acknowledge(&mut self, peer: UserId, id: &FrameId) {
        let key =
            FrameKey { peer, label: Label::EphemeralKey, id: id.clone(), index: 0, attempt: 0 };
        if let Some(again) = self.window.get_mut(&key) {
            *again = Again::Drops;
        }
    }

    /// How many frames are in the window.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    fn remember(&mut self, key: FrameKey, again: Again) {
        if self.order.len() == REPEAT_WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.window.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.window.insert(key, again);
    }
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
