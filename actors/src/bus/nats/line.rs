//! A line: one TCP connection to one broker, from its welcome to its end. It never comes back, and
//! what waited on it dies with it; the keeper opens another one.
//!
//! Whoever says something writes it into a batch, and one task ([`super::pump`]) owns the socket: it
//! writes what a turn has brought together, and hands what it reads to whoever listens.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

use bus_schemas::bus::{BusError, Incoming, Outgoing};
use bus_schemas::topic::Subject;
use tokio::sync::{Notify, oneshot};

use super::batch::Batch;
use super::config::{ConnectError, Server};
use super::listener::{Listener, Listeners};
use super::pump::{Hearers, Pump};
use super::welcome::{Info, Socket, welcome};
use super::wire;
use crate::bus::counters::Complaint;
use crate::bus::{Lane, TRACE_HEADER_BYTES, counters, lock};

/// Messages towards the broker that may wait for its socket. Enough for a burst of one turn of
/// an arbiter; more would only be said later.
const MESSAGES_MAX: usize = 2_048;
/// Bytes of words that may wait, what is being written included: as long as it takes to notice that
/// a broker hangs, at the rate of a busy edge.
const TALK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of frames of files: as many as the broker keeps for a connection.
const BULK_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Subjects that a user may not hear, of which a line knows. There is one for each kind of
/// subscription that the code has and `nats/` does not.
const FORBIDDEN_MAX: usize = 256;
/// The subscription of the answers; the numbers of listeners are higher.
pub(super) const ANSWERS: u64 = 1;

/// A connection to one broker; it never comes back. Dropping it ends it, once all is written that
/// was said.
pub(super) struct Line {
    wire: Arc<Wire>,
}

/// What those who speak and listen share with the task that owns the socket.
pub(super) struct Wire {
    is_alive: AtomicBool,
    /// Largest message that this broker carries.
    message_bytes_max: AtomicUsize,
    saying: Mutex<Saying>,
    listeners: Arc<Listeners>,
    pub(super) heard: Heard,
}

/// What is on its way to the broker.
#[derive(Default)]
struct Saying {
    state: State,
    batch: Batch,
    /// Bytes of the batch that is being written.
    under_way: usize,
    /// Pings that were sent, and whether another one is to follow what stands in the batch.
    pings: u64,
    is_ping_wanted: bool,
    /// Who waits for the answer to which of them.
    confirmed: VecDeque<(u64, oneshot::Sender<()>)>,
    pump: Option<Waker>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// Nobody says anything any more; what was said is to be written.
    Left,
    Ended,
}

impl Line {
    /// Connects. Messages go to the queues of these listeners, once it was said here what each
    /// wants. `on_answer` hears the inboxes; `on_overrun` is called when the broker has lost messages
    /// because they were not read.
    pub(super) async fn open<A, O>(
        server: &Server,
        inboxes: &Subject,
        listeners: Arc<Listeners>,
        on_answer: A,
        on_overrun: O,
    ) -> Result<Self, ConnectError>
    where
        A: Fn(Incoming) + Send + 'static,
        O: Fn() + Send + 'static,
    {
        let (socket, read, info) = welcome(server).await?;
        let wire = Arc::new(Wire::new(server.lane, &info, listeners));
        wire.put(|out| wire::put_subscribe(out, ANSWERS, inboxes.as_str()));
        let hearers = Hearers::new(wire.clone(), Box::new(on_answer), Box::new(on_overrun));
        match socket {
            Socket::Plain(socket) => drop(tokio::spawn(Pump::new(socket, &read, hearers).run())),
            Socket::Tls(socket) => drop(tokio::spawn(Pump::new(socket, &read, hearers).run())),
        }
        Ok(Self { wire })
    }

    /// Has a listener heard here from now on.
    pub(super) fn subscribe(&self, number: u64, listener: &Listener) -> Result<(), BusError> {
        self.wire.subscribe(number, listener)
    }

    /// Tells the broker at once that nobody listens there.
    pub(super) fn unsubscribe(&self, number: u64) {
        self.wire.put(|out| wire::put_unsubscribe(out, number));
    }

    pub(super) fn is_alive(&self) -> bool {
        self.wire.is_alive.load(Ordering::Acquire)
    }

    /// Returns when the line may have ended; [`Line::is_alive`] knows.
    pub(super) async fn ended(&self) {
        self.wire.heard.ended.notified().await;
    }

