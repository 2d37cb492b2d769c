//! Queues that a thread keeps for whoever needs one next.
//!
//! There are many queues and most of them are empty; each needs memory while something waits in it,
//! and asking the heap for it each time would cost more than what waits.

use std::cell::RefCell;
use std::collections::VecDeque;

/// Queues that are kept: most give theirs back before the next one needs it.
const QUEUES_KEPT: usize = 64;
/// Places of a queue that is kept. A burst is rare.
pub(crate) const PLACES_KEPT: usize = 32;

/// What a thread keeps; to stand in a `thread_local`.
pub(crate) struct Spares<T>(RefCell<Vec<VecDeque<T>>>);

impl<T> Spares<T> {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// An empty queue, with room if there is one.
    pub(crate) fn take(&self) -> VecDeque<T> {
        self.0.borrow_mut().pop().unwrap_or_default()
    }

    /// Keeps the memory of an empty queue, unless it is large or there is enough of it.
    pub(crate) fn put_by(&self, queue: &mut VecDeque<T>) {
        let queue = std::mem::take(queue);
        let mut kept = self.0.borrow_mut();
        if queue.is_empty() && queue.capacity() <= PLACES_KEPT && kept.len() < QUEUES_KEPT {
            kept.push(queue);
        }
    }
}
