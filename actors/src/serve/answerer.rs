//! The actor that answers: a subscription becomes its stream of questions.
//!
//! What is answered, and how, belongs to a [`Service`]; this is the same for all of them: how
//! many answers may be under way, what happens now and then, and how it ends.

use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::fut::ActorFutureExt;
use actix::{Actor, AsyncContext, Context, WrapFuture};
use bus_schemas::bus::{Bus, BusError, Gap};
use bus_schemas::verbs::{Question, Refusal, Reply};
use futures_util::stream::{BoxStream, StreamExt};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Parts, StartError};
use crate::bus::patiently;
use crate::metrics;
use crate::store::Store;

/// Questions of one kind that may wait to be heard; more than this is a [`Gap`].
pub(crate) const QUESTIONS_WAITING_MAX: usize = 1_024;
/// Answers under way at once in one actor: four times the connections of a store.
pub(crate) const ANSWERS_MAX: usize = 64;
/// How often the gauges of the store's connections are set.
const POOL_READ_EVERY: Duration = Duration::from_secs(5);

/// What a service hears.
pub(crate) type Heard<T> = BoxStream<'static, Result<T, Gap>>;

/// What an actor answers, and how.
pub(crate) trait Service: Sized + 'static {
    /// Whatever it is asked or told.
    type Heard: 'static;
    /// How often [`Service::tick`] is called after the start, if at all.
    const TICK: Option<Duration> = None;
    /// How many answers may be under way at once.
    const ANSWERS_MAX: usize = ANSWERS_MAX;

    fn new(parts: &Parts) -> Result<Self, StartError>;

    /// Joins the groups that share its questions.
    async fn listen(bus: &dyn Bus) -> Result<Heard<Self::Heard>, BusError>;

    /// Answers one question, or takes in what it is told.
    async fn answer(&self, heard: Self::Heard);

    /// What is to be done at the start and then now and then.
    async fn tick(&self) {}

    /// What is to be done at the end.
    async fn stop(&self) {}
}

/// Owns a service and its subscriptions. Hears nothing but them; ends when its handle says so,
/// after the answers under way.
pub(crate) struct Answerer<S: Service> {
    service: Rc<S>,
    store: Arc<dyn Store>,
    heard: Option<Heard<S::Heard>>,
    stop: CancellationToken,
    /// Dropped with the actor, which tells its handle.
    _ended: oneshot::Sender<()>,
}

/// A running [`Answerer`].
pub(super) struct Running {
    stop: CancellationToken,
    ended: oneshot::Receiver<()>,
}

impl Running {
    pub(super) fn tell_to_stop(&self) {
        self.stop.cancel();
    }

    /// Returns when the actor is gone, for whichever reason.
    pub(super) async fn ended(self) {
        drop(self.ended.await);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

impl<S: Service> Answerer<S> {
    /// Starts the actor on the calling arbiter, once the bus has confirmed its subscriptions.
    pub(super) async fn start(parts: &Parts) -> Result<Running, StartError> {
        let service = Rc::new(S::new(parts)?);
        let heard = patiently(async || S::listen(&*parts.bus).await).await?;
        let stop = CancellationToken::new();
        let (told, ended) = oneshot::channel();
        let actor = Self {
            service,
            store: Arc::clone(&parts.store),
            heard: Some(heard),
            stop: stop.clone(),
            _ended: told,
        };
        // The context keeps the actor while it answers; nobody needs its address.
        drop(Actor::start(actor));
        Ok(Running { stop, ended })
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        let service = Rc::clone(&self.service);
        ctx.spawn(async move { service.tick().await }.into_actor(self));
    }

    /// Answers until it is told to stop, and then what is under way.
    fn work(&mut self) -> impl Future<Output = ()> + use<S> {
        let service = Rc::clone(&self.service);
        let stop = self.stop.clone();
        let heard = self.heard.take();
        async move {
            let Some(heard) = heard else { return };
            heard
                .take_until(stop.cancelled())
                .for_each_concurrent(S::ANSWERS_MAX, |item| answer(&*service, item))
                .await;
            if !stop.is_cancelled() {
                tracing::error!("the bus ended a subscription; its questions are not answered");
            }
            service.stop().await;
        }
    }
}

impl<S: Service> Actor for Answerer<S> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let work = self.work().into_actor(self);
        ctx.spawn(work.map(|(), _, ctx| actix::ActorContext::stop(ctx)));
        metrics::pool(self.store.pool());
        ctx.run_interval(POOL_READ_EVERY, |actor, _| metrics::pool(actor.store.pool()));
        if let Some(every) = S::TICK {
            self.tick(ctx);
            ctx.run_interval(every, Self::tick);
        }
    }
}

async fn answer<S: Service>(service: &S, item: Result<S::Heard, Gap>) {
    let Ok(heard) = item else {
        tracing::warn!("questions were lost: too many waited to be heard");
        return;
    };
    service.answer(heard).await;
}

/// Answers one question with what a use gives or refuses.
pub(crate) async fn reply<Q, R, E, F>(
    bus: &dyn Bus,
    question: Question<Q>,
    give: impl FnOnce(Q) -> F,
) where
    R: Serialize,
    E: Into<Refusal>,
    F: Future<Output = Result<R, E>>,
{
    let trace = question.trace.as_ref().map(bus_schemas::id::TraceId::as_str);
    let span = tracing::info_span!("question", trace);
    let answer = match give(question.body).instrument(span).await {
        Ok(answer) => Reply::Done(answer),
        Err(refusal) => Reply::Refused(refusal.into()),
    };
    if let Err(error) = bus.answer(question.reply, &answer) {
        tracing::warn!(%error, "an answer could not be given");
    }
}
