//! How a Session's actor hears: from whoever has called, a measure of each in turn, and while the
//! gate is open.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use actix::fut::{ActorFuture, ActorFutureExt, WrapFuture};
use actix::{ActorContext, AsyncContext, Context};
use actors_core::session::Event;
use bus_schemas::bus::{Bus, BusError, Gap, Incoming, Subscription};
use bus_schemas::chat;
use bus_schemas::codec;
use bus_schemas::id::UserId;
use bus_schemas::limit::{DELIVERIES_BULK_MAX, DELIVERIES_TALK_MAX};
use bus_schemas::time::Millis;
use futures_util::future::try_join;

use super::ears::{Ears, Heard, Source};
use super::perform::refusal;
use super::{SessionActor, Socket};

/// Evictions and presence messages that may wait.
pub(super) const SIGNALS_WAITING_MAX: usize = 16;
/// What is heard from one source before the others have their turn: more than anybody says at once
/// to whom much is said, and not so much that anybody notices the wait.
const HEARD_IN_TURN_MAX: usize = 64;

/// What a Session hears, and for whom.
pub(super) struct Listening {
    pub(super) user: Option<UserId>,
    /// Whether what waits is the last that is heard.
    is_stopping: bool,
    pub(super) ears: Box<Ears>,
}

/// What the bus confirmed for one user.
struct Subscribed {
    talk: Subscription,
    bulk: Subscription,
    evict: Subscription,
}

/// The one thing that an actor waits for beside its mailbox and what it has asked.
struct Hearing;

impl Listening {
    pub(super) fn to(socket: Pin<Box<dyn Socket>>) -> Self {
        Self { user: None, is_stopping: false, ears: Box::new(Ears::of(socket)) }
    }
}

/// Lets an actor hear, for as long as it lives.
pub(super) fn begin(ctx: &mut Context<SessionActor>) {
    ctx.spawn(Hearing);
}

impl ActorFuture<SessionActor> for Hearing {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        actor: &mut SessionActor,
        ctx: &mut Context<SessionActor>,
        task: &mut task::Context<'_>,
    ) -> Poll<()> {
        let callers = actor.listening.ears.called(task.waker());
        for source in Source::HEARD {
            let is_last = actor.listening.is_stopping && source.is_of_user();
            if (callers.has(source) || is_last) && ctx.state().alive() {
                actor.hear_from(source, ctx, task);
            }
        }
        if ctx.state().alive() {
            actor.listening.ears.write();
        }
        Poll::Pending
    }
}

impl SessionActor {
    pub(super) fn listen(&mut self, user: UserId, ctx: &mut Context<Self>) {
        self.listening.user = Some(user);
        let (bus, bulk) = (Arc::clone(&self.deps.bus), Arc::clone(&self.deps.bulk));
        let subscribed = async move { subscribe(&*bus, &*bulk, user).await };
        ctx.spawn(subscribed.into_actor(self).map(|outcome, actor, ctx| {
            let listening = outcome.map_err(refusal).map(|subscribed| {
                let Subscribed { talk, bulk, evict } = subscribed;
                actor.listening.ears.listen(talk, bulk, evict);
            });
            actor.drive(Event::Listening(listening), ctx);
        }));
    }

    /// What already waits here is still answered; then the subscriptions end.
    pub(super) fn stop_listening(&mut self) {
        self.listening.is_stopping = true;
        self.listening.ears.call(Source::Talk);
    }

    /// Hears what waits there, up to a measure.
    fn hear_from(&mut self, source: Source, ctx: &mut Context<Self>, task: &mut task::Context<'_>) {
        for _ in 0..HEARD_IN_TURN_MAX {
            let now = self.gateway.now();
            if self.is_deaf_to(source, now, task) {
                self.listening.ears.keep(source);
                return self.leave_if_stopping(source, ctx);
            }
            match self.poll(source) {
                Poll::Ready(heard) => self.heard(source, heard, now, ctx),
                Poll::Pending => return self.leave_if_stopping(source, ctx),
            }
            if !ctx.state().alive() {
                return;
            }
        }
        self.listening.ears.keep(source);
        task.waker().wake_by_ref();
    }

