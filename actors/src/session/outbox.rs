//! The bounded queue between a Session and the socket that writes for it.
//!
//! Words and file frames wait apart, and words go first. A full talk queue means that the client
//! does not read; a full bulk queue refuses the chunk to its sender and cuts nobody.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::{OUTBOX_BULK_BYTES_MAX, OUTBOX_TALK_BYTES_MAX, OUTBOX_TALK_ITEMS_MAX};
use bytes::Bytes;
use metrics::Gauge;
use tokio::sync::mpsc;

use super::metrics as counted;

/// File frames that may wait on the text door, whose chunks are large.
const BULK_ITEMS_MAX_TEXT: usize = 2;

/// What the socket is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Write this frame.
    Frame(Bytes),
    /// Close, for this reason; nothing follows.
    Close(Close),
}

/// The queue has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// The Session's end.
pub struct Outbox {
    talk: Lane,
    bulk: Lane,
    close: Arc<OnceLock<Close>>,
}

/// The socket's end.
pub struct Outgoing {
    talk: LaneReader,
    bulk: LaneReader,
    close: Arc<OnceLock<Close>>,
    ended: bool,
}

struct Lane {
    frames: mpsc::Sender<Bytes>,
    waiting: Gauge,
    waiting_bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

struct LaneReader {
    frames: mpsc::Receiver<Bytes>,
    waiting: Gauge,
    waiting_bytes: Arc<AtomicUsize>,
}

/// Both ends of a queue for a socket of this door.
#[must_use]
pub fn channel(door: Door) -> (Outbox, Outgoing) {
    let bulk_items = match door {
        Door::Text => BULK_ITEMS_MAX_TEXT,
        Door::Binary => OUTBOX_TALK_ITEMS_MAX,
    };
    // Two chunks of the text door are more than the bytes that the binary door may have waiting.
    let bulk_bytes = match door {
        Door::Text => usize::MAX,
        Door::Binary => OUTBOX_BULK_BYTES_MAX,
    };
    let (talk, talk_reader) = lane(OUTBOX_TALK_ITEMS_MAX, OUTBOX_TALK_BYTES_MAX);
    let (bulk, bulk_reader) = lane(bulk_items, bulk_bytes);
    let close = Arc::new(OnceLock::new());
    let outgoing =
        Outgoing { talk: talk_reader, bulk: bulk_reader, close: Arc::clone(&close), ended: false };
    (Outbox { talk, bulk, close }, outgoing)
}

fn lane(items_max: usize, bytes_max: usize) -> (Lane, LaneReader) {
    let (sender, receiver) = mpsc::channel(items_max);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let waiting = counted::waiting();
    let reader = LaneReader {
        frames: receiver,
        waiting: waiting.clone(),
        waiting_bytes: Arc::clone(&waiting_bytes),
    };
    (Lane { frames: sender, waiting, waiting_bytes, bytes_max }, reader)
}

impl Outbox {
    /// Queues a word.
    pub fn talk(&self, frame: Bytes) -> Result<(), Full> {
        self.talk.push(frame)
    }

    /// Queues a file frame.
    pub fn bulk(&self, frame: Bytes) -> Result<(), Full> {
        self.bulk.push(frame)
    }

    /// Whether a file frame of this size would find room.
    #[must_use]
    pub fn has_bulk_room(&self, bytes: usize) -> bool {
        self.bulk.frames.capacity() > 0 && self.bulk.fits(bytes)
    }

    /// Frames that wait in both queues.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let waiting = |lane: &Lane| lane.frames.max_capacity() - lane.frames.capacity();
        waiting(&self.talk) + waiting(&self.bulk)
    }

    /// Ends the queue: what waits is still written, then the socket closes.
    pub fn close(self, why: Close) {
        let first = self.close.set(why);
        debug_assert!(first.is_ok(), "closing consumes the only sender");
    }
}

impl Outgoing {
    /// What the socket is to do next; `None` after the close. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<Written> {
        if self.ended {
            return None;
        }
        // Whoever does not read will not read the rest either.
        if self.close.get() == Some(&Close::SlowReader) {
            return Some(self.end());
        }
        let frame = tokio::select! {
            biased;
            Some(frame) = self.talk.frames.recv() => self.talk.took(frame),
            Some(frame) = self.bulk.frames.recv() => self.bulk.took(frame),
            else => return Some(self.end()),
        };
        Some(Written::Frame(frame))
    }

    /// What can be written without waiting: for coalescing several frames into one write.
    pub fn try_next(&mut self) -> Option<Bytes> {
        if let Ok(frame) = self.talk.frames.try_recv() {
            return Some(self.talk.took(frame));
        }
        let frame = self.bulk.frames.try_recv().ok()?;
        Some(self.bulk.took(frame))
    }

    fn end(&mut self) -> Written {
        self.ended = true;
        // Without a reason the Session has gone down with its arbiter.
        Written::Close(self.close.get().copied().unwrap_or(Close::Internal))
    }
}

