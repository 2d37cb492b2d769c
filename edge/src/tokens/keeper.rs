//! Keeps the lease: asks auth again and again, hears what is revoked, and moves the gate.
//!
//! The decisions are `actors_core::auth::lease`; here its effects are performed.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use actors::session::Told;
use actors_core::auth::lease::{Effect, Event, Lease};
use bus_schemas::auth::{AskLease, Heard, Revoked, VerifyingKey, lease, revoked};
use bus_schemas::bus::{BusError, BusStatus};
use bus_schemas::codec::CodecError;
use bus_schemas::limit::LEASE_WAIT_MS;
use bus_schemas::time::Millis;
use bus_schemas::verbs::{CallError, Question, Questions, Reply};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::{Leaver, Tokens};
use crate::http::health::Watched;

/// Revocations that may wait while the last one is kept.
const REVOKED_WAITING_MAX: usize = 1_024;
/// How soon it is tried again to listen, where the bus did not let us.
const LISTEN_AGAIN: Duration = Duration::from_millis(200);
/// Pages of one lease: twice as many as have what can be kept here.
const PAGES_MAX: usize = 256;
/// How long auth may take to answer.
const ANSWER_WAIT: Duration = Duration::from_millis(LEASE_WAIT_MS);

impl Tokens {
    /// Keeps keys and revocations for as long as the process runs: listens first, then asks for a
    /// lease, so that nothing falls between.
    pub async fn keep(self: Arc<Self>) {
        let lease = Lease::new(self.gate.now());
        let calls = FuturesUnordered::new();
        let mut keeper = Keeper { tokens: self.clone(), lease, calls, leaver: None };
        let mut asked_to_leave = self.asked_to_leave.lock().await;
        loop {
            match self.bus.serve_each(&revoked(), REVOKED_WAITING_MAX).await {
                Ok(told) => keeper.follow(told, &mut asked_to_leave).await,
                Err(error) => tracing::warn!(%error, "revocations cannot be heard"),
            }
            keeper.drive(Event::Missed);
            tokio::time::sleep(LISTEN_AGAIN).await;
        }
    }

    /// Something was revoked: it is applied before the answer says so.
    fn hear(&self, question: Question<Vec<Revoked>>) {
        self.apply(question.body);
        let heard = Reply::Done(Heard { edge: self.edge });
        if let Err(error) = self.bus.answer(question.reply, &heard) {
            tracing::debug!(%error, "auth was not told that a revocation is applied");
        }
    }

    fn apply(&self, entries: Vec<Revoked>) {
        let now = self.clock.now();
        let mut news = Vec::new();
        for entry in entries {
            if self.ended.keep(&entry, now) {
                news.push(entry);
            }
        }
        if !news.is_empty() {
            self.tell(Told::Ended(news.into()));
        }
    }

    fn tell(&self, told: Told) {
        // Without Sessions nobody has to know.
        drop(self.told.send(told));
    }

    /// Asks for a lease, page by page.
    async fn ask(self: Arc<Self>, number: u64, mark: Option<i64>) -> Event {
        match self.pages(mark).await {
            Ok(mark) => Event::Confirmed { number, mark },
            Err(CallError::Refused(_) | CallError::Bus(BusError::NoResponders)) => {
                Event::Refused { number }
            }
            Err(error) => {
                tracing::debug!(%error, "no lease came");
                Event::Lost { number }
            }
        }
    }

    /// The mark of the first page holds: what was committed while the others were read may be on
    /// none of them. Pages that lead back or do not end are no lease, whoever gives them.
    async fn pages(&self, mark: Option<i64>) -> Result<i64, CallError> {
        let mut question = AskLease { edge: self.edge, mark, after: None, leaving: false };
        let mut first_mark = None;
        for _ in 0..PAGES_MAX {
            let given = self.bus.call(&lease(), &question, None, ANSWER_WAIT).await?;
            let mark = *first_mark.get_or_insert(given.mark);
            self.apply(given.revoked);
            let Some(next) = given.next else {
                self.set_keys(given.keys);
                return Ok(mark);
            };
            if question.after.is_some_and(|after| next <= after) {
                break;
            }
            question.after = Some(next);
        }
        Err(CodecError::Malformed.into())
    }

