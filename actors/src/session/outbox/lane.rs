//! The lanes of an outbox: frames in order, within bounds of places and bytes, each in the share of
//! whoever said it. Both lanes of a socket are in one place, and hold nothing while nothing waits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use actors_core::session::{Close, Shares};
use bus_schemas::chat::Standing;
use bus_schemas::id::LoginId;
use tokio::sync::oneshot;

use super::super::metrics as counted;
use super::{Frame, NotQueued};
use crate::spare::Spares;

thread_local! {
    /// For the next socket to which something is said.
    static QUEUES: Spares<Place> = const { Spares::new() };
}

/// A frame that waits, and what its sender's Session stands on if it is a peer's.
pub(super) struct Waiting {
    pub(super) frame: Frame,
    pub(super) of: Option<Standing>,
    /// Whoever wants to know when it has been written.
    pub(super) written: Option<oneshot::Sender<()>>,
}

/// Its place in a lane, which it has until it was written; the frame itself has been taken by then.
struct Place {
    waiting: Waiting,
    bytes: usize,
}

/// Which lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Talk,
    Bulk,
}

/// Both lanes of a socket, and whether it is to close. The Session and the socket hold them.
#[derive(Clone)]
pub(super) struct Lanes(Arc<Mutex<Both>>);

struct Both {
    talk: Lane,
    bulk: Lane,
    close: Option<Close>,
    is_read: bool,
    is_filled: bool,
    /// Whoever waits for a frame.
    reader: Option<Waker>,
}

/// Frames that wait, and before them what of it is being written: both are held in memory.
struct Lane {
    places: VecDeque<Place>,
    taken: usize,
    held: Shares,
}

impl Lanes {
    /// For so many frames and bytes of words and of files.
    pub(super) fn new(talk: (usize, usize), bulk: (usize, usize)) -> Self {
        Self(Arc::new(Mutex::new(Both {
            talk: Lane::new(talk),
            bulk: Lane::new(bulk),
            close: None,
            is_read: true,
            is_filled: true,
            reader: None,
        })))
    }

    /// Whether a word of so many bytes finds room in the share of this Login.
    pub(super) fn room_for(&self, login: LoginId, bytes: usize) -> Result<(), NotQueued> {
        self.lock().room(|both| both.talk.has_room_for(login, bytes))
    }

    /// Whether a file frame of so many bytes finds room.
    pub(super) fn bulk_room(&self, bytes: usize) -> Result<(), NotQueued> {
        self.lock().room(|both| both.bulk.has_place() && both.bulk.fits(bytes))
    }

    /// Takes it if it fits.
    pub(super) fn push(&self, which: Which, waiting: Waiting) -> Result<(), NotQueued> {
        let mut both = self.lock();
        both.room(|both| both.lane(which).fits(waiting.frame.len()))?;
        both.keep(which, waiting)
    }

    /// Takes it if there is a place, whatever it weighs.
    pub(super) fn keep(&self, which: Which, waiting: Waiting) -> Result<(), NotQueued> {
        self.lock().keep(which, waiting)
    }

    /// How many frames wait.
    pub(super) fn waiting(&self) -> usize {
        let both = self.lock();
        both.talk.waiting() + both.bulk.waiting()
    }

