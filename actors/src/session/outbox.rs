//! The bounded queue between a Session and the socket that writes for it.
//!
//! Words and file frames wait apart, and words go first. What a peer says has its share of the
//! talk queue, and what finds no room in either is refused to its sender: whoever floods a client,
//! and whoever talks to one that reads slowly, hears of it and cuts nobody. Only a client that does
//! not even read the server's own words is cut for a full queue.
//!
//! What a peer said is looked at once more before it is written: it may have waited here while its
//! sender was revoked, or while the whole process stood still.

mod lane;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors_core::session::Close;
use bus_schemas::chat::Standing;
use bus_schemas::frame::Door;
use bus_schemas::limit::{
    CHUNKS_ON_WAY_MAX_TEXT, FRAME_BYTES_MAX_TEXT, OUTBOX_BULK_BYTES_MAX, OUTBOX_BULK_ITEMS_MAX,
    OUTBOX_TALK_BYTES_MAX, OUTBOX_TALK_ITEMS_MAX,
};
use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

use self::lane::{Lanes, Waiting, Which};
use super::{Gate, TokenCheck};

/// How soon a frame that is held behind a shut gate is looked at again: a rare thing, and short.
const HELD_AGAIN: Duration = Duration::from_millis(10);
/// Bytes of file frames that may wait on the text door, those being written included: two of its
/// large chunks, which is as many as one sender has on their way, and the beginning or the end of a
/// file beside them.
const BULK_BYTES_MAX_TEXT: usize = CHUNKS_ON_WAY_MAX_TEXT * (FRAME_BYTES_MAX_TEXT + 1024);

/// A frame, and the rest of it where that is long and need not be moved to stand behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// All of it, or its beginning.
    pub head: Bytes,
    /// Often nothing.
    pub body: Bytes,
}

impl Frame {
    /// Its bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In one piece.
    #[must_use]
    pub fn whole(self) -> Bytes {
        if self.body.is_empty() { self.head } else { [self.head, self.body].concat().into() }
    }
}

impl From<Bytes> for Frame {
    fn from(head: Bytes) -> Self {
        Self { head, body: Bytes::new() }
    }
}

/// What the socket is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Write this frame.
    Frame(Frame),
    /// Close, for this reason; nothing follows.
    Close(Close),
}

/// Why a frame was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotQueued {
    /// There is no room.
    Full,
    /// The socket has ended and reads the queue no more. The Session hears of that from the socket.
    Closed,
}

/// The Session's end.
pub struct Outbox {
    lanes: Lanes,
}

/// The socket's end.
pub struct Outgoing {
    lanes: Lanes,
    ended: bool,
    tokens: Arc<dyn TokenCheck>,
    gate: Gate,
    /// What was taken from a lane and may not be written yet: that is rare, and every open socket
    /// has room for where it stands.
    held: Option<Box<Waiting>>,
    /// When what is held is looked at again.
    again: Option<Pin<Box<Sleep>>>,
    /// Whom to tell as soon as what was given out has been written.
    writing: Vec<oneshot::Sender<()>>,
    /// Whether the frame that was taken last is the server's own.
    was_own: bool,
}

/// Whether a frame may be written.
enum Passage {
    Free,
    /// Its sender's Session has ended.
    Ended,
    /// Nobody here knows at the moment.
    Shut,
}

/// Both ends of a queue for a socket of this door. What peers say is judged by these tokens.
#[must_use]
pub fn channel(door: Door, tokens: Arc<dyn TokenCheck>) -> (Outbox, Outgoing) {
    let bulk_bytes = match door {
        Door::Text => BULK_BYTES_MAX_TEXT,
        Door::Binary => OUTBOX_BULK_BYTES_MAX,
    };
    let talk = (OUTBOX_TALK_ITEMS_MAX, OUTBOX_TALK_BYTES_MAX);
    let lanes = Lanes::new(talk, (OUTBOX_BULK_ITEMS_MAX, bulk_bytes));
    let outgoing = Outgoing {
        lanes: lanes.clone(),
        ended: false,
        gate: tokens.gate(),
        tokens,
        held: None,
        again: None,
        writing: Vec::new(),
        was_own: false,
    };
    (Outbox { lanes }, outgoing)
}

impl Outbox {
    /// Queues a word of the server's own.
    pub fn talk(&self, frame: Bytes) -> Result<(), NotQueued> {
        self.lanes.push(Which::Talk, Waiting { frame: frame.into(), of: None, written: None })
    }

    /// Whether a word of this size finds room in the share of whoever's Session stands on this.
    pub fn room_for(&self, of: Standing, bytes: usize) -> Result<(), NotQueued> {
        self.lanes.room_for(of.login, bytes)
    }