impl Lane {
    fn fits(&self, bytes: usize) -> bool {
        let waiting = self.waiting_bytes.load(Ordering::Relaxed);
        // A frame alone always fits: its size was checked at the door.
        waiting == 0 || waiting.saturating_add(bytes) <= self.bytes_max
    }

    fn push(&self, frame: Bytes) -> Result<(), Full> {
        let bytes = frame.len();
        if !self.fits(bytes) {
            return Err(Full);
        }
        // Counted before the reader can take it, so that neither count falls below zero.
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.waiting.increment(1.0);
        self.frames.try_send(frame).map_err(|_| {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.waiting.decrement(1.0);
            Full
        })
    }
}

impl LaneReader {
    fn took(&self, frame: Bytes) -> Bytes {
        self.waiting_bytes.fetch_sub(frame.len(), Ordering::Relaxed);
        self.waiting.decrement(1.0);
        frame
    }
}

impl Drop for LaneReader {
    /// A socket that ended writes nothing more: what waited for it waits no longer.
    fn drop(&mut self) {
        self.frames.close();
        while let Ok(frame) = self.frames.try_recv() {
            self.took(frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push_until_full(outbox: &Outbox, frame: &Bytes) -> usize {
        (0..10_000).take_while(|_| outbox.talk(frame.clone()).is_ok()).count()
    }

    #[tokio::test]
    async fn box1_words_go_before_files_and_the_close_comes_last() {
        let (outbox, mut outgoing) = channel(Door::Binary);
        outbox.bulk(Bytes::from_static(b"chunk")).unwrap();
        outbox.talk(Bytes::from_static(b"word")).unwrap();
        assert_eq!(outbox.waiting(), 2);
        outbox.close(Close::Normal);
        let written = [outgoing.next().await, outgoing.next().await, outgoing.next().await];
        let frame = |text: &'static [u8]| Some(Written::Frame(Bytes::from_static(text)));
        assert_eq!(written, [frame(b"word"), frame(b"chunk"), Some(Written::Close(Close::Normal))]);
        assert_eq!(outgoing.next().await, None);
    }

    #[test]
    fn box2_a_reader_that_does_not_read_is_noticed_by_items_and_by_bytes() {
        let (outbox, _outgoing) = channel(Door::Binary);
        let pushed = push_until_full(&outbox, &Bytes::from_static(b"a"));
        assert_eq!(pushed, OUTBOX_TALK_ITEMS_MAX);
        let (outbox, _outgoing) = channel(Door::Binary);
        let large = Bytes::from(vec![0; 100 * 1024]);
        let pushed = push_until_full(&outbox, &large);
        assert_eq!(pushed, OUTBOX_TALK_BYTES_MAX / large.len());
    }

    #[test]
    fn box3_a_full_bulk_queue_refuses_chunks_and_leaves_room_for_words() {
        let (outbox, mut outgoing) = channel(Door::Text);
        let chunk = Bytes::from(vec![0; 1_400_000]);
        outbox.bulk(chunk.clone()).unwrap();
        outbox.bulk(chunk.clone()).unwrap();
        assert!(!outbox.has_bulk_room(chunk.len()));
        assert_eq!(outbox.bulk(chunk.clone()), Err(Full));
        outbox.talk(Bytes::from_static(b"word")).unwrap();
        assert_eq!(outgoing.try_next().unwrap().len(), 4);
        assert_eq!(outgoing.try_next().unwrap().len(), chunk.len());
        assert!(outbox.has_bulk_room(chunk.len()));
    }

    #[tokio::test]
    async fn box4_a_slow_reader_is_cut_without_writing_the_rest() {
        let (outbox, mut outgoing) = channel(Door::Binary);
        outbox.talk(Bytes::from_static(b"word")).unwrap();
        outbox.close(Close::SlowReader);
        assert_eq!(outgoing.next().await, Some(Written::Close(Close::SlowReader)));
    }
}