    fn set_keys(&self, keys: Vec<VerifyingKey>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(keys.into());
    }

    /// Nobody has to wait for this edge. What it does not know is no concern of anybody.
    async fn say_leaving(self: Arc<Self>, leaver: Option<Leaver>) -> Event {
        let question =
            AskLease { edge: self.edge, mark: None, after: Some(i64::MAX), leaving: true };
        if let Err(error) = self.bus.call(&lease(), &question, None, ANSWER_WAIT).await {
            tracing::debug!(%error, "auth was not told that this edge leaves");
        }
        // Dropping it tells whoever waits.
        drop(leaver);
        Event::Tick
    }
}

/// The machine and its calls under way.
struct Keeper {
    tokens: Arc<Tokens>,
    lease: Lease,
    calls: FuturesUnordered<BoxFuture<'static, Event>>,
    /// Who waits for this edge to have left.
    leaver: Option<Leaver>,
}

impl Keeper {
    /// Returns if the subscription ends.
    async fn follow(
        &mut self,
        mut told: Questions<Vec<Revoked>>,
        asked_to_leave: &mut mpsc::Receiver<Leaver>,
    ) {
        // The first is the status as it is, and no change.
        let mut statuses = self.tokens.bus.status_changes().skip(1);
        self.drive(Event::Tick);
        loop {
            let pause = self.pause();
            // In this order: whatever was told before an answer is applied before it counts.
            tokio::select! {
                biased;
                status = statuses.next() => match status {
                    Some(BusStatus::Up | BusStatus::Away) => self.drive(Event::Missed),
                    None => return,
                },
                question = told.next() => match question {
                    Some(Ok(question)) => self.tokens.hear(question),
                    Some(Err(_gap)) => self.drive(Event::Missed),
                    None => return,
                },
                Some(event) = self.calls.next() => self.drive(event),
                Some(leaver) = asked_to_leave.recv() => {
                    self.leaver = Some(leaver);
                    self.drive(Event::Leave);
                }
                () = tokio::time::sleep(pause) => self.drive(Event::Tick),
            }
        }
    }

    /// How long nothing has to be done unless something happens.
    fn pause(&self) -> Duration {
        let now = self.tokens.gate.now();
        let goes_stale = Some(self.lease.fresh_until()).filter(|until| now < *until);
        let next = self.lease.deadline().into_iter().chain(goes_stale).min();
        next.map_or(Duration::MAX, |next| Duration::from_millis(next.since(now)))
    }

    fn drive(&mut self, event: Event) {
        let tokens = &self.tokens;
        self.lease.handle(tokens.gate.now(), event);
        while let Some(effect) = self.lease.next_effect() {
            match effect {
                Effect::Ask { number, mark } => {
                    self.calls.push(Arc::clone(tokens).ask(number, mark).boxed());
                }
                Effect::LetGo => {
                    tokens.gate.let_go();
                    tokens.tell(Told::LetGo);
                }
                Effect::TellOpen => {
                    tokens.gate.open_until(self.lease.open_until());
                    tokens.tell(Told::Open);
                }
                Effect::TellShut => tokens.tell(Told::Shut),
                Effect::SayLeaving => {
                    let said = Arc::clone(tokens).say_leaving(self.leaver.take());
                    self.calls.push(said.boxed());
                }
            }
        }
        tokens.gate.open_until(self.lease.open_until());
        let Millis(fresh_until) = self.lease.fresh_until();
        tokens.fresh_until.store(fresh_until, Ordering::SeqCst);
        let is_fresh = tokens.is_fresh();
        tokens.health.tell(Watched::Tokens, is_fresh);
        if is_fresh {
            tokens.known.send_if_modified(|known| !std::mem::replace(known, true));
        }
    }
}