    /// Queues a word of a peer whose Session stands on this. Whether it finds room was asked
    /// before: here it is full only for want of places.
    pub fn peer_talk(&self, frame: Bytes, of: Standing) -> Result<(), NotQueued> {
        self.lanes.keep(Which::Talk, Waiting { frame: frame.into(), of: Some(of), written: None })
    }

    /// Queues a file frame of such a peer.
    pub fn peer_bulk(&self, frame: Frame, of: Standing) -> Result<(), NotQueued> {
        self.lanes.push(Which::Bulk, Waiting { frame, of: Some(of), written: None })
    }

    /// The same; the answer comes when it has been written, and never if it will not be.
    pub fn peer_bulk_told(
        &self,
        frame: Frame,
        of: Standing,
    ) -> Result<oneshot::Receiver<()>, NotQueued> {
        let (tell, written) = oneshot::channel();
        let waiting = Waiting { frame, of: Some(of), written: Some(tell) };
        self.lanes.push(Which::Bulk, waiting)?;
        Ok(written)
    }

    /// Whether a file frame of this size would find room.
    pub fn bulk_room(&self, bytes: usize) -> Result<(), NotQueued> {
        self.lanes.bulk_room(bytes)
    }

    /// Frames that wait in both queues.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lanes.waiting()
    }

    /// Ends the queue: what waits is still written, then the socket closes.
    pub fn close(self, why: Close) {
        self.lanes.end(Some(why));
    }
}

impl Drop for Outbox {
    /// A Session that goes down without a word ends it as well.
    fn drop(&mut self) {
        self.lanes.end(None);
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.lanes.forget();
    }
}

impl Outgoing {
    /// What the socket is to do next; `None` after the close. Cancelling loses nothing. To ask for
    /// more is to say that everything before has been written.
    pub async fn next(&mut self) -> Option<Written> {
        poll_fn(|ctx| self.poll_next(ctx)).await
    }

    /// The same for whoever has no room for a future that waits.
    pub fn poll_next(&mut self, ctx: &mut Context<'_>) -> Poll<Option<Written>> {
        for told in self.writing.drain(..) {
            // Whoever asked may have gone meanwhile.
            told.send(()).ok();
        }
        if self.ended {
            return Poll::Ready(None);
        }
        loop {
            if let Some(again) = &mut self.again {
                ready!(again.as_mut().poll(ctx));
                self.again = None;
            }
            let taken = match self.held.take() {
                Some(held) => Some(*held),
                None => ready!(self.lanes.poll_take(ctx)),
            };
            let Some(waiting) = taken else { return Poll::Ready(Some(self.end())) };
            if let Some(frame) = self.pass(waiting) {
                return Poll::Ready(Some(Written::Frame(frame)));
            }
            if self.held.is_some() {
                self.again = Some(Box::pin(sleep(HELD_AGAIN)));
            }
        }
    }

    /// What can be written without waiting: for coalescing several frames into one write.
    pub fn try_next(&mut self) -> Option<Frame> {
        loop {
            let taken = self.held.take().map(|held| *held);
            let waiting = taken.or_else(|| self.lanes.try_take())?;
            let passed = self.pass(waiting);
            if passed.is_some() || self.held.is_some() {
                return passed;
            }
        }
    }

    /// Whether the frame that was taken last is a word of the server's own: that may be said late.
    #[must_use]
    pub fn was_own(&self) -> bool {
        self.was_own
    }

    /// The frame of what was taken, if it may be written. It is held while nobody knows.
    fn pass(&mut self, waiting: Waiting) -> Option<Frame> {
        match self.judge(&waiting) {
            Passage::Free => {
                self.was_own = waiting.of.is_none();
                self.writing.extend(waiting.written);
                Some(waiting.frame)
            }
            Passage::Ended => None,
            // The Session has ended; whoever is to hear this will not.
            Passage::Shut if self.lanes.close().is_some() => None,
            Passage::Shut => {
                self.held = Some(Box::new(waiting));
                None
            }
        }
    }

    fn judge(&self, waiting: &Waiting) -> Passage {
        match waiting.of {
            Some(_) if !self.gate.is_open() => Passage::Shut,
            Some(standing) if self.tokens.has_ended(standing) => Passage::Ended,
            None | Some(_) => Passage::Free,
        }
    }

