//! The bus over NATS: one connection of one process, under the name and password of its role, for
//! one lane.
//!
//! A subscription is confirmed by a round trip, a lost message leaves a gap, and while the broker is
//! away everything is refused at once, so that nothing is said late. `docs/adr/0026` says why there
//! is no client library under it.

mod batch;
mod config;
mod keeper;
mod line;
mod listener;
mod pump;
mod refusal;
mod tls;
mod welcome;
pub mod wire;

pub use config::{BusUser, ConnectError, NatsConfig, Obstacle};

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use bus_schemas::bus::{self, Bus, BusError, BusStatus, Group, Incoming, Outgoing, Subscription};
use bus_schemas::id::BusId;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

use self::line::Line;
use self::listener::{Listener, Listeners};
use super::queue::{Queue, subscription};
use super::status::StatusCell;
use super::{Lane, counters, fits, lock};
use crate::attempts::Attempts;

/// What the log calls the broker.
const AWAITED: &str = "the bus";
/// How long the broker may take to confirm a subscription; after that the line is as good as cut.
const CONFIRM_WAIT: Duration = Duration::from_secs(2);

/// Connects. Fails if no address can be reached at this moment; once connected, the connection
/// comes back by itself for ever.
///
/// Must be called on the runtime that is to carry the connection.
pub async fn connect(config: NatsConfig) -> Result<Nats, ConnectError> {
    let servers = config.servers()?;
    let shared = Arc::new(Shared {
        id: BusId::new(Uuid::new_v4()),
        user: config.user,
        lane: config.lane,
        status: StatusCell::new(BusStatus::Up),
        line: RwLock::new(None),
        listeners: Arc::default(),
        questions: Mutex::default(),
        next_number: AtomicU64::new(line::ANSWERS + 1),
    });
    let line = keeper::open_any(&shared, &servers).await?;
    shared.set_line(Some(line.clone()));
    // Whoever may not hear its own answers would wait for each of them in vain.
    let confirmed = confirm(&line).await;
    if confirmed.is_ok() && line.forbids(&bus::inboxes(shared.user.name(), shared.id)) {
        return Err(ConnectError::OtherRole);
    }
    let keeper = tokio::spawn(keeper::keep(shared.clone(), servers));
    Ok(Nats { shared, keeper })
}

/// The same, however long it takes until a broker is there. Fails on what no waiting mends.
pub async fn connect_patiently(config: NatsConfig) -> Result<Nats, ConnectError> {
    let mut attempts = Attempts::to_reach(AWAITED);
    loop {
        match connect(config.clone()).await {
            Err(error) if error.may_pass() => attempts.failed(&error).await,
            outcome => return outcome,
        }
    }
}

/// A connection to a NATS broker.
pub struct Nats {
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
}

/// What the connection, its subscriptions and its keeper share.
struct Shared {
    id: BusId,
    user: BusUser,
    lane: Lane,
    status: StatusCell,
    /// The live line; `None` while the broker is away.
    line: RwLock<Option<Arc<Line>>>,
    /// Whoever is to be heard again on the next line.
    listeners: Arc<Listeners>,
    /// Questions that wait for answers.
    questions: Mutex<HashMap<u64, Asker>>,
    next_number: AtomicU64,
}

/// What came back for a question.
type Answer = Result<Bytes, BusError>;

/// Who waits for answers.
enum Asker {
    /// For one.
    One(oneshot::Sender<Answer>),
    /// For everybody's.
    Many(Arc<Queue>),
}

#[async_trait]
impl Bus for Nats {
    fn id(&self) -> BusId {
        self.shared.id
    }

    fn publish(&self, message: Outgoing) -> Result<(), BusError> {
        let line = self.shared.line()?;
        if fits(&message) { line.say(message) } else { Err(BusError::TooLarge) }
    }

    async fn subscribe(
        &self,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        let line = self.shared.line()?;
        let subscription = self.shared.listen(&line, subject, group, capacity)?;
        confirm_heard(&line, [subject]).await?;
        Ok(subscription)
    }

    async fn subscribe_all(
        &self,
        subjects: &[(Subject, usize)],
    ) -> Result<Vec<Subscription>, BusError> {
        let line = self.shared.line()?;
        let mut subscriptions = Vec::with_capacity(subjects.len());
        for (subject, capacity) in subjects {
            subscriptions.push(self.shared.listen(&line, subject, None, *capacity)?);
        }
        confirm_heard(&line, subjects.iter().map(|(subject, _)| subject)).await?;
        Ok(subscriptions)
    }

    async fn request(&self, message: Outgoing, wait: Duration) -> Result<Bytes, BusError> {
        let line = self.shared.line()?;
        if !fits(&message) {
            return Err(BusError::TooLarge);
        }
        self.shared.ask(&line, message, wait).await
    }

