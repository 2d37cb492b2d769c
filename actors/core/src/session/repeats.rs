//! Which frames were already handed to the bus, so that a repeat is dropped and counted.
//!
//! Only what was not refused counts as sent: a refused frame is forgotten and may come again.

use std::collections::VecDeque;

use bus_schemas::frame::{Door, Label, PeerFrame};
use bus_schemas::id::{FrameId, UserId};
use bus_schemas::limit::REPEAT_WINDOW;

/// An odd number with half of its bits set: multiplied by it, each bit reaches the highest ones.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

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
/// They stand in the order in which they came, and are found by a sorted list of their numbers: a
/// frame that comes for one that goes asks for no memory. They are sorted by a digest of their keys,
/// which is compared in one step, and by the keys themselves where a client saw to it that digests
/// are the same.
#[derive(Debug)]
pub(super) struct Repeats {
    door: Door,
    frames: VecDeque<Frame>,
    /// The number of the first of them. Numbers wrap.
    first: u32,
    /// Their numbers, by their digests and keys.
    by_key: Vec<u32>,
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
        Self { door, frames: VecDeque::new(), first: 0, by_key: Vec::new() }
    }

    /// Whether this frame is handed on; from then on it is in the window.
    pub(super) fn admits(&mut self, key: &FrameKey) -> bool {
        let digest = key.digest();
        match (self.find(digest, key), remembered_as(self.door, key)) {
            (Ok(found), _) => self.again(found) == Some(Again::Passes),
            (Err(_), None) => true,
            (Err(place), Some(again)) => {
                self.remember(place, Frame { key: key.clone(), digest, again });
                true
            }
        }
    }

    /// The frame was refused: when it comes again, it is the first.
    pub(super) fn forget(&mut self, key: &FrameKey) {
        let Ok(found) = self.find(key.digest(), key) else { return };
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
        self.frames.retain(|frame| frame.key.peer != peer);
        if self.frames.len() == before {
            return;
        }
        let (frames, first, by_key) = (&self.frames, self.first, &mut self.by_key);
        by_key.clear();
        by_key.extend((0..).zip(frames).map(|(place, _)| first.wrapping_add(place)));
        let order = |number: &u32| frames.get(place(first, *number)).map(Frame::order);
        by_key.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    }

    /// The text door's `ack` of an `ephemeral_key`: repeats of it are dropped from here on.
    pub(super) fn acknowledge(&mut self, peer: UserId, id: &FrameId) {
        let key =
            FrameKey { peer, label: Label::EphemeralKey, id: id.clone(), index: 0, attempt: 0 };
        let found = self.find(key.digest(), &key).ok();
        let number = found.and_then(|found| self.by_key.get(found));
        let place = number.map(|number| place(self.first, *number));
        if let Some(frame) = place.and_then(|place| self.frames.get_mut(place)) {
            frame.again = Again::Drops;
        }
    }

    /// How many frames are in the window.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Takes a frame in whose number belongs to this place of the list; from a full window the
    /// oldest one goes, and the numbers between the two places move up.
    fn remember(&mut self, place: usize, frame: Frame) {
        let Ok(count) = u32::try_from(self.frames.len()) else { return };
        let number = self.first.wrapping_add(count);
        let oldest = self.frames.front().filter(|_| self.frames.len() >= REPEAT_WINDOW);
        if let Some(Ok(gone)) = oldest.map(|oldest| self.find(oldest.digest, &oldest.key)) {
            let place = if gone < place { place.saturating_sub(1) } else { place };
            if gone < place {
                self.by_key.copy_within(gone + 1..=place, gone);
            } else {
                self.by_key.copy_within(place..gone, place + 1);
            }
            if let Some(slot) = self.by_key.get_mut(place) {
                *slot = number;
            }
            self.frames.pop_front();
            self.first = self.first.wrapping_add(1);
        } else {
            self.by_key.insert(place, number);
        }
        self.frames.push_back(frame);
    }

    /// Where in `by_key` this frame is, or would be.
    fn find(&self, digest: u32, key: &FrameKey) -> Result<usize, usize> {
        let sought = Some((digest, key));
        self.by_key.binary_search_by(|number| {
            let frame = self.frames.get(place(self.first, *number));
            frame.map(Frame::order).cmp(&sought)
        })
    }

    fn again(&self, found: usize) -> Option<Again> {
        let number = self.by_key.get(found)?;
        self.frames.get(place(self.first, *number)).map(|frame| frame.again)
    }
}

impl Frame {
    const fn order(&self) -> (u32, &FrameKey) {
        (self.digest, &self.key)
    }
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
            assert_eq!((repeats.len(), repeats.by_key.len()), (0, 0));
        }
    }
}