    fn end(&mut self) -> Written {
        self.ended = true;
        // Without a reason the Session has gone down with its arbiter.
        Written::Close(self.lanes.close().unwrap_or(Close::Internal))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use actors_core::session::Bearer;
    use async_trait::async_trait;
    use bus_schemas::fault::Code;
    use bus_schemas::id::{LoginId, TokenId};
    use bus_schemas::secret::Secret;
    use bus_schemas::time::Millis;
    use futures_util::FutureExt;
    use futures_util::stream::{self, BoxStream, StreamExt};

    use super::super::Told;
    use super::*;

    const GOOD: Standing = standing(1);
    const BAD: Standing = standing(2);

    const fn standing(number: u8) -> Standing {
        Standing {
            login: LoginId::from_bytes([number; 16]),
            token: TokenId::from_bytes([number; 16]),
        }
    }

    struct Tokens {
        gate: Gate,
        ended: Mutex<Vec<Standing>>,
    }

    fn open() -> Arc<Tokens> {
        let gate = Gate::shut();
        gate.open_until(Millis(u64::MAX));
        Arc::new(Tokens { gate, ended: Mutex::default() })
    }

    #[async_trait]
    impl TokenCheck for Tokens {
        async fn check(&self, _: &Secret<String>) -> Result<Bearer, Code> {
            Err(Code::InvalidToken)
        }

        fn has_ended(&self, standing: Standing) -> bool {
            self.ended.lock().unwrap().contains(&standing)
        }

        fn gate(&self) -> Gate {
            self.gate.clone()
        }

        fn told(&self) -> BoxStream<'static, Told> {
            stream::pending().boxed()
        }
    }

    fn push_until_full(outbox: &Outbox, frame: &Bytes) -> usize {
        (0..10_000).take_while(|_| outbox.talk(frame.clone()).is_ok()).count()
    }

    #[tokio::test]
    async fn box1_words_go_before_files_and_the_close_comes_last() {
        let (outbox, mut outgoing) = channel(Door::Binary, open());
        outbox.peer_bulk(Bytes::from_static(b"chunk").into(), GOOD).unwrap();
        outbox.talk(Bytes::from_static(b"word")).unwrap();
        assert_eq!(outbox.waiting(), 2);
        outbox.close(Close::Normal);
        let frame = |text: &'static [u8]| Some(Written::Frame(Bytes::from_static(text).into()));
        assert_eq!((outgoing.next().await, outgoing.was_own()), (frame(b"word"), true));
        assert_eq!((outgoing.next().await, outgoing.was_own()), (frame(b"chunk"), false));
        assert_eq!(outgoing.next().await, Some(Written::Close(Close::Normal)));
        assert_eq!(outgoing.next().await, None);
    }

    #[test]
    fn box2_a_reader_that_does_not_read_is_noticed_by_items_and_by_bytes() {
        let (outbox, _outgoing) = channel(Door::Binary, open());
        let pushed = push_until_full(&outbox, &Bytes::from_static(b"a"));
        assert_eq!(pushed, OUTBOX_TALK_ITEMS_MAX);
        let (outbox, _outgoing) = channel(Door::Binary, open());
        let large = Bytes::from(vec![0; 100 * 1024]);
        let pushed = push_until_full(&outbox, &large);
        assert_eq!(pushed, OUTBOX_TALK_BYTES_MAX / large.len());
    }

    /// Words of a peer until one finds no room.
    fn fill(outbox: &Outbox, of: Standing, word: &Bytes) -> usize {
        let say = |_: &usize| {
            let room = outbox.room_for(of, word.len());
            room.is_ok() && outbox.peer_talk(word.clone(), of).is_ok()
        };
        (0..10_000).take_while(say).count()
    }

    #[tokio::test]
    async fn box7_a_peer_that_says_too_much_leaves_room_for_others_until_it_was_written() {
        let (outbox, mut outgoing) = channel(Door::Binary, open());
        let word = Bytes::from_static(b"word");
        assert_eq!(fill(&outbox, GOOD, &word), OUTBOX_TALK_ITEMS_MAX / 2);
        assert_eq!(fill(&outbox, BAD, &word), OUTBOX_TALK_ITEMS_MAX / 4);
        let large = Bytes::from(vec![0; 200 * 1024]);
        assert_eq!(fill(&outbox, BAD, &large), 0);
        assert_eq!(outbox.talk(word.clone()), Ok(()), "the server's own words have all of it");
        // What is being written is in the share of whoever said it.
        assert!(outgoing.next().await.is_some());
        while outgoing.try_next().is_some() {}
        assert_eq!(outbox.waiting(), 0);
        assert_eq!(fill(&outbox, GOOD, &word), 1, "one that waits alone always fits");
        assert!(outgoing.next().await.is_some());
        assert_eq!(fill(&outbox, GOOD, &word), OUTBOX_TALK_ITEMS_MAX / 2 - 1);
    }

