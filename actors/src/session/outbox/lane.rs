//! A lane of the outbox: frames in order, within bounds of places and bytes, each in the share of
//! whoever said it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actors_core::session::Shares;
use bus_schemas::chat::Standing;
use bus_schemas::id::LoginId;
use bytes::Bytes;
use metrics::Gauge;
use tokio::sync::{mpsc, oneshot};

use super::super::metrics as counted;
use super::Full;

/// How many frames of one write a socket has room to note when nothing is said.
const TAKEN_KEPT: usize = 4;

/// A frame that waits, and what its sender's Session stands on if it is a peer's.
pub(super) struct Waiting {
    pub(super) frame: Bytes,
    pub(super) of: Option<Standing>,
    /// Whoever wants to know when it has been written.
    pub(super) written: Option<oneshot::Sender<()>>,
}

/// The writer's end.
pub(super) struct Lane {
    pub(super) frames: mpsc::Sender<Waiting>,
    waiting: Gauge,
    held: Held,
}

/// The reader's end.
pub(super) struct LaneReader {
    pub(super) frames: mpsc::Receiver<Waiting>,
    waiting: Gauge,
    held: Held,
    /// What was taken and perhaps not written yet: whose it is, and how many bytes.
    taken: Vec<(Option<LoginId>, usize)>,
}

/// What waits in a lane, and what of it is being written: both are held in memory.
#[derive(Clone)]
struct Held(Arc<Mutex<Shares>>);

/// Both ends of a lane for so many frames and bytes.
pub(super) fn lane(items_max: usize, bytes_max: usize) -> (Lane, LaneReader) {
    let (sender, receiver) = mpsc::channel(items_max);
    let held = Held(Arc::new(Mutex::new(Shares::new(items_max, bytes_max))));
    let waiting = counted::waiting();
    let (of_reader, waiting_too) = (held.clone(), waiting.clone());
    let reader =
        LaneReader { frames: receiver, waiting: waiting_too, held: of_reader, taken: Vec::new() };
    (Lane { frames: sender, waiting, held }, reader)
}

impl Waiting {
    /// Whose share of the queue it is in.
    fn share(&self) -> Option<LoginId> {
        self.of.map(|standing| standing.login)
    }
}

impl Lane {
    fn is_empty(&self) -> bool {
        self.frames.capacity() == self.frames.max_capacity()
    }

    pub(super) fn fits(&self, bytes: usize) -> bool {
        // A frame that waits alone always fits: its size was checked at the door.
        self.is_empty() || self.held.lock().has_own_room(bytes)
    }

    /// Whether a word of so many bytes finds room in the share of this Login.
    pub(super) fn has_room_for(&self, login: LoginId, bytes: usize) -> bool {
        let is_free = || self.held.lock().has_room_for(login, bytes);
        self.frames.capacity() > 0 && (self.is_empty() || is_free())
    }

    /// Takes it if it fits.
    pub(super) fn push(&self, waiting: Waiting) -> Result<(), Full> {
        if self.fits(waiting.frame.len()) { self.keep(waiting) } else { Err(Full) }
    }

    /// Takes it if there is a place, whatever it weighs.
    pub(super) fn keep(&self, waiting: Waiting) -> Result<(), Full> {
        let (share, bytes) = (waiting.share(), waiting.frame.len());
        // Counted before the reader can take it, so that neither count falls below zero.
        self.held.lock().add(share, bytes);
        self.waiting.increment(1.0);
        self.frames.try_send(waiting).map_err(|_| {
            self.held.lock().remove(share, bytes);
            self.waiting.decrement(1.0);
            Full
        })
    }
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, Shares> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LaneReader {
    pub(super) fn try_take(&mut self) -> Option<Waiting> {
        let waiting = self.frames.try_recv().ok()?;
        Some(self.took(waiting))
    }

    pub(super) fn took(&mut self, waiting: Waiting) -> Waiting {
        self.taken.push((waiting.share(), waiting.frame.len()));
        self.waiting.decrement(1.0);
        waiting
    }

    /// What was taken is held no longer.
    pub(super) fn written(&mut self) {
        if self.taken.is_empty() {
            return;
        }
        let mut held = self.held.lock();
        for (share, bytes) in self.taken.drain(..) {
            held.remove(share, bytes);
        }
        drop(held);
        // A burst is rare, and there are many sockets.
        self.taken.shrink_to(TAKEN_KEPT);
    }
}

impl Drop for LaneReader {
    /// A socket that ended writes nothing more: what waited for it waits no longer.
    fn drop(&mut self) {
        self.frames.close();
        while let Ok(waiting) = self.frames.try_recv() {
            self.took(waiting);
        }
    }
}
