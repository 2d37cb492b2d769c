//! What is said to the broker in one turn: short things one behind the other in one buffer, long
//! payloads where they are, and how much of it is written.

use std::io::IoSlice;

use bus_schemas::bus::Outgoing;
use bytes::Bytes;

use super::wire;

/// From here on a payload is not copied.
const APART_BYTES_MIN: usize = 4 * 1024;
/// Pieces that are written at once.
const PIECES: usize = 32;
/// A buffer that grew beyond this is given back once it is written.
const KEPT_BYTES_MAX: usize = 256 * 1024;

/// Bytes in order, from the first that is not written.
#[derive(Debug, Default)]
pub(super) struct Batch {
    flat: Vec<u8>,
    /// Long payloads, each with the place in `flat` where it belongs.
    apart: Vec<(usize, Bytes)>,
    /// Of those.
    apart_bytes: usize,
    messages: usize,
    /// How much of `flat` is written, how many of `apart`, and how much of the next of them.
    at: usize,
    next: usize,
    within: usize,
}

impl Batch {
    /// Puts a message behind whatever is there.
    pub(super) fn push(&mut self, message: Outgoing) {
        wire::put_head(&mut self.flat, &message);
        for part in [message.payload, message.body] {
            if part.len() < APART_BYTES_MIN {
                self.flat.extend_from_slice(&part);
            } else {
                self.apart_bytes += part.len();
                self.apart.push((self.flat.len(), part));
            }
        }
        wire::put_end(&mut self.flat);
        self.messages += 1;
    }

    /// Puts anything else behind it.
    pub(super) fn put(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.flat);
    }

    /// Messages in it.
    pub(super) const fn messages(&self) -> usize {
        self.messages
    }

    /// Bytes in it, written or not.
    pub(super) const fn bytes(&self) -> usize {
        self.flat.len() + self.apart_bytes
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.flat.is_empty()
    }

    pub(super) const fn is_written(&self) -> bool {
        self.at == self.flat.len() && self.next == self.apart.len()
    }

    /// What is to be written next, all of it or as many pieces as go at once; and how many these
    /// are.
    pub(super) fn pieces(&self) -> ([IoSlice<'_>; PIECES], usize) {
        let (mut pieces, mut count) = ([IoSlice::new(&[]); PIECES], 0);
        let mut put = |piece| {
            let place = pieces.get_mut(count);
            count += usize::from(place.is_some());
            place.map(|place| *place = IoSlice::new(piece)).is_some()
        };
        let (mut at, mut within) = (self.at, self.within);
        let mut has_room = true;
        for (place, payload) in self.apart.iter().skip(self.next).take(PIECES) {
            has_room = has_room && (at == *place || put(&self.flat[at..*place]));
            has_room = has_room && put(&payload[within..]);
            (at, within) = (*place, 0);
        }
        if has_room && at < self.flat.len() {
            put(&self.flat[at..]);
        }
        (pieces, count)
    }

    /// So many bytes more are written.
    pub(super) fn advance(&mut self, mut bytes: usize) {
        while bytes > 0 {
            let place = self.apart.get(self.next).map_or(self.flat.len(), |(place, _)| *place);
            if self.at < place {
                let step = bytes.min(place - self.at);
                self.at += step;
                bytes -= step;
            } else if let Some((_, payload)) = self.apart.get(self.next) {
                let step = bytes.min(payload.len() - self.within);
                self.within += step;
                bytes -= step;
                if self.within == payload.len() {
                    (self.next, self.within) = (self.next + 1, 0);
                }
            } else {
                return;
            }
        }
    }

    /// Begins anew, in the same memory.
    pub(super) fn clear(&mut self) {
        if self.flat.capacity() > KEPT_BYTES_MAX {
            *self = Self::default();
            return;
        }
        self.flat.clear();
        self.apart.clear();
        (self.apart_bytes, self.messages) = (0, 0);
        (self.at, self.next, self.within) = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::topic::Subject;

    use super::*;

    fn message(n: usize, bytes: usize) -> Outgoing {
        let payload = Bytes::from(vec![u8::try_from(n % 251).unwrap(); bytes]);
        let (subject, body) = (Subject::received(format!("a.{n}")), Bytes::new());
        Outgoing { subject, reply: None, trace: None, payload, body }
    }

    /// The same message, of which so much stands apart.
    fn split(n: usize, bytes: usize, body: usize) -> Outgoing {
        let mut whole = message(n, bytes);
        let body = whole.payload.split_off(bytes - body.min(bytes));
        Outgoing { body, ..whole }
    }

    /// Everything that is written, in steps of so many bytes.
    fn written(batch: &mut Batch, step: usize) -> Vec<u8> {
        let mut written = Vec::new();
        while !batch.is_written() {
            let (pieces, count) = batch.pieces();
            let bytes: Vec<u8> =
                pieces[..count].iter().flat_map(|piece| piece.iter().copied()).take(step).collect();
            assert!(!bytes.is_empty(), "something is left");
            batch.advance(bytes.len());
            written.extend(bytes);
        }
        written
    }

    #[test]
    fn bus4_whatever_the_socket_takes_at_once_all_is_written_in_order() {
        let lengths = [0, 1, 100, APART_BYTES_MIN - 1, APART_BYTES_MIN, 5_000, 70_000];
        let mut expected = Vec::new();
        for (n, length) in lengths.into_iter().cycle().take(70).enumerate() {
            expected.extend(format!("PUB a.{n} {length}\r\n").into_bytes());
            expected.extend(message(n, length).payload);
            expected.extend(b"\r\n");
        }
        let mut batch = Batch::default();
        for step in [7, 4_096, 65_536, usize::MAX] {
            for (n, length) in lengths.into_iter().cycle().take(70).enumerate() {
                batch.push(split(n, length, [0, 50, 4_500, 69_000][n % 4]));
            }
            assert_eq!((batch.messages(), batch.bytes()), (70, expected.len()));
            assert!(written(&mut batch, step) == expected, "in steps of {step}");
            batch.clear();
            assert!(batch.is_empty() && batch.is_written() && batch.bytes() == 0);
        }
    }

    #[test]
    fn perf1_a_buffer_is_used_again_unless_it_grew_large() {
        let mut batch = Batch::default();
        batch.push(message(0, 100));
        batch.clear();
        assert!(batch.flat.capacity() > 0);
        for n in 0..200 {
            batch.push(message(n, APART_BYTES_MIN - 1));
        }
        batch.clear();
        assert_eq!(batch.flat.capacity(), 0);
    }
}
