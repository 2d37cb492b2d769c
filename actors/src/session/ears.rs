//! Whatever a Session's actor listens to beside its mailbox: its socket, what the bus brings for its
//! user, the peers that it watches, and its timer. And its socket is written here.
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
use futures_util::stream::{BoxStream, Stream, StreamExt};
use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::slots::News;
use super::{Received, Socket};
use crate::alarm::Alarm;

/// What of a peer is heard that is watched.
pub(super) type Watched = BoxStream<'static, Result<Presence, Gap>>;

/// What can call an actor, in the order in which they are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What the hub has told, evictions, and what watched peers do.
    Signals,
    /// Words for this user.
    Talk,
    /// Frames of files for this user.
    Bulk,
    Timer,
    Socket,
    /// What is to be written to the socket: after all that is heard, so that one write has all that
    /// came of it.
    Outbox,
}

/// What was heard.
pub(super) enum Heard {
    Told(News),
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
const BELLS: [u8; 4] =
    [Source::Talk.bit(), Source::Signals.bit() | Source::Bulk.bit(), Source::Socket.bit(), OWN];
/// The timer rings with the bell of what is written: a look at it is a comparison.
const OWN: u8 = Source::Timer.bit() | Source::Outbox.bit();
/// While this is set, what is to be written calls without waking: it is looked at in this turn.
const WRITES_LATER: u8 = 1 << 7;

pub(super) struct Ears {
    called: Arc<Called>,
    wakers: [Waker; BELLS.len()],
    evict: Option<Subscription>,
    talk: Option<Subscription>,
    bulk: Option<Subscription>,
    /// Those that are watched, once there was one.
    watched: Option<Box<Peers>>,
    socket: Option<Pin<Box<dyn Socket>>>,
    timer: Alarm,
}

/// Whoever is watched. Most watch nobody, and have no room for it.
#[derive(Default)]
struct Peers(HashMap<UserId, Watch>);

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
    /// Those that are heard.
    pub(super) const HEARD: [Self; 5] =
        [Self::Signals, Self::Talk, Self::Bulk, Self::Timer, Self::Socket];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The place of what rings for it.
    const fn bell(self) -> usize {
        match self {
            Self::Talk => 0,
            Self::Signals | Self::Bulk => 1,
            Self::Socket => 2,
            Self::Timer | Self::Outbox => 3,
        }
    }

    /// Whether it brings what is said to a user.
    pub(super) const fn is_of_user(self) -> bool {
        match self {
            Self::Signals | Self::Talk | Self::Bulk => true,
            Self::Timer | Self::Socket | Self::Outbox => false,
        }
    }
}

impl Called {
    /// Notes a call; whether one of these has not called since it was looked at, and is not about to
    /// be.
    fn note(&self, sources: u8) -> bool {
        let before = self.by.fetch_or(sources, Ordering::AcqRel);
        let is_looked_at = before & WRITES_LATER != 0 && sources == OWN;
        before & sources != sources && !is_looked_at
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
    pub(super) fn of(socket: Pin<Box<dyn Socket>>) -> Self {
        let called = Arc::new(Called::default());
        called.note(Source::Socket.bit() | Source::Outbox.bit());
        let waker = |sources| Waker::from(Arc::new(Bell { sources, called: called.clone() }));
        Self {
            wakers: BELLS.map(waker),
            called,
            evict: None,
            talk: None,
            bulk: None,
            watched: None,
            socket: Some(socket),
            timer: Alarm::new(),
        }
    }

    /// Who has called; from here on this one is woken by whoever calls. All of them are to be looked
    /// at, and what is to be written at the end.
    pub(super) fn called(&self, actor: &Waker) -> Callers {
        self.called.actor.register(actor);
        let by = self.called.by.swap(WRITES_LATER, Ordering::AcqRel);
        if by & Source::Outbox.bit() != 0 {
            self.called.by.fetch_or(Source::Outbox.bit(), Ordering::AcqRel);
        }
        Callers(by)
    }

    /// All that is heard was looked at: what is to be written is written, if anything has come of it.
    pub(super) fn write(&mut self) {
        let writes = Source::Outbox.bit() | WRITES_LATER;
        let by = self.called.by.fetch_and(!writes, Ordering::AcqRel);
        if by & Source::Outbox.bit() == 0 {
            return;
        }
        let mut ctx = Context::from_waker(&self.wakers[Source::Outbox.bell()]);
        if let Some(socket) = &mut self.socket {
            socket.as_mut().write(&mut ctx);
        }
        if self.timer.is_due() {
            self.call(Source::Timer);
        }
    }

    /// What calls from there.
    pub(super) fn bell(&self, source: Source) -> Waker {
        self.wakers[source.bell()].clone()
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
            Source::Timer | Source::Socket | Source::Outbox => {}
        }
    }

    /// A peer is to be watched.
    pub(super) fn expect(&mut self, peer: UserId) {
        self.watched.get_or_insert_default().0.insert(peer, Watch::Subscribing);
    }

    /// Watches a peer, if it still is to be watched.
    pub(super) fn watch(&mut self, peer: UserId, presence: Watched) {
        let watched = self.watched.as_mut().and_then(|watched| watched.0.get_mut(&peer));
        if let Some(watch @ Watch::Subscribing) = watched {
            *watch = Watch::Hearing(presence);
            self.call(Source::Signals);
        }
    }

