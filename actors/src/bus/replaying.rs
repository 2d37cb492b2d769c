//! A bus that plays the other side of a capture: it answers what is asked as it was answered
//! then, or asks what was asked then and compares the answers.
//!
//! So the doors can be tested against recorded actors, and actors against recorded doors. What
//! captures withhold (everything of auth) goes to a bus beside it, if there is one.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bus_schemas::bus::{self, Bus, BusError, BusStatus, Group, Incoming, Outgoing, Subscription};
use bus_schemas::capture::{Payload, Record, What};
use bus_schemas::id::{BusId, EdgeId};
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;
use uuid::Uuid;

use super::lock;

/// Stands for the role in the inboxes that recorded questions are answered to.
const ROLE: &str = "capture";

/// Where something is asked, and the bytes of the question.
type Question = (String, Bytes);
type Answer = Result<Bytes, BusError>;

/// What was asked in a capture, and what came of it.
#[derive(Clone, Debug)]
struct Exchange {
    subject: Subject,
    question: Bytes,
    answer: Answer,
}

/// A test's hold on a [`ReplayingBus`]. Dropping it fails the test if anything was asked that is
/// not in the capture, or answered otherwise than there.
pub struct Replaying(Arc<Inner>);

struct Inner {
    id: BusId,
    side: Side,
    beside: Option<Arc<dyn Bus>>,
    complaints: Mutex<Vec<String>>,
    /// How many questions were answered.
    answered: watch::Sender<usize>,
}

/// Which side of the capture is played.
enum Side {
    /// Whoever answered. The last answer to a question holds for whatever follows.
    Answerers(Mutex<HashMap<Question, VecDeque<Answer>>>),
    /// Whoever asked: by the number of the question, and whether it was answered.
    Askers { exchanges: Vec<Exchange>, open: Mutex<BTreeSet<u64>> },
}

impl Replaying {
    /// Plays whoever answered in this capture.
    #[must_use]
    pub fn answerers(records: &[(usize, Record)]) -> Self {
        let mut answers: HashMap<_, VecDeque<_>> = HashMap::new();
        for Exchange { subject, question, answer } in exchanges(records) {
            let asked = (subject.as_str().to_owned(), question);
            answers.entry(asked).or_default().push_back(answer);
        }
        Self::of(Side::Answerers(Mutex::new(answers)))
    }

    /// Plays whoever asked in this capture: each question once, to whoever listens to its subject.
    #[must_use]
    pub fn askers(records: &[(usize, Record)]) -> Self {
        // What had no answer then proves nothing about an answer now.
        let exchanges = exchanges(records).filter(|exchange| exchange.answer.is_ok()).collect();
        Self::of(Side::Askers { exchanges, open: Mutex::default() })
    }

    fn of(side: Side) -> Self {
        let (complaints, answered) = (Mutex::default(), watch::Sender::new(0));
        let id = BusId::new(Uuid::new_v4());
        Self(Arc::new(Inner { id, side, beside: None, complaints, answered }))
    }

    /// The same, and whatever captures withhold is carried by this bus.
    #[must_use]
    pub fn beside(mut self, bus: Arc<dyn Bus>) -> Self {
        let inner = Arc::get_mut(&mut self.0).expect("no bus was given out yet");
        inner.beside = Some(bus);
        self
    }

    /// The bus.
    #[must_use]
    pub fn bus(&self) -> Arc<dyn Bus> {
        Arc::new(ReplayingBus(Arc::clone(&self.0)))
    }

    /// How many questions are asked, once somebody listens to each of their subjects.
    #[must_use]
    pub fn questions(&self) -> usize {
        match &self.0.side {
            Side::Answerers(_) => 0,
            Side::Askers { exchanges, .. } => exchanges.len(),
        }
    }

    /// Returns when all of them were answered.
    pub async fn until_answered(&self) {
        let count = self.questions();
        // The sender is here; it outlives this call.
        drop(self.0.answered.subscribe().wait_for(|answered| *answered >= count).await);
    }

    /// What was not as in the capture, a sentence each; asking takes them.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.0.complaints))
    }
}

impl Drop for Replaying {
    fn drop(&mut self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty() || std::thread::panicking(), "{}", complaints.join("\n"));
    }
}

/// A bus that is a capture.
pub struct ReplayingBus(Arc<Inner>);

impl Inner {
    fn complain(&self, sentence: String) {
        lock(&self.complaints).push(sentence);
    }

    /// The recorded answer to a question.
    fn answer(&self, message: &Outgoing) -> Result<Bytes, BusError> {
        let subject = message.subject.as_str();
        let Side::Answerers(answers) = &self.side else {
            self.complain(format!("{subject} was asked of a capture that asks itself"));
            return Err(BusError::NoResponders);
        };
        let mut answers = lock(answers);
        let recorded = answers.get_mut(&(subject.to_owned(), message.payload.clone()));
        let Some(recorded) = recorded else {
            drop(answers);
            self.complain(format!(
                "nobody asked {subject} with these {} bytes while the capture was made: record \
                 one in which it is asked, or ask what was asked",
                message.payload.len()
            ));
            return Err(BusError::NoResponders);
        };
        let last = recorded.len() == 1;
        let answer = if last { recorded.front().cloned() } else { recorded.pop_front() };
        answer.unwrap_or(Err(BusError::NoResponders))
    }

