//! Telling every edge what was revoked, and waiting until it is so.
//!
//! What a person ends is answered when no edge takes it any more; where nobody can say, the answer
//! is `SERVICE_UNAVAILABLE`, and it is revoked all the same. What auth ends by itself is told, and
//! nobody waits: an edge that does not hear it finds it with its next lease.

use std::sync::Arc;
use std::time::Duration;

use actors_core::auth::telling;
use bus_schemas::auth::{self as said, Revoked};
use bus_schemas::bus::Bus;
use bus_schemas::fault::Code;
use bus_schemas::id::TraceId;
use bus_schemas::limit::{EDGES_MAX, REVOKED_WAIT_MS};
use bus_schemas::time::Millis;
use bus_schemas::topic::Subject;
use bus_schemas::verbs::{Answers, CallError, Refusal, Reply};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::clock::Stopwatch;
use crate::store::Store;

/// Answers that may wait for edges without holding up others. A cut edge holds each for seconds,
/// and many people may sign out in that time; beyond this number they wait among all other answers.
const WAITING_MAX: usize = 4_096;
/// How far back an edge counts as there: further than any outage of auth in which edges go on
/// without it. One that has gone for good is forgotten by whoever finds it silent.
const LISTED_WITHIN: Duration = Duration::from_hours(24);
/// How long an edge that was silent through one wait is still waited for. With the wait itself
/// this is how long it has asked for no lease when it is forgotten: not since it was to be told.
const FORGET_AFTER: Duration = Duration::from_millis(REVOKED_WAIT_MS);
/// How long the bus may take to say that it has what was told. Whoever asked waits for this and
/// then for silent edges, and is patient for longer than both.
const ECHO_WAIT: Duration = Duration::from_secs(2);

/// What a use has ended at its owner's wish, and committed; it is over when the edges know.
#[must_use = "the edges are to be told"]
pub(super) struct Ended {
    entries: Vec<Revoked>,
}

/// What became of telling the edges.
enum Outcome {
    /// It is over. Where edges were silent for the whole wait, they may still be heard.
    Over { silence: Option<Course> },
    /// It may not have been told.
    Unknown,
}

/// One revocation on its way to the edges.
struct Course {
    telling: telling::Telling,
    answers: Answers<said::Heard>,
    elapsed: Stopwatch,
}

impl Course {
    fn now(&self) -> Millis {
        self.elapsed.millis()
    }

    /// How long it is until it is over at the latest.
    fn rest(&self) -> Duration {
        let deadline = self.telling.deadline();
        deadline.map_or(Duration::MAX, |late| Duration::from_millis(late.since(self.now())))
    }

    /// Takes in the next answer.
    async fn hears(&mut self) {
        match self.answers.next().await {
            Some(Ok(Ok(heard))) => self.telling.heard(heard.edge, self.now()),
            Some(Err(_gap)) => self.telling.lost(),
            Some(Ok(Err(_))) | None => {}
        }
    }

    async fn hears_for(&mut self, time: Duration) {
        let mut end = std::pin::pin!(tokio::time::sleep(time));
        loop {
            tokio::select! {
                () = &mut end => return,
                () = self.hears() => {}
            }
        }
    }
}

impl Ended {
    pub(super) fn committed(entries: Vec<Revoked>) -> Self {
        Self { entries }
    }

    /// Nothing was to be ended.
    pub(super) fn nothing() -> Self {
        Self::committed(Vec::new())
    }

    /// Both, as one.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// What nobody waits for after all.
    pub(super) fn into_entries(self) -> Vec<Revoked> {
        self.entries
    }
}

/// Where an answer goes.
pub(super) struct Asker {
    pub(super) reply: Subject,
    pub(super) trace: Option<TraceId>,
}

/// Tells the edges.
#[derive(Clone)]
pub(super) struct Telling {
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    under_way: TaskTracker,
    places: Arc<Semaphore>,
    stopping: CancellationToken,
}

impl Telling {
    pub(super) fn new(bus: Arc<dyn Bus>, store: Arc<dyn Store>) -> Self {
        Self {
            bus,
            store,
            under_way: TaskTracker::new(),
            places: Arc::new(Semaphore::new(WAITING_MAX)),
            stopping: CancellationToken::new(),
        }
    }

    /// Tells, and waits for nobody.
    pub(super) fn tell(&self, entries: Vec<Revoked>) {
        if entries.is_empty() {
            return;
        }
        let this = self.clone();
        drop(self.under_way.spawn_local(async move {
            if let Err(error) = this.ask(&entries).await {
                tracing::warn!(%error, "a revocation is stored and could not be told to the edges");
            }
        }));
    }

