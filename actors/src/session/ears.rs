//! Whatever a Session's actor listens to beside its mailbox: its socket, what the bus brings for its
//! user, the peers that it watches, and its timer.
//!
//! Each has a waker of its own and says which of them it was that called, so that a word that comes
//! from the bus costs no look at the socket, and none at the timer.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::Duration;

use bus_schemas::bus::{Gap, Incoming, Subscription};
use bus_schemas::chat::Presence;
use bus_schemas::id::UserId;
use futures_util::StreamExt;
use futures_util::future::FutureExt;
use futures_util::stream::BoxStream;
use futures_util::task::AtomicWaker;
use tokio::time::{Instant, Sleep, sleep};

use super::Received;

/// What of a peer is heard that is watched.
pub(super) type Watched = BoxStream<'static, Result<Presence, Gap>>;

/// What can call an actor, in the order in which they are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Evictions, and what watched peers do.
    Signals,
    /// Words for this user.
    Talk,
    /// Frames of files for this user.
    Bulk,
    Timer,
    Socket,
}

/// What was heard.
pub(super) enum Heard {
    Evicted(Result<Incoming, Gap>),
    Presence(UserId, Result<Presence, Gap>),
    Delivered(Result<Incoming, Gap>),
    /// A subscription has ended by itself.
    Cut,
    Rang,
    Received(Received),
    /// The socket has ended.
    Closed,
}

/// Who calls with which bell. Signals are rare and frames of files are large: a look at the other
/// costs neither anything, and every open socket would have room for one more.
const BELLS: [u8; 4] = [
    Source::Talk.bit(),
    Source::Signals.bit() | Source::Bulk.bit(),
    Source::Timer.bit(),
    Source::Socket.bit(),
];

pub(super) struct Ears {
    called: Arc<Called>,
    wakers: [Waker; BELLS.len()],
    evict: Option<Subscription>,
    talk: Option<Subscription>,
    bulk: Option<Subscription>,
    watched: HashMap<UserId, Watch>,
    socket: Option<BoxStream<'static, Received>>,
    timer: Timer,
}

/// Made when it is set first, and used again.
#[derive(Default)]
struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

enum Watch {
    Subscribing,
    Hearing(Watched),
}

/// Who has called since they were looked at last, and whom to wake.
#[derive(Default)]
struct Called {
    by: AtomicU8,
    actor: AtomicWaker,
}

/// Rings for one source, or for several that are heard together.
struct Bell {
    sources: u8,
    called: Arc<Called>,
}

impl Source {
    pub(super) const ALL: [Self; 5] =
        [Self::Signals, Self::Talk, Self::Bulk, Self::Timer, Self::Socket];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The place of what rings for it.
    const fn bell(self) -> usize {
        match self {
            Self::Talk => 0,
            Self::Signals | Self::Bulk => 1,
            Self::Timer => 2,
            Self::Socket => 3,
        }
    }

    /// Whether it brings what is said to a user.
    pub(super) const fn is_of_user(self) -> bool {
        match self {
            Self::Signals | Self::Talk | Self::Bulk => true,
            Self::Timer | Self::Socket => false,
        }
    }
}

impl Called {
    /// Notes a call; whether one of these has not called since it was looked at.
    fn note(&self, sources: u8) -> bool {
        let before = self.by.fetch_or(sources, Ordering::AcqRel);
        before & sources != sources
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    /// Whoever called before has woken the actor, or it wants to hear nothing from there for now.
    fn wake_by_ref(self: &Arc<Self>) {
        if self.called.note(self.sources) {
            self.called.actor.wake();
        }
    }
}

impl Ears {
    /// Ears that hear a socket. It is looked at as soon as the actor is.
    pub(super) fn of(socket: BoxStream<'static, Received>) -> Self {
        let called = Arc::new(Called::default());
        called.note(Source::Socket.bit());
        let waker = |sources| Waker::from(Arc::new(Bell { sources, called: called.clone() }));
        Self {
            wakers: BELLS.map(waker),
            called,
            evict: None,
            talk: None,
            bulk: None,
            watched: HashMap::new(),
            socket: Some(socket),
            timer: Timer::default(),
        }
    }

    /// Who has called; from here on this one is woken by whoever calls.
    pub(super) fn called(&self, actor: &Waker) -> Callers {
        self.called.actor.register(actor);
        Callers(self.called.by.swap(0, Ordering::AcqRel))
    }

