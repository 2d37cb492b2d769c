//! A word that is sent again and again: written once by the house's own codec, and each time given a
//! number of its own and the time at which it was to be sent.

use bus_schemas::frame::{Label, Part};

use crate::door::{Door, ID_BYTES};
use crate::frames;

/// Bytes at the beginning of a body that say when it was to be sent, and which one it is.
const STAMP_BYTES: usize = 16;

/// A number that takes five bytes, the kind before the number.
const WRITTEN_IN_FIVE: u32 = 1 << 24;

/// Sends one frame to one peer, many times.
pub(crate) struct Word {
    frame: Vec<u8>,
    id_at: Option<usize>,
    /// Where the place of a chunk stands, and how many there are.
    place_at: Option<(usize, u32)>,
    body_at: usize,
    next: u64,
}

/// What the receiver reads of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// When it was to be sent.
    pub(crate) intended_ns: u64,
    /// Which one it is, from 0.
    pub(crate) number: u64,
}

impl Word {
    /// `bytes` of body, no fewer than the stamp takes.
    pub(crate) fn new(door: Door, label: Label, to: [u8; ID_BYTES], bytes: usize) -> Self {
        Self::of_part(door, label, to, Part::default(), bytes)
    }

    /// Chunks of a file of so many that has no end: after the last one comes the first.
    pub(crate) fn chunks(door: Door, to: [u8; ID_BYTES], count: u32, bytes: usize) -> Self {
        let part = Part { index: WRITTEN_IN_FIVE, count };
        let place_at = door.place_at().map(|at| (at, count));
        Self { place_at, ..Self::of_part(door, Label::FileChunk, to, part, bytes) }
    }

    fn of_part(door: Door, label: Label, to: [u8; ID_BYTES], part: Part, bytes: usize) -> Self {
        // Ciphertext does not compress; neither does this.
        let mut chance = crate::chance::Chance::new(u64::from(to[0]));
        let fill = std::iter::repeat_with(|| chance.next().to_le_bytes()).flatten();
        let body: Vec<u8> = fill.take(bytes.max(STAMP_BYTES)).collect();
        let frame = door.write(label, to, part, &body);
        let body_at = frame.len() - body.len();
        Self { frame, id_at: door.id_at(), place_at: None, body_at, next: 0 }
    }

    /// Appends the next one, as a WebSocket frame.
    pub(crate) fn put(&mut self, out: &mut Vec<u8>, intended_ns: u64) {
        let number = self.next.to_le_bytes();
        self.next += 1;
        if let Some(at) = self.id_at {
            self.frame[at..at + number.len()].copy_from_slice(&number);
        }
        if let Some((at, count)) = self.place_at {
            let place = u32::try_from((self.next - 1) % u64::from(count)).unwrap_or(0);
            self.frame[at..at + 4].copy_from_slice(&place.to_be_bytes());
        }
        let stamp = &mut self.frame[self.body_at..self.body_at + STAMP_BYTES];
        let (time, place) = stamp.split_at_mut(8);
        time.copy_from_slice(&intended_ns.to_le_bytes());
        place.copy_from_slice(&number);
        frames::put(out, frames::BINARY, &self.frame);
    }
}

impl Stamp {
    /// The stamp of a body; `None` if it is too short to have one.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let (time, rest) = body.split_first_chunk::<8>()?;
        let (number, _) = rest.split_first_chunk::<8>()?;
        let read = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        Some(Self { intended_ns: read(time), number: read(number) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Heard;

    /// The message in a frame of a client.
    fn message(frame: &[u8]) -> Vec<u8> {
        let (mask, payload) = frame[4..].split_at(4);
        payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
    }

    #[test]
    fn each_has_a_number_of_its_own_and_the_time_at_which_it_was_to_be_sent() {
        let mut word = Word::new(Door::House, Label::Message, [1; 16], 256);
        let mut heard = Vec::new();
        for intended in [1_000, 2_000] {
            let mut out = Vec::new();
            word.put(&mut out, intended);
            let message = message(&out);
            let Heard::Peer(Label::Message, body) = Door::House.read(&message) else {
                panic!("no word")
            };
            assert_eq!(body.len(), 256);
            heard.push(Stamp::of(body).unwrap());
        }
        let stamp = |intended_ns, number| Stamp { intended_ns, number };
        assert_eq!(heard, [stamp(1_000, 0), stamp(2_000, 1)]);
    }

    #[test]
    fn a_file_without_an_end_begins_again() {
        let mut chunks = Word::chunks(Door::House, [1; 16], 3, 70_000);
        let mut places = Vec::new();
        for _ in 0..5 {
            let mut out = Vec::new();
            chunks.put(&mut out, 0);
            // Ten bytes say how long so long a frame is.
            let frame = bytes::Bytes::from(message(&out[6..]));
            let read = bus_schemas::frame::binary::decode(&frame).unwrap();
            let bus_schemas::frame::ClientFrame::Peer(frame) = read else { panic!("{read:?}") };
            assert_eq!((frame.part.count, frame.body.len()), (3, 70_000));
            places.push(frame.part.index);
        }
        assert_eq!(places, [0, 1, 2, 0, 1]);
    }
}