    fn poll(&mut self, source: Source) -> Poll<Heard> {
        let news = if source == Source::Signals { self.place.next_news() } else { None };
        match news {
            Some(news) => Poll::Ready(Heard::Told(news)),
            None => self.listening.ears.poll(source),
        }
    }

    /// Whether nothing may be heard there for now. Whatever changes that wakes this actor.
    fn is_deaf_to(&self, source: Source, now: Millis, task: &task::Context<'_>) -> bool {
        match source {
            Source::Signals | Source::Timer | Source::Outbox => false,
            // After the end of a Session they only have to be answered; when its page went on
            // elsewhere, they were heard there.
            Source::Talk | Source::Bulk => self.outbox.is_some() && self.is_before_gate(now, task),
            // A Session that is cut off refuses whatever it hears, so its client may speak.
            Source::Socket => {
                (!self.session.is_cut_off() && self.is_before_gate(now, task))
                    || self.session.is_held_back()
            }
        }
    }

    fn is_before_gate(&self, now: Millis, task: &task::Context<'_>) -> bool {
        self.gateway.poll_open(now, self.era, self.place.number(), task).is_pending()
    }

    /// A subscription that is to stop ends as soon as nothing in it is to be heard: whoever was
    /// heard before the end is still answered.
    fn leave_if_stopping(&mut self, source: Source, ctx: &mut Context<Self>) {
        if !self.listening.is_stopping {
            return;
        }
        self.listening.ears.leave(source);
        self.stop_if_over(ctx);
    }

    /// An actor ends when its socket is told to close and nothing is heard for its user any more.
    pub(super) fn stop_if_over(&self, ctx: &mut Context<Self>) {
        if self.outbox.is_none() && !self.listening.ears.is_listening() {
            ctx.stop();
        }
    }

    fn heard(&mut self, source: Source, heard: Heard, now: Millis, ctx: &mut Context<Self>) {
        match heard {
            Heard::Told(news) => self.told(news, ctx),
            Heard::Delivered(item) => self.incoming(item, now, ctx),
            Heard::Received(received) => self.received(received, now, ctx),
            Heard::Closed => self.drive(Event::SocketClosed, ctx),
            Heard::Rang => {
                self.rings_at = None;
                self.drive(Event::Tick, ctx);
            }
            Heard::Evicted(item) => self.evicted(item, ctx),
            Heard::Presence(peer, item) => {
                let event = |presence| Event::PresenceTold { peer, presence };
                self.drive(item.map_or(Event::Lagged, event), ctx);
            }
            Heard::Cut if self.listening.is_stopping => self.leave_if_stopping(source, ctx),
            Heard::Cut => self.drive(Event::Lagged, ctx),
        }
    }

    fn evicted(&mut self, item: Result<Incoming, Gap>, ctx: &mut Context<Self>) {
        let Ok(message) = item else { return self.drive(Event::Lagged, ctx) };
        match codec::decode(&message.payload) {
            Ok(evict) => self.drive(Event::EvictTold(evict), ctx),
            Err(_) => self.deps.bus.on_unreadable()(),
        }
    }
}

/// Hears the subjects of a user. Deliveries too, before anybody is told that this Session came:
/// whoever is told can reach it.
async fn subscribe(bus: &dyn Bus, bulk: &dyn Bus, user: UserId) -> Result<Subscribed, BusError> {
    let of_words = [
        (chat::peer(user), DELIVERIES_TALK_MAX),
        (chat::evict(user).subject().clone(), SIGNALS_WAITING_MAX),
    ];
    let of_files = chat::bulk(user);
    let (words, bulk) = try_join(
        bus.subscribe_all(&of_words),
        bulk.subscribe(&of_files, None, DELIVERIES_BULK_MAX),
    )
    .await?;
    // A bus gives as many as it is asked for.
    let [talk, evict] = <[Subscription; 2]>::try_from(words).map_err(|_| BusError::Full)?;
    Ok(Subscribed { talk, bulk, evict })
}