    /// Tells, and answers when it is over. What waits stands beside the answers under way.
    pub(super) async fn answer(&self, ended: Ended, asker: Asker) {
        let this = self.clone();
        let trace = asker.trace.as_ref().map(TraceId::as_str);
        let span = tracing::info_span!("telling", trace);
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let waits = async move {
                let outcome = this.wait(&ended).await;
                this.answer_with(&outcome, asker);
                drop(place);
                if let Outcome::Over { silence: Some(course) } = outcome {
                    this.forget(course).await;
                }
            };
            drop(self.under_way.spawn_local(waits.instrument(span)));
        } else {
            let outcome = self.wait(&ended).instrument(span).await;
            self.answer_with(&outcome, asker);
        }
    }

    /// Returns when everything that waits is answered.
    pub(super) async fn stop(&self) {
        self.stopping.cancel();
        self.under_way.close();
        self.under_way.wait().await;
    }

    /// Returns when it is over, or when nobody can say any more.
    async fn wait(&self, Ended { entries }: &Ended) -> Outcome {
        if entries.is_empty() {
            return Outcome::Over { silence: None };
        }
        let mut course = self.begin(entries).await;
        let (mut is_listing, mut is_echoing) = (true, true);
        let mut listing = std::pin::pin!(self.store.edges(LISTED_WITHIN));
        let mut echo = std::pin::pin!(self.bus.settle(ECHO_WAIT));
        while !course.telling.is_over(course.now()) && (is_listing || !course.telling.is_lost()) {
            let rest = course.rest();
            tokio::select! {
                listed = &mut listing, if is_listing => {
                    is_listing = false;
                    match listed {
                        Ok(edges) => course.telling.listed(edges),
                        Err(error) => tracing::warn!(%error, "nobody knows which edges there are"),
                    }
                }
                // An answer says as much.
                echoed = &mut echo, if is_echoing && course.telling.deadline().is_none() => {
                    is_echoing = false;
                    match echoed {
                        Ok(()) => course.telling.told(course.now()),
                        Err(_) => course.telling.lost(),
                    }
                }
                () = course.hears() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        if course.telling.is_lost() {
            tracing::error!("a revocation is stored, and whether the edges were told is unknown");
            return Outcome::Unknown;
        }
        let silent = course.telling.gone(course.now()).len();
        if silent > 0 {
            tracing::warn!(edges = silent, "edges were silent; what they know is old by now");
        }
        Outcome::Over { silence: (silent > 0).then_some(course) }
    }

    /// Tells, and listens for answers.
    async fn begin(&self, entries: &Vec<Revoked>) -> Course {
        let elapsed = Stopwatch::start();
        let mut telling = telling::Telling::default();
        let answers = self.ask(entries).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "a revocation could not be told to the edges");
            telling.lost();
            stream::empty().boxed()
        });
        Course { telling, answers: answers.chain(stream::pending()).boxed(), elapsed }
    }

    async fn ask(&self, entries: &Vec<Revoked>) -> Result<Answers<said::Heard>, CallError> {
        self.bus.ask_every(&said::revoked(), entries, EDGES_MAX).await
    }

    fn answer_with(&self, outcome: &Outcome, asker: Asker) {
        match outcome {
            Outcome::Over { .. } => answer(&*self.bus, asker, &Reply::Done(())),
            Outcome::Unknown => refuse(&*self.bus, asker, Code::ServiceUnavailable.into()),
        }
    }

    /// Nobody waits any more for edges that stay silent, unless they ask for a lease again. The end
    /// of a line is noticed late: only after another echo is it known that no answer was lost.
    async fn forget(&self, mut course: Course) {
        let silence = async {
            course.hears_for(FORGET_AFTER).await;
            self.bus.settle(ECHO_WAIT).await
        };
        let Some(Ok(())) = self.stopping.run_until_cancelled(silence).await else { return };
        while course.hears().now_or_never().is_some() {}
        let gone = course.telling.gone(course.now());
        if gone.is_empty() {
            return;
        }
        if let Err(error) = self.store.forget_edges(&gone, 2 * FORGET_AFTER).await {
            tracing::debug!(%error, "edges that have gone are not forgotten yet");
        }
    }
}

/// Refuses at once.
pub(super) fn refuse(bus: &dyn Bus, asker: Asker, refusal: Refusal) {
    answer(bus, asker, &Reply::Refused(refusal));
}

fn answer(bus: &dyn Bus, asker: Asker, reply: &Reply<()>) {
    if let Err(error) = bus.answer(asker.reply, reply) {
        tracing::warn!(%error, "an answer could not be given");
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::bus::inbox;
    use tokio::task::LocalSet;

    use super::*;
    use crate::bus::embedded::Broker;
    use crate::store;

    /// Whether an answer has come by the time that whoever answers is free again.
    async fn has_come(waiting_max: usize) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        store::migrate(&url).await.unwrap();
        let bus: Arc<dyn Bus> = Arc::new(Broker::new().connect());
        let telling = Telling::new(Arc::clone(&bus), store::open(&url).await.unwrap());
        let telling = Telling { places: Arc::new(Semaphore::new(waiting_max)), ..telling };
        let reply = inbox("serve", bus.id(), 1);
        let mut answers = bus.subscribe(&reply, None, 1).await.unwrap();
        telling.answer(Ended::nothing(), Asker { reply, trace: None }).await;
        let has_come = answers.next().now_or_never().is_some();
        telling.stop().await;
        assert!(has_come || answers.next().now_or_never().is_some(), "it comes before the end");
        has_come
    }

    #[tokio::test]
    async fn auth34_of_too_many_that_wait_the_last_wait_among_all_answers() {
        LocalSet::new()
            .run_until(async {
                assert!(!has_come(1).await);
                assert!(has_come(0).await);
            })
            .await;
    }
}