    /// Looks at it again when the actor is woken next, and lets no call from there wake it until
    /// then.
    pub(super) fn keep(&self, source: Source) {
        self.called.note(source.bit());
    }

    /// Wakes the actor to look at it.
    pub(super) fn call(&self, source: Source) {
        self.called.note(source.bit());
        self.called.actor.wake();
    }

    /// Hears what is said to a user.
    pub(super) fn listen(&mut self, talk: Subscription, bulk: Subscription, evict: Subscription) {
        (self.talk, self.bulk, self.evict) = (Some(talk), Some(bulk), Some(evict));
        for source in [Source::Signals, Source::Talk, Source::Bulk] {
            self.call(source);
        }
    }

    /// Whether anything that is said to a user is heard.
    pub(super) fn is_listening(&self) -> bool {
        self.talk.is_some() || self.bulk.is_some() || self.evict.is_some()
    }

    /// Hears no more of what is said to the user there.
    pub(super) fn leave(&mut self, source: Source) {
        match source {
            Source::Talk => self.talk = None,
            Source::Bulk => self.bulk = None,
            Source::Signals => self.evict = None,
            Source::Timer | Source::Socket => {}
        }
    }

    /// A peer is to be watched.
    pub(super) fn expect(&mut self, peer: UserId) {
        self.watched.insert(peer, Watch::Subscribing);
    }

    /// Watches a peer, if it still is to be watched.
    pub(super) fn watch(&mut self, peer: UserId, presence: Watched) {
        if let Some(watch @ Watch::Subscribing) = self.watched.get_mut(&peer) {
            *watch = Watch::Hearing(presence);
            self.call(Source::Signals);
        }
    }

    /// Watches a peer no longer.
    pub(super) fn unwatch(&mut self, peer: UserId) {
        self.watched.remove(&peer);
    }

    /// Rings after this time, and not when it was to ring before.
    pub(super) fn ring_after(&mut self, wait: Duration) {
        match &mut self.timer.sleep {
            Some(sleep) => sleep.as_mut().reset(Instant::now() + wait),
            unused @ None => *unused = Some(Box::pin(sleep(wait))),
        }
        self.timer.is_set = true;
        self.call(Source::Timer);
    }

    /// What is heard there. Where there is nothing, it will call.
    pub(super) fn poll(&mut self, source: Source) -> Poll<Heard> {
        let Self { wakers, evict, talk, bulk, watched, socket, timer, .. } = self;
        let mut ctx = Context::from_waker(&wakers[source.bell()]);
        match source {
            Source::Signals => {
                let evicted = poll_next(evict, &mut ctx);
                let evicted = evicted.map(|item| item.map_or(Heard::Cut, Heard::Evicted));
                if evicted.is_ready() { evicted } else { poll_watched(watched, &mut ctx) }
            }
            Source::Talk => poll_next(talk, &mut ctx).map(Heard::delivered),
            Source::Bulk => poll_next(bulk, &mut ctx).map(Heard::delivered),
            Source::Timer => timer.poll(&mut ctx),
            Source::Socket => {
                let received = poll_next(socket, &mut ctx);
                received.map(|received| received.map_or(Heard::Closed, Heard::Received))
            }
        }
    }
}

impl Timer {
    /// One that has rung is silent until it is set again.
    fn poll(&mut self, ctx: &mut Context<'_>) -> Poll<Heard> {
        let Some(sleep) = self.sleep.as_mut().filter(|_| self.is_set) else {
            return Poll::Pending;
        };
        ready!(sleep.poll_unpin(ctx));
        self.is_set = false;
        Poll::Ready(Heard::Rang)
    }
}

impl Heard {
    fn delivered(item: Option<Result<Incoming, Gap>>) -> Self {
        item.map_or(Self::Cut, Self::Delivered)
    }
}

/// Those who have called.
#[derive(Clone, Copy)]
pub(super) struct Callers(u8);

impl Callers {
    pub(super) fn has(self, source: Source) -> bool {
        self.0 & source.bit() != 0
    }
}

/// What a stream brings; one that has ended is let go of.
fn poll_next<T>(
    stream: &mut Option<BoxStream<'static, T>>,
    ctx: &mut Context<'_>,
) -> Poll<Option<T>> {
    let Some(open) = stream else { return Poll::Pending };
    let item = ready!(open.poll_next_unpin(ctx));
    if item.is_none() {
        *stream = None;
    }
    Poll::Ready(item)
}

fn poll_watched(watched: &mut HashMap<UserId, Watch>, ctx: &mut Context<'_>) -> Poll<Heard> {
    for (peer, watch) in &mut *watched {
        let Watch::Hearing(presence) = watch else { continue };
        let Poll::Ready(told) = presence.poll_next_unpin(ctx) else { continue };
        let peer = *peer;
        if told.is_none() {
            watched.remove(&peer);
        }
        return Poll::Ready(told.map_or(Heard::Cut, |told| Heard::Presence(peer, told)));
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use std::future;
    use std::sync::atomic::AtomicUsize;

    use futures_util::stream::poll_fn;
    use tokio::sync::mpsc::{Sender, channel};

    use super::*;

    /// Counts what happens to it.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Count {
        fn taken(&self) -> usize {
            self.0.swap(0, Ordering::SeqCst)
        }
    }

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// A stream, whoever says something in it, and how often it is looked at.
    fn counted<T: Send + 'static>() -> (Sender<T>, Arc<Count>, BoxStream<'static, T>) {
        let (says, mut said) = channel(8);
        let looks = Arc::<Count>::default();
        let looked = looks.clone();
        let stream = poll_fn(move |ctx| {
            looked.0.fetch_add(1, Ordering::SeqCst);
            said.poll_recv(ctx)
        });
        (says, looks, stream.boxed())
    }