    /// Whether the broker has refused to let this be heard here.
    pub(super) fn forbids(&self, subject: &Subject) -> bool {
        lock(&self.wire.heard.forbidden).contains(subject.as_str())
    }

    /// Puts a message into the queue towards the broker, or refuses it. Never waits.
    pub(super) fn say(&self, message: Outgoing) -> Result<(), BusError> {
        self.wire.say(message)
    }

    /// Waits until the broker has done whatever was asked of it before: it answers in order. All
    /// who wait from the same turn on wait for the same answer.
    pub(super) async fn confirmed(&self) -> Result<(), BusError> {
        let answer = self.wire.ask_for_a_pong().ok_or(BusError::Away)?;
        answer.await.map_err(|_| BusError::Away)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.wire.leave();
    }
}

impl Wire {
    fn new(lane: Lane, info: &Info, listeners: Arc<Listeners>) -> Self {
        Self {
            is_alive: AtomicBool::new(true),
            message_bytes_max: AtomicUsize::new(info.max_payload),
            saying: Mutex::default(),
            listeners,
            heard: Heard::of(lane),
        }
    }

    fn say(&self, message: Outgoing) -> Result<(), BusError> {
        if !wire::may_be_said(&message) {
            return Err(BusError::Away);
        }
        let head_bytes =
            message.trace.as_ref().map_or(0, |id| TRACE_HEADER_BYTES + id.as_str().len());
        let bytes = head_bytes + message.bytes();
        if bytes > self.message_bytes_max.load(Ordering::Relaxed) {
            return Err(BusError::TooLarge);
        }
        let mut saying = lock(&self.saying);
        if saying.state != State::Open {
            return Err(BusError::Away);
        }
        if saying.batch.messages() >= MESSAGES_MAX || !saying.takes(bytes, self.heard.lane) {
            return Err(BusError::Full);
        }
        saying.batch.push(message);
        wake(saying);
        Ok(())
    }

    fn subscribe(&self, number: u64, listener: &Listener) -> Result<(), BusError> {
        let mut saying = lock(&self.saying);
        match saying.state {
            State::Open if saying.takes(listener.wants().len(), self.heard.lane) => {
                saying.batch.put(|out| wire::put_subscribe(out, number, listener.wants()));
                wake(saying);
                Ok(())
            }
            State::Open => Err(BusError::Full),
            State::Left | State::Ended => Err(BusError::Away),
        }
    }

    /// Who hears the messages of a subscription. Of a line that was given up nothing is heard any
    /// more: the same listeners are heard on the next one.
    pub(super) fn listener(&self, number: u64) -> Option<Arc<Listener>> {
        self.is_alive.load(Ordering::Acquire).then(|| self.listeners.get(number)).flatten()
    }

    /// Says what is no message: there is always room for it.
    pub(super) fn put(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut saying = lock(&self.saying);
        if saying.state == State::Open {
            saying.batch.put(write);
            wake(saying);
        }
    }

    /// Has a ping follow whatever was said until it is written, and gives back who hears its
    /// answer. None comes if the line has ended.
    pub(super) fn ask_for_a_pong(&self) -> Option<oneshot::Receiver<()>> {
        let (sender, answer) = oneshot::channel();
        let mut saying = lock(&self.saying);
        if saying.state != State::Open {
            return None;
        }
        let number = saying.pings + 1;
        saying.confirmed.push_back((number, sender));
        saying.is_ping_wanted = true;
        wake(saying);
        Some(answer)
    }

    /// The same, and nobody waits for it.
    pub(super) fn ping(&self) {
        lock(&self.saying).is_ping_wanted = true;
    }

    /// So many pings are answered.
    pub(super) fn confirm(&self, answered: u64) {
        let is_answered = |(number, _): &mut (u64, _)| *number <= answered;
        // The lock is given back before anybody is woken.
        let next = || lock(&self.saying).confirmed.pop_front_if(is_answered);
        while let Some((_, sender)) = next() {
            // Whoever asked may have given up.
            sender.send(()).ok();
        }
    }

    /// Takes over everything that was said, in exchange for a batch that is written; false if that
    /// is nothing.
    pub(super) fn next_batch(&self, written: &mut Batch) -> bool {
        written.clear();
        let mut saying = lock(&self.saying);
        if std::mem::take(&mut saying.is_ping_wanted) {
            saying.batch.put(|out| out.extend_from_slice(wire::PING));
            saying.pings += 1;
        }
        std::mem::swap(&mut saying.batch, written);
        saying.under_way = written.bytes();
        !written.is_empty()
    }

