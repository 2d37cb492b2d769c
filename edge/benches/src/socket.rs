//! The reading side of a socket's codec, on frames that are there at once.

use bus_schemas::limit::FRAME_BYTES_MAX_BINARY;

use crate::codec::{Decoder, Event, Kind};

const BINARY_FRAME: u8 = 0x82;
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// A socket of the binary door to which the same frame comes again and again.
pub(crate) struct Socket {
    decoder: Decoder,
    frame: Vec<u8>,
    /// What the system would read into.
    read: Vec<u8>,
}

impl Socket {
    /// Frames of so many bytes.
    pub(crate) fn of_frames(bytes: usize) -> Self {
        let frame = frame(bytes);
        let read = Vec::with_capacity(frame.len());
        Self { decoder: Decoder::new(FRAME_BYTES_MAX_BINARY, false), frame, read }
    }

    /// Reads one.
    pub(crate) fn read(&mut self) {
        self.read.clear();
        self.read.extend_from_slice(&self.frame);
        let heard = self.decoder.next(&mut &mut self.read[..]);
        assert!(matches!(heard, Ok(Some(Event::Message(Kind::Binary, _)))), "a frame");
    }
}

/// A frame as a client writes it.
fn frame(bytes: usize) -> Vec<u8> {
    let length = u16::try_from(bytes).expect("frames here are small");
    let mut frame = vec![BINARY_FRAME, MASKED | 0x7e];
    frame.extend(length.to_be_bytes());
    frame.extend(MASK);
    frame.extend((0..bytes).map(|place| 7 ^ MASK[place % 4]));
    frame
}