    /// Watches a peer no longer.
    pub(super) fn unwatch(&mut self, peer: UserId) {
        if let Some(watched) = &mut self.watched {
            watched.0.remove(&peer);
        }
    }

    /// Rings after this time, and not when it was to ring before.
    pub(super) fn ring_after(&mut self, wait: Duration) {
        self.timer.set(Instant::now() + wait);
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
                match watched {
                    Some(watched) if evicted.is_pending() => poll_watched(&mut watched.0, &mut ctx),
                    Some(_) | None => evicted,
                }
            }
            Source::Talk => poll_next(talk, &mut ctx).map(Heard::delivered),
            Source::Bulk => poll_next(bulk, &mut ctx).map(Heard::delivered),
            Source::Timer => timer.poll(&ctx).map(|()| Heard::Rang),
            Source::Socket => {
                let received = poll_next(socket, &mut ctx);
                received.map(|received| received.map_or(Heard::Closed, Heard::Received))
            }
            Source::Outbox => Poll::Pending,
        }
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
fn poll_next<S: Stream + ?Sized>(
    stream: &mut Option<Pin<Box<S>>>,
    ctx: &mut Context<'_>,
) -> Poll<Option<S::Item>> {
    let Some(open) = stream else { return Poll::Pending };
    let item = ready!(open.as_mut().poll_next(ctx));
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

    /// A socket that counts how often it is written.
    struct Written(BoxStream<'static, Received>, Arc<Count>);

    impl Stream for Written {
        type Item = Received;

        fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Received>> {
            self.0.poll_next_unpin(ctx)
        }
    }

    impl Socket for Written {
        fn write(self: Pin<&mut Self>, _: &mut Context<'_>) {
            self.1.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn open(stream: BoxStream<'static, Received>) -> (Pin<Box<dyn Socket>>, Arc<Count>) {
        let writes = Arc::<Count>::default();
        (Box::pin(Written(stream, writes.clone())), writes)
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
        let called = Source::HEARD.into_iter().filter(|source| callers.has(*source));
        let called = called.inspect(|source| while ears.poll(*source).is_ready() {}).collect();
        ears.write();
        called
    }

    #[tokio::test]
    async fn shell24_whoever_calls_is_looked_at_and_nobody_else() {
        let (reads, looks_at_socket, socket) = counted();
        let (says, looks_at_talk, talk) = counted();
        let (_, _, bulk) = counted();
        let (_signals, _, evict) = counted();
        let wakes = Arc::<Count>::default();
        let actor = Waker::from(wakes.clone());
        let mut ears = Ears::of(open(socket).0);
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
        ears.write();
        reads.try_send(Received::TooLarge).unwrap();
        assert_eq!(wakes.taken(), 0);
        ears.call(Source::Socket);
        assert_eq!(wakes.taken(), 1);
        assert_eq!(look(&mut ears, &actor), [Source::Socket]);
        assert_eq!((looks_at_socket.taken(), looks_at_talk.taken()), (3, 0));
    }

    #[test]
    fn shell27_what_comes_of_a_turn_is_written_at_its_end_and_wakes_nobody() {
        let (socket, writes) = open(futures_util::stream::pending().boxed());
        let wakes = Arc::<Count>::default();
        let actor = Waker::from(wakes.clone());
        let mut ears = Ears::of(socket);
        look(&mut ears, &actor);
        assert_eq!(writes.taken(), 1, "once, as nobody has looked before");
        let says = ears.wakers[Source::Outbox.bell()].clone();
        // From outside, as when something was told to the Session.
        says.wake_by_ref();
        says.wake_by_ref();
        assert_eq!((wakes.taken(), writes.taken()), (1, 0));
        look(&mut ears, &actor);
        assert_eq!(writes.taken(), 1);
        // Within a turn.
        ears.called(&actor);
        says.wake_by_ref();
        ears.write();
        assert_eq!((wakes.taken(), writes.taken()), (0, 1));
        look(&mut ears, &actor);
        assert_eq!(writes.taken(), 0, "nothing has come of it");
    }

    #[tokio::test]
    async fn shell24_a_timer_rings_once_each_time_that_it_is_set() {
        let mut ears = Ears::of(open(futures_util::stream::pending().boxed()).0);
        look(&mut ears, Waker::noop());
        for _ in 0..2 {
            // In the midst of a turn, as when something was heard.
            ears.called(Waker::noop());
            ears.ring_after(Duration::from_hours(1));
            ears.ring_after(Duration::from_millis(1));
            ears.write();
            assert_eq!(look(&mut ears, Waker::noop()), [Source::Timer]);
            let rings = future::poll_fn(|ctx| {
                let callers = ears.called(ctx.waker());
                let rings = if callers.has(Source::Timer) {
                    ears.poll(Source::Timer)
                } else {
                    Poll::Pending
                };
                ears.write();
                rings
            });
            assert!(matches!(rings.await, Heard::Rang));
            assert!(ears.poll(Source::Timer).is_pending());
        }
    }
}