    /// Wakes this as soon as something is said; false if nobody will say anything any more.
    pub(super) fn register(&self, pump: &Waker) -> bool {
        let mut saying = lock(&self.saying);
        if !saying.pump.as_ref().is_some_and(|known| known.will_wake(pump)) {
            saying.pump = Some(pump.clone());
        }
        saying.state == State::Open
    }

    /// Another limit, as the broker says.
    pub(super) fn carries(&self, message_bytes_max: usize) {
        self.message_bytes_max.store(message_bytes_max, Ordering::Relaxed);
    }

    fn leave(&self) {
        self.is_alive.store(false, Ordering::Release);
        let mut saying = lock(&self.saying);
        if saying.state == State::Open {
            saying.state = State::Left;
            wake(saying);
        }
    }

    /// Nothing is said or heard any more, and whoever waits learns it.
    pub(super) fn end(&self) {
        self.is_alive.store(false, Ordering::Release);
        let said = std::mem::replace(
            &mut *lock(&self.saying),
            Saying { state: State::Ended, ..Saying::default() },
        );
        drop(said);
        self.heard.ended.notify_one();
    }
}

impl Saying {
    /// Whether so many bytes may wait beside the others.
    const fn takes(&self, bytes: usize, lane: Lane) -> bool {
        let bytes_max = match lane {
            Lane::Talk => TALK_BYTES_MAX,
            Lane::Bulk => BULK_BYTES_MAX,
        };
        self.batch.bytes() + self.under_way + bytes <= bytes_max
    }
}

/// Wakes the task of the socket, once for all that is said until it runs. The lock is given back
/// first: waking may run foreign code.
fn wake(mut saying: MutexGuard<'_, Saying>) {
    let pump = saying.pump.take();
    drop(saying);
    if let Some(pump) = pump {
        pump.wake();
    }
}

/// What the broker tells beside messages.
pub(super) struct Heard {
    pub(super) lane: Lane,
    ended: Notify,
    /// What this user may not hear and wanted to.
    forbidden: Mutex<BTreeSet<String>>,
}

impl Heard {
    fn of(lane: Lane) -> Self {
        Self { lane, ended: Notify::new(), forbidden: Mutex::default() }
    }

    /// The broker says so once and to nobody else: a forbidden subject is a fault in `nats/` or in
    /// us, and looks like silence to whoever said something there. One that calls us slow has
    /// thrown messages away.
    pub(super) fn complaint(&self, words: &str, on_overrun: &dyn Fn()) {
        if words.to_ascii_lowercase().contains("slow consumer") {
            counters::overrun(self.lane);
            on_overrun();
        }
        counters::complaint(self.lane, Complaint::of(words));
        tracing::error!(words, lane = self.lane.name(), "the broker complains");
        let Some(subject) = forbidden_subscription(words) else { return };
        let mut forbidden = lock(&self.forbidden);
        if forbidden.len() < FORBIDDEN_MAX {
            forbidden.insert(subject.to_owned());
        }
    }
}

/// `Permissions Violation for Subscription to "chat.>"`
fn forbidden_subscription(words: &str) -> Option<&str> {
    let (_, subject) = words.split_once("Violation for Subscription to \"")?;
    Some(subject.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn bus11_what_the_broker_threw_away_is_a_gap_too() {
        let (heard, gaps) = (Heard::of(Lane::Talk), Cell::new(0));
        let on_overrun = || gaps.set(gaps.get() + 1);
        heard.complaint("Unknown Protocol Operation", &on_overrun);
        assert_eq!(gaps.get(), 0);
        heard.complaint("Slow Consumer", &on_overrun);
        assert_eq!(gaps.get(), 1);
    }

    #[test]
    fn bus24_what_may_not_be_heard_is_read_from_the_brokers_words() {
        let said = |words| forbidden_subscription(words);
        assert_eq!(said("nats: Permissions Violation for Subscription to \"a.b\""), Some("a.b"));
        let group = "Permissions Violation for Subscription to \"a.*\" using queue \"auth\"";
        assert_eq!(said(group), Some("a.*"));
        assert_eq!(said("Permissions Violation for Publish to \"a.b\""), None);
    }
}
