//! The bounded queue in front of every subscription: what does not fit is lost, and a [`Gap`]
//! stands where it would have been.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bus_schemas::bus::{Gap, Incoming, Subscription};
use bus_schemas::limit::LISTENER_BYTES_MAX;
use futures_util::stream::{Stream, StreamExt};

use super::{Lane, counters, lock};
use crate::spare::Spares;

thread_local! {
    /// For the next listener to whom something is said.
    static ITEMS: Spares<Result<Incoming, Gap>> = const { Spares::new() };
}

/// Messages for one listener, in order.
pub(super) struct Queue(Mutex<State>);

/// There are many, so what never changes stands here as well.
struct State {
    lane: Lane,
    capacity: u32,
    items: VecDeque<Result<Incoming, Gap>>,
    messages: u32,
    /// Of their payloads.
    bytes: u32,
    closed: bool,
    listener: Option<Waker>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits for its listener.
    Kept,
    /// There was no room; the listener will find a gap.
    Lost,
    /// Nobody listens any more.
    Closed,
}

impl Queue {
    /// A queue for `capacity` messages, at least one.
    pub(super) fn new(lane: Lane, capacity: usize) -> Self {
        Self(Mutex::new(State {
            lane,
            capacity: count(capacity).max(1),
            items: VecDeque::new(),
            messages: 0,
            bytes: 0,
            closed: false,
            listener: None,
        }))
    }

    /// Puts a message at the end. Never waits.
    pub(super) fn push(&self, message: Incoming) -> Pushed {
        let mut state = lock(&self.0);
        if state.closed {
            return Pushed::Closed;
        }
        let bytes = count(message.payload.len());
        if state.messages == state.capacity || !state.takes(bytes) {
            state.mark_gap();
            counters::lost(state.lane);
            return Pushed::Lost;
        }
        state.messages += 1;
        state.bytes = state.bytes.saturating_add(bytes);
        state.put(Ok(message));
        wake(state);
        Pushed::Kept
    }

    /// Notes that messages were lost before they came here.
    pub(super) fn push_gap(&self) {
        let mut state = lock(&self.0);
        state.mark_gap();
        wake(state);
    }

    /// Forgets what waits, and takes nothing from here on.
    fn close(&self) {
        let mut state = lock(&self.0);
        state.closed = true;
        state.items = VecDeque::new();
    }

    fn poll_next(&self, ctx: &Context<'_>) -> Poll<Option<Result<Incoming, Gap>>> {
        let mut state = lock(&self.0);
        let Some(item) = state.items.pop_front() else {
            match &mut state.listener {
                Some(listener) => listener.clone_from(ctx.waker()),
                listener @ None => *listener = Some(ctx.waker().clone()),
            }
            return Poll::Pending;
        };
        if let Ok(message) = &item {
            state.messages -= 1;
            state.bytes = state.bytes.saturating_sub(count(message.payload.len()));
        }
        if state.items.is_empty() {
            // There are many listeners, and little waits for most of them.
            ITEMS.with(|spares| spares.put_by(&mut state.items));
        }
        Poll::Ready(Some(item))
    }
}

impl State {
    /// Whether so many bytes may wait beside the others. One message may always wait.
    const fn takes(&self, bytes: u32) -> bool {
        self.messages == 0 || self.bytes as usize + bytes as usize <= LISTENER_BYTES_MAX
    }

    /// Neighbouring gaps are one gap, so that a flood cannot fill the queue with them.
    fn mark_gap(&mut self) {
        if !matches!(self.items.back(), Some(Err(Gap))) {
            self.put(Err(Gap));
        }
    }

    fn put(&mut self, item: Result<Incoming, Gap>) {
        if self.items.capacity() == 0 {
            self.items = ITEMS.with(Spares::take);
        }
        self.items.push_back(item);
    }
}

/// There are many queues, and the bounds of each are far below what this has room for.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// Wakes the listener once the lock is given back: waking may run foreign code.
fn wake(mut state: MutexGuard<'_, State>) {
    let listener = state.listener.take();
    drop(state);
    if let Some(listener) = listener {
        listener.wake();
    }
}