    #[tokio::test]
    async fn box2_what_is_being_written_is_held_as_well() {
        let (outbox, mut outgoing) = channel(Door::Binary, open());
        let large = Bytes::from(vec![0; 200 * 1024]);
        outbox.talk(large.clone()).unwrap();
        outbox.talk(large.clone()).unwrap();
        assert_eq!(outgoing.next().await, Some(Written::Frame(large.clone().into())));
        assert_eq!(outbox.talk(large.clone()), Err(NotQueued::Full));
        // One that waits alone always fits.
        assert_eq!(outgoing.try_next(), Some(large.clone().into()));
        outbox.talk(large.clone()).unwrap();
        assert_eq!(outbox.talk(large.clone()), Err(NotQueued::Full));
        assert_eq!(outgoing.next().await, Some(Written::Frame(large.clone().into())));
        outbox.talk(large.clone()).unwrap();
    }

    #[tokio::test]
    async fn box3_a_full_bulk_queue_refuses_chunks_and_leaves_room_for_words() {
        let (outbox, mut outgoing) = channel(Door::Text, open());
        let chunk = Bytes::from(vec![0; 1_400_000]);
        outbox.peer_bulk(chunk.clone().into(), GOOD).unwrap();
        outbox.peer_bulk(chunk.clone().into(), GOOD).unwrap();
        assert!(outbox.bulk_room(chunk.len()).is_err());
        assert_eq!(outbox.peer_bulk(chunk.clone().into(), GOOD), Err(NotQueued::Full));
        outbox.talk(Bytes::from_static(b"word")).unwrap();
        assert_eq!(outgoing.try_next().unwrap().len(), 4);
        assert_eq!(outgoing.try_next().unwrap().len(), chunk.len());
        // It is being written, so there are still two.
        assert!(outbox.bulk_room(chunk.len()).is_err());
        assert_eq!(outgoing.next().await, Some(Written::Frame(chunk.clone().into())));
        assert!(outbox.bulk_room(chunk.len()).is_ok());
    }

    #[tokio::test]
    async fn box4_a_slow_reader_is_cut_without_writing_the_rest() {
        let (outbox, mut outgoing) = channel(Door::Binary, open());
        outbox.talk(Bytes::from_static(b"word")).unwrap();
        outbox.close(Close::SlowReader);
        assert_eq!(outgoing.next().await, Some(Written::Close(Close::SlowReader)));
    }

    #[tokio::test]
    async fn box5_what_waits_is_not_written_once_its_sender_has_ended() {
        let tokens = open();
        let (outbox, mut outgoing) = channel(Door::Binary, tokens.clone());
        for of in [BAD, GOOD, BAD] {
            let word = Bytes::copy_from_slice(of.login.as_bytes());
            outbox.peer_talk(word, of).unwrap();
        }
        outbox.peer_bulk(Bytes::from_static(b"chunk").into(), BAD).unwrap();
        tokens.ended.lock().unwrap().push(BAD);
        assert_eq!(outgoing.try_next().unwrap().whole(), GOOD.login.as_bytes()[..]);
        assert_eq!(outgoing.try_next(), None);
        outbox.peer_talk(Bytes::from_static(b"late"), BAD).unwrap();
        outbox.close(Close::Normal);
        assert_eq!(outgoing.next().await, Some(Written::Close(Close::Normal)));
    }

    #[tokio::test]
    async fn box6_behind_a_shut_gate_a_peer_s_words_wait_and_nothing_overtakes_them() {
        let tokens = open();
        let (outbox, mut outgoing) = channel(Door::Binary, tokens.clone());
        tokens.gate.open_until(Millis(0));
        outbox.talk(Bytes::from_static(b"own")).unwrap();
        outbox.peer_talk(Bytes::from_static(b"peer's"), GOOD).unwrap();
        outbox.talk(Bytes::from_static(b"own again")).unwrap();
        assert_eq!(outgoing.try_next().unwrap().whole(), b"own"[..]);
        assert_eq!(outgoing.try_next(), None);
        assert!(outgoing.next().now_or_never().is_none());
        tokens.gate.open_until(Millis(u64::MAX));
        for frame in [&b"peer's"[..], b"own again"] {
            let written = Written::Frame(Bytes::copy_from_slice(frame).into());
            assert_eq!(outgoing.next().await, Some(written));
        }
        // A Session that ends behind a shut gate takes along what it could not pass on.
        tokens.gate.open_until(Millis(0));
        outbox.peer_talk(Bytes::from_static(b"peer's"), GOOD).unwrap();
        outbox.talk(Bytes::from_static(b"own")).unwrap();
        assert!(outgoing.next().now_or_never().is_none());
        outbox.close(Close::BusAway);
        assert_eq!(outgoing.next().await, Some(Written::Frame(Bytes::from_static(b"own").into())));
        assert_eq!(outgoing.next().await, Some(Written::Close(Close::BusAway)));
    }
}
