//! Which frames were already handed to the bus, so that a repeat is dropped and counted.
//!
//! Only what was not refused counts as sent: a refused frame is forgotten and may come again.

use std::collections::VecDeque;

use bus_schemas::frame::{Door, Label, PeerFrame};
use bus_schemas::id::{FrameId, UserId};
use bus_schemas::limit::REPEAT_WINDOW;
use hashbrown::HashTable;

/// An odd number with half of its bits set: multiplied by it, each bit reaches the highest ones.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What makes two frames the same frame.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// A number that keys of one client rarely share.
    fn digest(&self) -> u32 {
        let id = self.id.as_bytes();
        let id = match (id.first_chunk(), id.last_chunk()) {
            (Some(first), Some(last)) => {
                u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(32)
            }
            _ => id.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        let part = u64::from(self.index) << 32 | u64::from(self.attempt) << 8 | self.label as u64;
        let [.., a, b, c, d] = *self.peer.as_bytes();
        let peer = u64::from(u32::from_le_bytes([a, b, c, d]));
        let mixed = (id.wrapping_mul(SPREAD).rotate_left(32) ^ part).wrapping_mul(SPREAD) ^ peer;
        let [.., a, b, c, d] = mixed.wrapping_mul(SPREAD).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
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
/// They stand in the order in which they came, and are found by a table of their numbers: a frame
/// that comes for one that goes asks for no memory. A digest leads there, and the keys themselves
/// decide: a client may see to it that all digests are the same, and waits the longer for its own
/// frames, by as many steps as the window has.
#[derive(Debug)]
pub(super) struct Repeats {
    door: Door,
    frames: VecDeque<Frame>,
    /// The number of the first of them. Numbers wrap.
    first: u32,
    /// Their numbers, by their digests.
    numbers: HashTable<u32>,
}

#[derive(Debug)]
struct Frame {
    key: FrameKey,
    digest: u32,
    again: Again,
}

impl Repeats {
    /// An empty window.
    pub(super) const fn new(door: Door) -> Self {
        Self { door, frames: VecDeque::new(), first: 0, numbers: HashTable::new() }
    }

    /// Whether this frame is handed on; from then on it is in the window.
    pub(super) fn admits(&mut self, key: &FrameKey) -> bool {
        let digest = key.digest();
        if let Some(place) = self.find(digest, key) {
            return self.frames.get(place).is_some_and(|frame| frame.again == Again::Passes);
        }
        if let Some(again) = remembered_as(self.door, key) {
            self.remember(Frame { key: key.clone(), digest, again });
        }
        true
    }

    /// The frame was refused: when it comes again, it is the first.
    pub(super) fn forget(&mut self, key: &FrameKey) {
        let digest = key.digest();
        let Some(gone) = self.find(digest, key) else { return };
        self.leave(gone, digest);
        self.frames.remove(gone);
        for later in self.numbers.iter_mut().filter(|number| place(self.first, **number) > gone) {
            *later = later.wrapping_sub(1);
        }
    }

    /// A peer went, came or moved: whatever was sent to it may be wanted again.
    pub(super) fn forget_peer(&mut self, peer: UserId) {
        let before = self.frames.len();
        self.frames.retain(|frame| frame.key.peer != peer);
        if self.frames.len() == before {
            return;
        }
        self.numbers.clear();
        for place in 0..self.frames.len() {
            self.enter(place);
        }
    }

    /// The text door's `ack` of an `ephemeral_key`: repeats of it are dropped from here on.
    pub(super) fn acknowledge(&mut self, peer: UserId, id: &FrameId) {
        let key =
            FrameKey { peer, label: Label::EphemeralKey, id: id.clone(), index: 0, attempt: 0 };
        let place = self.find(key.digest(), &key);
        if let Some(frame) = place.and_then(|place| self.frames.get_mut(place)) {
            frame.again = Again::Drops;
        }
    }

    /// How many frames are in the window.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Takes a frame in; from a full window the oldest one goes.
    fn remember(&mut self, frame: Frame) {
        if self.frames.len() >= REPEAT_WINDOW
            && let Some(digest) = self.frames.front().map(|oldest| oldest.digest)
        {
            self.leave(0, digest);
            self.frames.pop_front();
            self.first = self.first.wrapping_add(1);
        }
        self.frames.push_back(frame);
        self.enter(self.frames.len().saturating_sub(1));
    }

    /// Where this frame stands.
    fn find(&self, digest: u32, key: &FrameKey) -> Option<usize> {
        let is_it = |number: &u32| {
            let frame = self.frames.get(place(self.first, *number));
            frame.is_some_and(|frame| frame.digest == digest && frame.key == *key)
        };
        self.numbers.find(hash(digest), is_it).map(|number| place(self.first, *number))
    }

    /// Puts the frame at this place into the table.
    fn enter(&mut self, place_of_it: usize) {
        let (Some(frame), Ok(nth)) = (self.frames.get(place_of_it), u32::try_from(place_of_it))
        else {
            return;
        };
        let (frames, first) = (&self.frames, self.first);
        let hash_of = |number: &u32| frames.get(place(first, *number)).map_or(0, Frame::hash);
        self.numbers.insert_unique(frame.hash(), first.wrapping_add(nth), hash_of);
    }

    /// Takes the frame at this place out of the table.
    fn leave(&mut self, place_of_it: usize, digest: u32) {
        let first = self.first;
        let found = self.numbers.find_entry(hash(digest), |it| place(first, *it) == place_of_it);
        if let Ok(entry) = found {
            entry.remove();
        }
    }
}

impl Frame {
    const fn hash(&self) -> u64 {
        hash(self.digest)
    }
}

/// The table looks at the highest bits of it and at the lowest.
const fn hash(digest: u32) -> u64 {
    (digest as u64).wrapping_mul(SPREAD)
}

/// Where a frame stands, with this number for the first one.
const fn place(first: u32, number: u32) -> usize {
    number.wrapping_sub(first) as usize
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether digests tell frames apart.
    #[derive(Clone, Copy, Debug)]
    enum Digests {
        Differ,
        AreTheSame,
    }

    fn key(digests: Digests, n: u64) -> FrameKey {
        let first = n.wrapping_mul(SPREAD);
        let last = match digests {
            Digests::Differ => 0,
            Digests::AreTheSame => first.rotate_left(32),
        };
        let id = [first.to_le_bytes(), last.to_le_bytes()].concat();
        let (label, id) = (Label::Message, FrameId::short(&id).expect("16 bytes"));
        FrameKey { peer: UserId::from_bytes([0; 16]), label, id, index: 0, attempt: 0 }
    }

    #[test]
    fn dup7_the_window_is_the_same_whatever_a_client_does_to_its_digests() {
        for digests in [Digests::Differ, Digests::AreTheSame] {
            let mut repeats = Repeats::new(Door::Binary);
            let (mut list, mut chance) = (VecDeque::new(), 1u64);
            for _ in 0..20_000 {
                chance = chance.wrapping_mul(SPREAD).wrapping_add(1);
                let n = (chance >> 32) % (REPEAT_WINDOW as u64 * 3 / 2);
                let key = key(digests, n);
                if (chance >> 60) == 0 {
                    list.retain(|other| *other != n);
                    repeats.forget(&key);
                } else {
                    let is_new = !list.contains(&n);
                    assert_eq!(repeats.admits(&key), is_new, "{digests:?}");
                    list.extend(is_new.then_some(n));
                    if list.len() > REPEAT_WINDOW {
                        list.pop_front();
                    }
                }
                assert_eq!(repeats.len(), list.len());
            }
            let alike =
                key(Digests::AreTheSame, 1).digest() == key(Digests::AreTheSame, 2).digest();
            assert!(alike && list.len() > REPEAT_WINDOW / 2);
            repeats.forget_peer(UserId::from_bytes([0; 16]));
            assert_eq!((repeats.len(), repeats.numbers.len()), (0, 0));
        }
    }
}
