//! Memory for short messages, used again as soon as they are gone.
//!
//! Messages of one thread are written one behind the other on a sheet, and each holds its part of
//! it. When it is full it is begun again, if nobody holds any of it; otherwise the next one is
//! taken. Where messages go on at once, nothing is asked of the heap.

use bytes::{BufMut, Bytes, BytesMut};

/// Bytes of a sheet, and the longest message that is written on one. Who keeps a message for long
/// keeps so much: more than a word that waits in the queue of a listener has, and not more than
/// [`crate::limit::LISTENER_BYTES_MAX`] for all that wait in one.
pub const SHEET_BYTES: usize = 8 * 1024;

/// The sheet that is written on.
#[derive(Debug)]
pub struct Sheet(BytesMut);

impl Sheet {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self(BytesMut::with_capacity(SHEET_BYTES))
    }

    /// Copies a message.
    pub fn copy(&mut self, message: &[u8]) -> Bytes {
        self.write(message.len(), |out| {
            out.put_slice(message);
            out.split().freeze()
        })
    }

    /// Gives room for so many bytes; whoever writes takes them off with [`BytesMut::split`]. What is
    /// longer than a sheet has memory of its own.
    pub fn write<T>(&mut self, bytes: usize, write: impl FnOnce(&mut BytesMut) -> T) -> T {
        if bytes > SHEET_BYTES {
            return write(&mut BytesMut::with_capacity(bytes));
        }
        self.0.reserve(bytes);
        write(&mut self.0)
    }
}

impl Default for Sheet {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::{DELIVERIES_TALK_MAX, LISTENER_BYTES_MAX};

    fn message(sheet: &mut Sheet, byte: u8, bytes: usize) -> Bytes {
        sheet.write(bytes, |out| {
            out.put_bytes(byte, bytes);
            out.split().freeze()
        })
    }

    #[test]
    fn perf2_a_sheet_is_used_again_once_nobody_holds_any_of_it() {
        let mut sheet = Sheet::new();
        let first = message(&mut sheet, 0, 100).as_ptr();
        let again = (0..1_000).map(|_| message(&mut sheet, 1, 100));
        assert!(again.filter(|message| message.as_ptr() == first).count() > 1);
    }

    #[test]
    fn perf2_whoever_keeps_a_message_keeps_its_bytes() {
        let mut sheet = Sheet::new();
        let lengths = [1, 100, SHEET_BYTES, SHEET_BYTES + 1, 5_000];
        let kept: Vec<Bytes> = (0..200_u8)
            .map(|byte| message(&mut sheet, byte, lengths[usize::from(byte) % lengths.len()]))
            .collect();
        for (byte, message) in (0_u8..).zip(&kept) {
            assert_eq!(message.len(), lengths[usize::from(byte) % lengths.len()]);
            assert!(message.iter().all(|it| *it == byte), "message {byte}");
        }
    }

    #[test]
    fn perf2_words_that_wait_keep_no_more_than_the_queue_may_hold() {
        const { assert!(DELIVERIES_TALK_MAX * SHEET_BYTES <= LISTENER_BYTES_MAX) };
    }
}
