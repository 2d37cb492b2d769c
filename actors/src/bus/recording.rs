//! A bus that another one stands behind: whatever is said, heard, asked and answered goes into a
//! capture while one is under way, and costs a look at a flag while none is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bus_schemas::bus::{Bus, BusError, BusStatus, Gap, Group, Incoming, Outgoing, Subscription};
use bus_schemas::capture::Whom;
use bus_schemas::id::BusId;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};

use crate::capture::{At, Recorder, Recording};

/// Wraps any bus.
pub struct RecordingBus {
    inner: Arc<dyn Bus>,
    recorder: Recorder,
    next_number: AtomicU64,
    /// Whether somebody follows the status already: what all of them hear is recorded once.
    is_followed: AtomicBool,
}

impl RecordingBus {
    /// Records for this recorder whatever passes.
    #[must_use]
    pub fn new(inner: Arc<dyn Bus>, recorder: Recorder) -> Self {
        let (next_number, is_followed) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { inner, recorder, next_number, is_followed }
    }

    fn running(&self) -> Option<(Arc<Recording>, At)> {
        running(&self.recorder)
    }

    /// Notes that somebody listens, or may not.
    fn subscribed(&self, subject: &Subject, group: Option<Group>, refused: Option<&BusError>) {
        if let Some((recording, at)) = self.running() {
            let outcome = refused.map_or(Ok(()), |error| Err(*error));
            recording.subscribed(at, self.id(), subject, group.map(|Group(name)| name), outcome);
        }
    }

    /// What notes whatever is heard.
    fn listener(&self) -> impl Fn(&Result<Incoming, Gap>) + Send + 'static {
        let (recorder, bus) = (self.recorder.clone(), self.id());
        move |item| {
            if let Some((recording, at)) = running(&recorder) {
                recording.heard(at, bus, item);
            }
        }
    }

    /// Notes a question; what is needed to note its answer.
    fn asked(&self, message: &Outgoing, whom: Whom) -> Option<Asked> {
        let (recording, at) = self.running()?;
        let n = self.next_number.fetch_add(1, Ordering::Relaxed);
        let concerns = recording.asked(at, self.id(), n, message, whom);
        let subject = message.subject.clone();
        concerns.then(|| Asked { recording, bus: self.id(), n, subject })
    }
}

fn running(recorder: &Recorder) -> Option<(Arc<Recording>, At)> {
    let recording = recorder.running()?;
    let at = recording.now()?;
    Some((recording, at))
}

/// A question whose answer is to be recorded.
struct Asked {
    recording: Arc<Recording>,
    bus: BusId,
    n: u64,
    subject: Subject,
}

impl Asked {
    fn answered(&self, answer: &Result<Bytes, BusError>) {
        if let Some(at) = self.recording.now() {
            self.recording.answered(at, self.bus, self.n, &self.subject, answer);
        }
    }

    fn heard(&self, item: &Result<Incoming, Gap>) {
        match item {
            Ok(answer) if answer.no_responders => self.answered(&Err(BusError::NoResponders)),
            Ok(answer) => self.answered(&Ok(answer.payload.clone())),
            Err(Gap) => self.answered(&Err(BusError::Away)),
        }
    }
}

#[async_trait]
impl Bus for RecordingBus {
    fn id(&self) -> BusId {
        self.inner.id()
    }

    fn publish(&self, message: Outgoing) -> Result<(), BusError> {
        let Some((recording, at)) = self.running() else { return self.inner.publish(message) };
        let outcome = self.inner.publish(message.clone());
        recording.published(at, self.id(), &message, outcome);
        outcome
    }

    async fn subscribe(
        &self,
        subject: &Subject,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        let heard = self.inner.subscribe(subject, group, capacity).await;
        self.subscribed(subject, group, heard.as_ref().err());
        Ok(heard?.inspect(self.listener()).boxed())
    }

    async fn subscribe_all(
        &self,
        subjects: &[(Subject, usize)],
    ) -> Result<Vec<Subscription>, BusError> {
        let heard = self.inner.subscribe_all(subjects).await;
        for (subject, _) in subjects {
            self.subscribed(subject, None, heard.as_ref().err());
        }
        let noted = |heard: Subscription| heard.inspect(self.listener()).boxed();
        Ok(heard?.into_iter().map(noted).collect())
    }

    async fn request(&self, message: Outgoing, wait: Duration) -> Result<Bytes, BusError> {
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let asked = self.asked(&message, Whom::One { wait_ms });
        let answer = self.inner.request(message, wait).await;
        if let Some(asked) = asked {
            asked.answered(&answer);
        }
        answer
    }

    async fn request_many(
        &self,
        message: Outgoing,
        capacity: usize,
    ) -> Result<Subscription, BusError> {
        let asked = self.asked(&message, Whom::Everybody);
        let answers = self.inner.request_many(message, capacity).await;
        match (answers, asked) {
            (Ok(answers), Some(asked)) => {
                Ok(answers.inspect(move |item| asked.heard(item)).boxed())
            }
            (Err(error), Some(asked)) => {
                asked.answered(&Err(error));
                Err(error)
            }
            (answers, None) => answers,
        }
    }

    fn on_unreadable(&self) -> fn() {
        self.inner.on_unreadable()
    }

    fn status(&self) -> BusStatus {
        self.inner.status()
    }

    fn status_changes(&self) -> BoxStream<'static, BusStatus> {
        let changes = self.inner.status_changes();
        if self.is_followed.swap(true, Ordering::Relaxed) {
            return changes;
        }
        let (recorder, bus) = (self.recorder.clone(), self.id());
        let note = move |status: &BusStatus| {
            if let Some((recording, at)) = running(&recorder) {
                recording.status(at, bus, *status);
            }
        };
        changes.inspect(note).boxed()
    }
}
