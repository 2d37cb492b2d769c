//! Telling every edge what was revoked, and waiting until it is so.
//!
//! What a person ends is answered when no edge takes it any more. What auth ends by itself is told,
//! and nobody waits: an edge that does not hear it finds it with its next lease.

use std::sync::Arc;
use std::time::Duration;

use actors_core::auth::telling;
use bus_schemas::auth::{self as said, Revoked};
use bus_schemas::bus::Bus;
use bus_schemas::id::{EdgeId, TraceId};
use bus_schemas::limit::{EDGES_MAX, REVOKED_WAIT_MS};
use bus_schemas::time::Millis;
use bus_schemas::topic::Subject;
use bus_schemas::verbs::{Answers, Refusal, Reply};
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
/// How long an edge that was silent through one wait is still waited for: it may have been
/// answered until the moment at which its line broke.
const FORGET_AFTER: Duration = Duration::from_millis(REVOKED_WAIT_MS);

/// What a use has ended at its owner's wish; it is over when the edges know.
#[must_use = "the edges are to be told"]
pub(super) struct Ended {
    entries: Vec<Revoked>,
    /// Runs since a moment after the commit.
    committed: Stopwatch,
}

impl Ended {
    /// What was committed before this call.
    pub(super) fn committed(entries: Vec<Revoked>) -> Self {
        Self { entries, committed: Stopwatch::start() }
    }

    /// Nothing was to be ended.
    pub(super) fn nothing() -> Self {
        Self::committed(Vec::new())
    }

    /// Both, as one.
    pub(super) fn and(mut self, later: Self) -> Self {
        self.entries.extend(later.entries);
        Self { entries: self.entries, committed: later.committed }
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
            drop(this.ask(&entries).await);
        }));
    }

    /// Tells, and answers when it is over. What waits stands beside the answers under way.
    pub(super) async fn answer(&self, ended: Ended, asker: Asker) {
        let this = self.clone();
        let trace = asker.trace.as_ref().map(TraceId::as_str);
        let span = tracing::info_span!("telling", trace);
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let waits = async move {
                let gone = this.wait(&ended).await;
                this.done(asker.reply);
                drop(place);
                this.forget(gone).await;
            };
            drop(self.under_way.spawn_local(waits.instrument(span)));
        } else {
            drop(self.wait(&ended).instrument(span).await);
            self.done(asker.reply);
        }
    }

    /// Returns when everything that waits is answered.
    pub(super) async fn stop(&self) {
        self.stopping.cancel();
        self.under_way.close();
        self.under_way.wait().await;
    }

    /// Returns when it is over, with the edges that have gone as it seems.
    async fn wait(&self, ended: &Ended) -> Vec<EdgeId> {
        let Ended { entries, committed } = ended;
        let mut telling = telling::Telling::new(Millis(0));
        if entries.is_empty() {
            return Vec::new();
        }
        let mut listing = std::pin::pin!(self.store.edges(LISTED_WITHIN));
        let mut is_listing = true;
        let answers = self.ask(entries).await;
        if answers.is_none() {
            telling.missed();
        }
        let mut answers =
            answers.unwrap_or_else(|| stream::empty().boxed()).chain(stream::pending());
        let late = Duration::from_millis(telling.deadline().0).saturating_sub(committed.elapsed());
        let mut late = std::pin::pin!(tokio::time::sleep(late));
        while !telling.is_over(committed.millis()) {
            tokio::select! {
                listed = &mut listing, if is_listing => {
                    is_listing = false;
                    match listed {
                        Ok(edges) => telling.listed(edges),
                        Err(error) => tracing::warn!(%error, "nobody knows which edges there are"),
                    }
                }
                answer = answers.next() => match answer {
                    Some(Ok(Ok(heard))) => telling.heard(heard.edge),
                    Some(Err(_gap)) => telling.missed(),
                    Some(Ok(Err(_))) | None => {}
                },
                () = &mut late => {}
            }
        }
        let gone = telling.gone(committed.millis());
        if !gone.is_empty() {
            tracing::warn!(edges = gone.len(), "edges were silent; what they know is old by now");
        }
        gone
    }

    async fn ask(&self, entries: &Vec<Revoked>) -> Option<Answers<said::Heard>> {
        match self.bus.ask_every(&said::revoked(), entries, EDGES_MAX).await {
            Ok(answers) => Some(answers),
            Err(error) => {
                tracing::error!(%error, "a revocation was stored and could not be told to the edges");
                None
            }
        }
    }

    fn done(&self, reply: Subject) {
        if let Err(error) = self.bus.answer(reply, &Reply::Done(())) {
            tracing::warn!(%error, "an answer could not be given");
        }
    }

    /// Nobody waits for these edges any more, unless they ask for a lease again.
    async fn forget(&self, gone: Vec<EdgeId>) {
        if gone.is_empty() {
            return;
        }
        let pause = tokio::time::sleep(FORGET_AFTER);
        if self.stopping.run_until_cancelled(pause).await.is_none() {
            return;
        }
        if let Err(error) = self.store.forget_edges(&gone, 2 * FORGET_AFTER).await {
            tracing::debug!(%error, "edges that have gone are not forgotten yet");
        }
    }
}

/// Refuses at once.
pub(super) fn refuse(bus: &dyn Bus, asker: Asker, refusal: Refusal) {
    if let Err(error) = bus.answer(asker.reply, &Reply::<()>::Refused(refusal)) {
        tracing::warn!(%error, "an answer could not be given");
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::bus::inbox;
    use futures_util::FutureExt;
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