    async fn request_many(
        &self,
        message: Outgoing,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        let line = self.shared.line()?;
        if !fits(&message) {
            return Err(BusError::TooLarge);
        }
        let number = self.shared.number();
        let queue = Arc::new(Queue::new(self.shared.lane, capacity));
        lock(&self.shared.questions).insert(number, Asker::Many(queue.clone()));
        let asked = Asked { shared: self.shared.clone(), number };
        let reply = Some(bus::inbox(self.shared.user.name(), self.shared.id, number));
        line.say(Outgoing { reply, ..message })?;
        Ok(subscription(queue, asked))
    }

    fn on_unreadable(&self) -> fn() {
        counters::unreadable
    }

    fn status(&self) -> BusStatus {
        match self.shared.line() {
            Ok(_) => BusStatus::Up,
            Err(_) => BusStatus::Away,
        }
    }

    fn status_changes(&self) -> BoxStream<'static, BusStatus> {
        self.shared.status.changes()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.keeper.abort();
        self.shared.set_line(None);
    }
}

impl Shared {
    fn number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// The line, if it is known to be alive.
    fn line(&self) -> Result<Arc<Line>, BusError> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.as_ref().filter(|line| line.is_alive()).cloned().ok_or(BusError::Away)
    }

    fn set_line(&self, line: Option<Arc<Line>>) {
        *self.line.write().unwrap_or_else(PoisonError::into_inner) = line;
    }

    /// Listens on this line and on each that comes after it. Nothing is confirmed yet.
    fn listen(
        self: &Arc<Self>,
        line: &Line,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        let queue = Queue::new(self.lane, capacity);
        let listener = Arc::new(Listener::new(subject, group, queue));
        let number = self.number();
        self.listeners.insert(number, listener.clone());
        let ending = Ending { shared: self.clone(), number };
        let subscription = subscription(listener.clone(), ending);
        line.subscribe(number, &listener)?;
        Ok(subscription)
    }

    /// Asks, with an inbox of this connection as the place for the answer.
    async fn ask(self: &Arc<Self>, line: &Line, message: Outgoing, wait: Duration) -> Answer {
        let number = self.number();
        let (sender, answer) = oneshot::channel();
        lock(&self.questions).insert(number, Asker::One(sender));
        let _asked = Asked { shared: self.clone(), number };
        let reply = Some(bus::inbox(self.user.name(), self.id, number));
        line.say(Outgoing { reply, ..message })?;
        match timeout(wait, answer).await {
            Ok(Ok(answer)) => answer,
            // The line was lost, and the question with it.
            Ok(Err(_)) => Err(BusError::Away),
            Err(_) => Err(BusError::Timeout),
        }
    }

    /// Hands an answer to its question, if that still waits.
    fn answer(&self, message: Incoming) {
        let Some(number) = bus::inbox_number(message.subject.as_str()) else { return };
        let mut questions = lock(&self.questions);
        if let Some(Asker::Many(queue)) = questions.get(&number) {
            let queue = queue.clone();
            drop(questions);
            queue.push(message);
        } else if let Some(Asker::One(asker)) = questions.remove(&number) {
            let refused = message.no_responders;
            let answer = if refused { Err(BusError::NoResponders) } else { Ok(message.payload) };
            // Whoever asked may have given up this moment.
            drop(asker.send(answer));
        }
    }

    /// The line is lost, and with it whatever was on its way to those who asked.
    fn lose_answers(&self) {
        for (_, asker) in lock(&self.questions).drain() {
            match asker {
                // Dropping it tells.
                Asker::One(_) => {}
                Asker::Many(queue) => queue.push_gap(),
            }
        }
    }

    /// Messages were lost before they were counted, and nobody knows whose they were.
    fn mark_gap_everywhere(&self) {
        for (_, listener) in self.listeners.all() {
            listener.queue.push_gap();
        }
    }
}

/// Waits until the broker has taken what is to be heard. What it forbids, it says before it
/// answers, and then keeps silent.
async fn confirm_heard<'a>(
    line: &Line,
    subjects: impl IntoIterator<Item = &'a Subject>,
) -> Result<(), BusError> {
    confirm(line).await?;
    let is_forbidden = subjects.into_iter().any(|subject| line.forbids(subject));
    if is_forbidden { Err(BusError::Forbidden) } else { Ok(()) }
}

/// Waits until the broker has done whatever was asked of it before. One that takes too long is as
/// good as away.
async fn confirm(line: &Line) -> Result<(), BusError> {
    timeout(CONFIRM_WAIT, line.confirmed()).await.unwrap_or(Err(BusError::Away))
}

/// Forgets a question when its asker has an answer or gives up.
struct Asked {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Asked {
    fn drop(&mut self) {
        lock(&self.shared.questions).remove(&self.number);
    }
}

/// Ends a subscription when its listener drops it.
struct Ending {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if self.shared.listeners.remove(self.number)
            && let Ok(line) = self.shared.line()
        {
            line.unsubscribe(self.number);
        }
    }
}