    /// Nothing more is said; with a reason unless the Session went down.
    pub(super) fn end(&self, why: Option<Close>) {
        let mut both = self.lock();
        both.close = both.close.or(why);
        both.is_filled = false;
        let reader = both.reader.take();
        drop(both);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Why the socket is to close, as soon as that is known.
    pub(super) fn close(&self) -> Option<Close> {
        self.lock().close
    }

    /// What waits longest, words first.
    pub(super) fn try_take(&self) -> Option<Waiting> {
        self.lock().take()
    }

    /// The same, as soon as something waits; `None` when nothing will. To ask is to say that
    /// everything that was taken before has been written.
    pub(super) fn poll_take(&self, ctx: &Context<'_>) -> Poll<Option<Waiting>> {
        let mut both = self.lock();
        both.talk.written();
        both.bulk.written();
        if both.close == Some(Close::SlowReader) {
            // Whoever does not read will not read the rest either.
            return Poll::Ready(None);
        }
        match both.take() {
            Some(waiting) => Poll::Ready(Some(waiting)),
            None if !both.is_filled => Poll::Ready(None),
            None => {
                if !both.reader.as_ref().is_some_and(|reader| reader.will_wake(ctx.waker())) {
                    both.reader = Some(ctx.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// A socket that ended writes nothing more: what waited for it waits no longer.
    pub(super) fn forget(&self) {
        let mut both = self.lock();
        both.is_read = false;
        let waited = both.talk.waiting() + both.bulk.waiting();
        counted::wait_no_longer(waited);
        let (talk, bulk) = (both.talk.empty(), both.bulk.empty());
        drop(both);
        // Whoever waits to hear that something was written is woken by this.
        drop((talk, bulk));
    }

    fn lock(&self) -> MutexGuard<'_, Both> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Both {
    const fn lane(&self, which: Which) -> &Lane {
        match which {
            Which::Talk => &self.talk,
            Which::Bulk => &self.bulk,
        }
    }

    const fn lane_mut(&mut self, which: Which) -> &mut Lane {
        match which {
            Which::Talk => &mut self.talk,
            Which::Bulk => &mut self.bulk,
        }
    }

    /// Whether somebody reads and there is room.
    fn room(&self, is_there: impl FnOnce(&Self) -> bool) -> Result<(), NotQueued> {
        if !self.is_read {
            Err(NotQueued::Closed)
        } else if is_there(self) {
            Ok(())
        } else {
            Err(NotQueued::Full)
        }
    }

    fn keep(&mut self, which: Which, waiting: Waiting) -> Result<(), NotQueued> {
        self.room(|both| both.lane(which).has_place())?;
        self.lane_mut(which).push(waiting);
        counted::waits();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Waiting> {
        let waiting = self.talk.take().or_else(|| self.bulk.take())?;
        counted::wait_no_longer(1);
        Some(waiting)
    }
}

impl Lane {
    fn new((places_max, bytes_max): (usize, usize)) -> Self {
        let held = Shares::new(places_max, bytes_max);
        Self { places: VecDeque::new(), taken: 0, held }
    }

    fn waiting(&self) -> usize {
        self.places.len() - self.taken
    }

    fn has_place(&self) -> bool {
        self.waiting() < self.held.words_max()
    }

    fn fits(&self, bytes: usize) -> bool {
        // A frame that waits alone always fits: its size was checked at the door.
        self.waiting() == 0 || self.held.has_own_room(bytes)
    }

    fn has_room_for(&self, login: LoginId, bytes: usize) -> bool {
        self.has_place() && (self.waiting() == 0 || self.held.has_room_for(login, bytes))
    }

    fn push(&mut self, waiting: Waiting) {
        if self.places.capacity() == 0 {
            self.places = QUEUES.with(Spares::take);
        }
        let bytes = waiting.frame.len();
        self.held.add(waiting.share(), bytes);
        self.places.push_back(Place { waiting, bytes });
    }

    fn take(&mut self) -> Option<Waiting> {
        let place = self.places.get_mut(self.taken)?;
        self.taken += 1;
        Some(place.waiting.take())
    }

    /// What was taken is held no longer.
    fn written(&mut self) {
        for place in self.places.drain(..self.taken) {
            self.held.remove(place.waiting.share(), place.bytes);
        }
        self.taken = 0;
        if self.places.is_empty() && self.places.capacity() > 0 {
            QUEUES.with(|queues| queues.put_by(&mut self.places));
        }
    }

    fn empty(&mut self) -> VecDeque<Place> {
        self.taken = 0;
        std::mem::take(&mut self.places)
    }
}

impl Waiting {
    /// Whose share of the queue it is in.
    fn share(&self) -> Option<LoginId> {
        self.of.map(|standing| standing.login)
    }

    /// All but whose it is.
    fn take(&mut self) -> Self {
        Self { frame: std::mem::take(&mut self.frame), of: self.of, written: self.written.take() }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::spare::PLACES_KEPT;

    fn lanes() -> Lanes {
        Lanes::new((1_024, 512 * 1024), (256, 512 * 1024))
    }

    fn word() -> Waiting {
        Waiting { frame: Bytes::from_static(b"word").into(), of: None, written: None }
    }

    fn places(lanes: &Lanes) -> usize {
        let both = lanes.lock();
        both.talk.places.capacity() + both.bulk.places.capacity()
    }

    fn write_all(lanes: &Lanes) {
        while lanes.poll_take(&Context::from_waker(Waker::noop())).is_ready() {}
    }

    #[test]
    fn box8_what_has_nothing_to_write_keeps_nothing() {
        let lanes = lanes();
        for words in [1, 3, 200] {
            for _ in 0..words {
                assert!(lanes.push(Which::Talk, word()).is_ok());
                assert!(lanes.push(Which::Bulk, word()).is_ok());
            }
            assert!(places(&lanes) >= 2 * words);
            write_all(&lanes);
            assert_eq!(places(&lanes), 0, "after {words}");
        }
    }

    #[test]
    fn box8_a_queue_that_is_not_used_serves_the_next_socket_unless_it_is_large() {
        let (one, other) = (lanes(), lanes());
        for _ in 0..1_000 {
            assert!(one.push(Which::Talk, word()).is_ok());
        }
        write_all(&one);
        assert!(other.push(Which::Talk, word()).is_ok());
        let small = places(&other);
        assert!(small <= PLACES_KEPT, "{small}");
        write_all(&other);
        assert!(one.push(Which::Talk, word()).is_ok());
        assert_eq!(places(&one), small);
    }

    #[test]
    fn box8_nobody_keeps_what_a_socket_that_ended_had_not_written() {
        let lanes = lanes();
        let (tell, mut told) = oneshot::channel();
        assert!(lanes.push(Which::Bulk, Waiting { written: Some(tell), ..word() }).is_ok());
        lanes.forget();
        assert_eq!((lanes.waiting(), places(&lanes)), (0, 0));
        assert!(matches!(told.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        let closed = Err(NotQueued::Closed);
        assert_eq!(lanes.push(Which::Talk, word()), closed);
        assert_eq!(lanes.keep(Which::Talk, word()), closed);
        assert_eq!(lanes.bulk_room(1), closed);
        assert_eq!(lanes.room_for(LoginId::from_bytes([1; 16]), usize::MAX), closed);
    }
}
