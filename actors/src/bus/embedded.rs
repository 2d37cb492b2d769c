//! The bus inside one process: nothing to install, and as honest as a broker about "nobody is
//! there". What is lost on a full queue is a gap here as well.

mod subjects;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use bus_schemas::bus::{
    self, Bus, BusError, BusStatus, Gap, Group, Incoming, Outgoing, Subscription,
};
use bus_schemas::id::BusId;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use uuid::Uuid;

use self::subjects::{Found, Subjects};
use super::queue::{Pushed, Queue, subscription};
use super::status::StatusCell;
use super::{Lane, counters, fits};

/// Stands for the role in the inbox of a process that has all of them.
const ROLE: &str = "serve";

/// What all connections of one process share.
pub struct Broker(Arc<Shared>);

struct Shared {
    listeners: RwLock<Subjects<Listener>>,
    /// Whether connections for this lane count as up.
    talk: StatusCell,
    bulk: StatusCell,
    next_number: AtomicU64,
    /// Whose turn it is in a group.
    turn: AtomicUsize,
}

#[derive(Clone)]
struct Listener {
    number: u64,
    bus: BusId,
    group: Option<Group>,
    queue: Arc<Queue>,
}

impl Broker {
    /// A broker to which nobody listens.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            listeners: RwLock::default(),
            talk: StatusCell::new(BusStatus::Up),
            bulk: StatusCell::new(BusStatus::Up),
            next_number: AtomicU64::new(0),
            turn: AtomicUsize::new(0),
        }))
    }

    /// One more connection; cheap.
    #[must_use]
    pub fn connect(&self) -> Connection {
        self.connect_for(Lane::Talk)
    }

    /// One more connection for this lane.
    #[must_use]
    pub fn connect_for(&self, lane: Lane) -> Connection {
        Connection { id: BusId::new(Uuid::new_v4()), lane, broker: self.0.clone() }
    }

    /// Plays a broker that cannot be reached, for tests.
    pub fn cut(&self) {
        for lane in Lane::ALL {
            self.cut_lane(*lane);
        }
    }

    /// The same for the connections of one lane.
    pub fn cut_lane(&self, lane: Lane) {
        self.0.status(lane).set(BusStatus::Away);
    }

    /// Ends what was cut; subscriptions are heard again.
    pub fn mend(&self) {
        for lane in Lane::ALL {
            self.0.status(*lane).set(BusStatus::Up);
        }
    }
}

impl Default for Broker {
    fn default() -> Self {
        Self::new()
    }
}

/// A connection to the [`Broker`] of this process.
pub struct Connection {
    id: BusId,
    lane: Lane,
    broker: Arc<Shared>,
}

#[async_trait]
impl Bus for Connection {
    fn id(&self) -> BusId {
        self.id
    }

    fn publish(&self, message: Outgoing) -> Result<(), BusError> {
        self.broker.admit(self.lane, &message)?;
        self.broker.deliver(self.id, message);
        Ok(())
    }

    async fn subscribe(
        &self,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        match self.broker.status(self.lane).get() {
            BusStatus::Up => Ok(self.listen(subject, group, capacity)),
            BusStatus::Away => Err(BusError::Away),
        }
    }

    async fn subscribe_all(
        &self,
        subjects: &[(Subject, usize)],
    ) -> Result<Vec<Subscription>, BusError> {
        let listen = |(subject, capacity): &(Subject, usize)| self.listen(subject, None, *capacity);
        match self.broker.status(self.lane).get() {
            BusStatus::Up => Ok(subjects.iter().map(listen).collect()),
            BusStatus::Away => Err(BusError::Away),
        }
    }

    async fn request(&self, message: Outgoing, wait: Duration) -> Result<Bytes, BusError> {
        self.broker.admit(self.lane, &message)?;
        let inbox = bus::inbox(ROLE, self.id, self.broker.number());
        let mut answers = self.listen(&inbox, None, 1);
        self.broker.deliver(self.id, Outgoing { reply: Some(inbox), ..message });
        let answer = tokio::select! {
            biased;
            answer = answers.next() => answer,
            () = self.broker.status(self.lane).away() => return Err(BusError::Away),
            () = tokio::time::sleep(wait) => return Err(BusError::Timeout),
        };
        match answer {
            Some(Ok(answer)) if answer.no_responders => Err(BusError::NoResponders),
            Some(Ok(answer)) => Ok(answer.payload),
            // Not so: the first thing in a queue is no gap, and a queue has no end.
            Some(Err(Gap)) | None => Err(BusError::Timeout),
        }
    }