    /// An answer to a question that was played.
    fn compare(&self, message: &Outgoing) {
        let Side::Askers { exchanges, open } = &self.side else { return };
        let Some(n) = bus::inbox_number(message.subject.as_str()) else { return };
        if !lock(open).remove(&n) {
            return;
        }
        let place = usize::try_from(n).unwrap_or(usize::MAX);
        if let Some(Exchange { subject, answer: Ok(answer), .. }) = exchanges.get(place)
            && *answer != message.payload
        {
            self.complain(format!(
                "question {n}, {}, was answered with other bytes than in the capture: {} then, {} \
                 now",
                subject.as_str(),
                hex::encode(answer),
                hex::encode(&message.payload)
            ));
        }
        self.answered.send_modify(|answered| *answered += 1);
    }

    /// The recorded questions to a subject, then nothing.
    fn play(&self, subject: &Subject) -> Subscription {
        let Side::Askers { exchanges, open } = &self.side else {
            return stream::pending().boxed();
        };
        let asked: Vec<_> = (0u64..)
            .zip(exchanges)
            .filter(|(_, exchange)| exchange.subject == *subject)
            .map(|(n, exchange)| {
                lock(open).insert(n);
                Ok(Incoming {
                    subject: exchange.subject.clone(),
                    reply: Some(bus::inbox(ROLE, self.id, n)),
                    trace: None,
                    payload: exchange.question.clone(),
                    no_responders: false,
                })
            })
            .collect();
        stream::iter(asked).chain(stream::pending()).boxed()
    }
}

#[async_trait]
impl Bus for ReplayingBus {
    fn id(&self) -> BusId {
        self.0.id
    }

    fn publish(&self, message: Outgoing) -> Result<(), BusError> {
        match (&self.0.side, self.0.beside(&message.subject)) {
            (_, Some(bus)) => bus.publish(message),
            (Side::Askers { .. }, None) => {
                self.0.compare(&message);
                Ok(())
            }
            // Nobody of the capture hears what it was not asked.
            (Side::Answerers(_), None) => Ok(()),
        }
    }

    async fn subscribe(
        &self,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        match self.0.beside(subject) {
            Some(bus) => bus.subscribe(subject, group, capacity).await,
            None => Ok(self.0.play(subject)),
        }
    }

    async fn request(&self, message: Outgoing, wait: Duration) -> Result<Bytes, BusError> {
        match self.0.beside(&message.subject) {
            Some(bus) => bus.request(message, wait).await,
            None => self.0.answer(&message),
        }
    }

    async fn request_many(
        &self,
        message: Outgoing,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        if let Some(bus) = self.0.beside(&message.subject) {
            return bus.request_many(message, capacity).await;
        }
        let subject = message.subject.as_str();
        self.0.complain(format!("{subject} is asked of everybody; captures of edges have none"));
        Err(BusError::NoResponders)
    }

    fn status(&self) -> BusStatus {
        BusStatus::Up
    }

    fn status_changes(&self) -> BoxStream<'static, BusStatus> {
        stream::iter([BusStatus::Up]).chain(stream::pending()).boxed()
    }
}

impl Inner {
    /// The bus that carries what captures withhold.
    fn beside(&self, subject: &Subject) -> Option<&Arc<dyn Bus>> {
        let is_withheld = subject.as_str().starts_with("auth.");
        self.beside.as_ref().filter(|_| is_withheld)
    }
}

/// Every question whose words and answer were kept, in order.
fn exchanges(records: &[(usize, Record)]) -> impl Iterator<Item = Exchange> {
    let mut asked: HashMap<(EdgeId, BusId, u64), (Subject, Bytes)> = HashMap::new();
    let mut found = Vec::new();
    for (_, record) in records {
        match &record.what {
            What::Asked { bus, n, said, .. } => {
                if let Payload::Kept(question) = &said.payload {
                    let key = (record.edge, *bus, *n);
                    asked.insert(key, (said.subject.clone(), question.clone()));
                }
            }
            What::Answered { bus, n, answer } => {
                let Some((subject, question)) = asked.remove(&(record.edge, *bus, *n)) else {
                    continue;
                };
                let answer = match answer {
                    Ok(Payload::Kept(answer)) => Ok(answer.clone()),
                    Ok(Payload::Withheld { .. }) => continue,
                    Err(error) => Err(*error),
                };
                found.push(Exchange { subject, question, answer });
            }
            What::Opened { .. }
            | What::Stepped { .. }
            | What::Published { .. }
            | What::Subscribed { .. }
            | What::Heard { .. }
            | What::Status { .. }
            | What::Gap { .. }
            | What::Ended { .. } => {}
        }
    }
    found.into_iter()
}