    /// Looks at whoever has called, once, and says who that was.
    fn look(ears: &mut Ears, actor: &Waker) -> Vec<Source> {
        let callers = ears.called(actor);
        let called = Source::ALL.into_iter().filter(|source| callers.has(*source));
        called.inspect(|source| while ears.poll(*source).is_ready() {}).collect()
    }

    #[tokio::test]
    async fn shell24_whoever_calls_is_looked_at_and_nobody_else() {
        let (reads, looks_at_socket, socket) = counted();
        let (says, looks_at_talk, talk) = counted();
        let (_, _, bulk) = counted();
        let (_signals, _, evict) = counted();
        let wakes = Arc::<Count>::default();
        let actor = Waker::from(wakes.clone());
        let mut ears = Ears::of(socket);
        assert_eq!(look(&mut ears, &actor), [Source::Socket]);
        ears.listen(talk, bulk, evict);
        assert_eq!(look(&mut ears, &actor), [Source::Signals, Source::Talk, Source::Bulk]);
        assert!(ears.bulk.is_none() && ears.is_listening(), "one has ended");
        wakes.taken();
        looks_at_socket.taken();
        looks_at_talk.taken();
        for _ in 0..3 {
            says.try_send(Err(Gap)).unwrap();
        }
        assert_eq!(wakes.taken(), 1, "for all of them");
        assert_eq!(look(&mut ears, &actor), [Source::Talk]);
        assert_eq!((looks_at_socket.taken(), looks_at_talk.taken()), (0, 4));
        // One that is not to be heard for now wakes nobody until it may be heard.
        reads.try_send(Received::TooLarge).unwrap();
        assert_eq!(wakes.taken(), 1);
        assert!(ears.called(&actor).has(Source::Socket));
        ears.keep(Source::Socket);
        reads.try_send(Received::TooLarge).unwrap();
        assert_eq!(wakes.taken(), 0);
        ears.call(Source::Socket);
        assert_eq!(wakes.taken(), 1);
        assert_eq!(look(&mut ears, &actor), [Source::Socket]);
        assert_eq!((looks_at_socket.taken(), looks_at_talk.taken()), (3, 0));
    }

    #[tokio::test]
    async fn shell24_a_timer_rings_once_each_time_that_it_is_set() {
        let mut ears = Ears::of(futures_util::stream::pending().boxed());
        look(&mut ears, Waker::noop());
        for _ in 0..2 {
            ears.ring_after(Duration::from_hours(1));
            ears.ring_after(Duration::from_millis(1));
            assert_eq!(look(&mut ears, Waker::noop()), [Source::Timer]);
            let rings = future::poll_fn(|ctx| {
                let callers = ears.called(ctx.waker());
                if callers.has(Source::Timer) { ears.poll(Source::Timer) } else { Poll::Pending }
            });
            assert!(matches!(rings.await, Heard::Rang));
            assert!(ears.poll(Source::Timer).is_pending());
        }
    }
}