    async fn request_many(
        &self,
        message: Outgoing,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        self.broker.admit(self.lane, &message)?;
        let inbox = bus::inbox(ROLE, self.id, self.broker.number());
        let answers = self.listen(&inbox, None, capacity);
        self.broker.deliver(self.id, Outgoing { reply: Some(inbox), ..message });
        let (broker, lane) = (self.broker.clone(), self.lane);
        let lost = stream::once(async move { broker.status(lane).away().await });
        let lost = lost.map(|()| Err(Gap));
        Ok(stream::select(answers, lost).boxed())
    }

    fn on_unreadable(&self) -> fn() {
        counters::unreadable
    }

    fn status(&self) -> BusStatus {
        self.broker.status(self.lane).get()
    }

    fn status_changes(&self) -> BoxStream<'static, BusStatus> {
        self.broker.status(self.lane).changes()
    }
}

impl Connection {
    fn listen(&self, subject: &Subject, group: Option<Group>, capacity: usize) -> Subscription {
        let number = self.broker.number();
        let queue = Arc::new(Queue::new(self.lane, capacity));
        let listener = Listener { number, bus: self.id, group, queue: queue.clone() };
        let mut listeners = self.broker.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.insert(subject.as_str(), listener);
        let (broker, subject) = (self.broker.clone(), subject.clone());
        subscription(queue, Ending { broker, subject, number })
    }
}

impl Shared {
    fn number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    const fn status(&self, lane: Lane) -> &StatusCell {
        match lane {
            Lane::Talk => &self.talk,
            Lane::Bulk => &self.bulk,
        }
    }

    fn admit(&self, lane: Lane, message: &Outgoing) -> Result<(), BusError> {
        match self.status(lane).get() {
            BusStatus::Away => Err(BusError::Away),
            BusStatus::Up if fits(message) => Ok(()),
            BusStatus::Up => Err(BusError::TooLarge),
        }
    }

    fn deliver(&self, from: BusId, message: Outgoing) {
        let payload = message.whole();
        let Outgoing { subject, reply, trace, .. } = message;
        let refusal = reply.clone();
        let message = Incoming { subject, reply, trace, payload, no_responders: false };
        if !self.hand_out(&message)
            && let Some(refusal) = refusal
        {
            self.refuse(from, refusal);
        }
    }

    /// Gives a message to every plain listener and to one of each group; says whether anybody
    /// listens. The table is not locked while queues are touched.
    fn hand_out(&self, message: &Incoming) -> bool {
        let mut heard = false;
        let mut groups: BTreeMap<&str, Vec<Arc<Queue>>> = BTreeMap::new();
        for listener in self.matching(&message.subject) {
            match listener.group {
                None => heard |= listener.queue.push(message.clone()) != Pushed::Closed,
                Some(Group(name)) => groups.entry(name).or_default().push(listener.queue),
            }
        }
        for mut members in groups.into_values() {
            let first = self.turn.fetch_add(1, Ordering::Relaxed) % members.len();
            members.rotate_left(first);
            heard |= members.iter().any(|queue| queue.push(message.clone()) != Pushed::Closed);
        }
        heard
    }

    /// Tells the connection that asked, and it alone, that nobody listens.
    fn refuse(&self, from: BusId, reply: Subject) {
        let asker = self.matching(&reply).into_iter().find(|listener| listener.bus == from);
        if let Some(asker) = asker {
            let (payload, no_responders) = (Bytes::new(), true);
            let refusal =
                Incoming { subject: reply, reply: None, trace: None, payload, no_responders };
            asker.queue.push(refusal);
        }
    }

    fn matching(&self, subject: &Subject) -> Found<Listener> {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
        listeners.matching(subject.as_str())
    }
}

/// Takes a listener off the table when its subscription is dropped.
struct Ending {
    broker: Arc<Shared>,
    subject: Subject,
    number: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut listeners = self.broker.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.remove(self.subject.as_str(), |listener| listener.number == self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bus3_neither_a_subscription_nor_a_question_leaves_anything_behind() {
        let broker = Broker::new();
        let bus = broker.connect();
        let subject = Subject::received("a.b");
        drop(bus.subscribe(&subject, None, 1).await.unwrap());
        let (reply, trace, payload) = (None, None, Bytes::new());
        let question = Outgoing { subject, reply, trace, payload, body: Bytes::new() };
        assert!(bus.request(question, Duration::from_secs(5)).await.is_err());
        assert!(broker.0.listeners.read().unwrap().is_empty());
    }
}