impl AsRef<Self> for Queue {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// The listener's end of a queue, or of what has one; `ending` is dropped with it.
pub(super) fn subscription<Q, E>(holder: Arc<Q>, ending: E) -> Subscription
where
    Q: AsRef<Queue> + Send + Sync + 'static,
    E: Send + Unpin + 'static,
{
    Listening { _ending: ending, holder }.boxed()
}

struct Listening<Q: AsRef<Queue>, E> {
    _ending: E,
    holder: Arc<Q>,
}

impl<Q: AsRef<Queue>, E: Unpin> Stream for Listening<Q, E> {
    type Item = Result<Incoming, Gap>;

    fn poll_next(self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        (*self.holder).as_ref().poll_next(ctx)
    }
}

impl<Q: AsRef<Queue>, E> Drop for Listening<Q, E> {
    fn drop(&mut self) {
        (*self.holder).as_ref().close();
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::topic::Subject;
    use bytes::Bytes;
    use futures_util::FutureExt;

    use super::*;

    fn message(n: u8) -> Incoming {
        Incoming {
            subject: Subject::received("a"),
            reply: None,
            trace: None,
            payload: Bytes::from(vec![n]),
            no_responders: false,
        }
    }

    fn drain(listener: &mut Subscription) -> Vec<Result<u8, Gap>> {
        std::iter::from_fn(|| listener.next().now_or_never().flatten())
            .map(|item| item.map(|message| message.payload[0]))
            .collect()
    }

    #[test]
    fn bus11_a_gap_stands_where_messages_were_lost() {
        let queue = Arc::new(Queue::new(Lane::Talk, 2));
        let mut listener = subscription(queue.clone(), ());
        let pushed: Vec<Pushed> = (0..4).map(|n| queue.push(message(n))).collect();
        assert_eq!(pushed, [Pushed::Kept, Pushed::Kept, Pushed::Lost, Pushed::Lost]);
        assert_eq!(drain(&mut listener), [Ok(0), Ok(1), Err(Gap)]);
        assert_eq!(queue.push(message(4)), Pushed::Kept);
        queue.push_gap();
        queue.push_gap();
        assert_eq!(drain(&mut listener), [Ok(4), Err(Gap)]);
    }

    #[test]
    fn bus11_so_it_does_where_messages_are_large() {
        let (queue, payload) = (Queue::new(Lane::Talk, 1_024), Bytes::from(vec![0; 1024 * 1024]));
        let large = Incoming { payload, ..message(0) };
        let listener = Arc::new(queue);
        let mut subscription = subscription(listener.clone(), ());
        let kept =
            |count| (0..count).filter(|_| listener.push(large.clone()) == Pushed::Kept).count();
        assert_eq!(kept(100), LISTENER_BYTES_MAX / large.payload.len());
        assert_eq!(drain(&mut subscription).len(), LISTENER_BYTES_MAX / large.payload.len() + 1);
        assert_eq!(kept(1), 1);
    }

    #[test]
    fn bus31_a_queue_in_which_nothing_waits_holds_no_memory() {
        let queue = Arc::new(Queue::new(Lane::Talk, 100));
        let mut listener = subscription(queue.clone(), ());
        let places = || lock(&queue.0).items.capacity();
        for messages in [1, 3, 100] {
            for n in 0..messages {
                assert_eq!(queue.push(message(n)), Pushed::Kept);
            }
            assert!(places() >= usize::from(messages));
            assert_eq!(drain(&mut listener).len(), usize::from(messages));
            assert_eq!(places(), 0, "after {messages}");
        }
    }

    #[test]
    fn bus3_nothing_is_kept_for_a_listener_that_has_gone() {
        let queue = Arc::new(Queue::new(Lane::Talk, 2));
        drop(subscription(queue.clone(), ()));
        assert_eq!(queue.push(message(0)), Pushed::Closed);
    }
}
