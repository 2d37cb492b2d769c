//! One function per Effect. An asynchronous effect ends by driving the machine with its outcome.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use actix::fut::{self, ActorFutureExt, ActorStream, ActorStreamExt, WrapFuture};
use actix::{ActorContext, AsyncContext, Context, SpawnHandle};
use actors_core::session::{Bearer, Close, Effect, Event};
use bus_schemas::auth::{self, Verify};
use bus_schemas::bus::{Bus, BusError, Gap, Incoming, Outgoing, Subscription};
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery, Evict, Presence};
use bus_schemas::codec;
use bus_schemas::directory::{self, Seen};
use bus_schemas::fault::Code;
use bus_schemas::frame::{self, Door, PeerFrame, ServerFrame};
use bus_schemas::id::{LoginId, UserId};
use bus_schemas::limit::{DELIVERIES_BULK_MAX, DELIVERIES_TALK_MAX};
use bus_schemas::secret::Secret;
use bus_schemas::sheet::Sheet;
use bus_schemas::topic::{Subject, Topic};
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream};
use serde::Serialize;

use super::outbox::{Full, Outbox};
use super::{Outcome, Received, SessionActor, metrics};

/// Evictions and presence messages that may wait.
const SIGNALS_WAITING_MAX: usize = 16;
/// How long auth may take to say whether a Login lives.
const LOGIN_CHECK_WAIT: Duration = Duration::from_secs(3);

thread_local! {
    /// What the Sessions of an arbiter write on: for the bus, and for clients. While a frame is
    /// written for a client, what came for it from the bus may still be held.
    static TO_BUS: RefCell<Sheet> = RefCell::new(Sheet::new());
    static TO_CLIENTS: RefCell<Sheet> = RefCell::new(Sheet::new());
}

/// The subscriptions of a Session.
#[derive(Default)]
pub(super) struct Listening {
    user: Option<UserId>,
    /// Subscriptions for this user that have not ended.
    open: usize,
    /// What they were told by [`Effect::StopListening`].
    stopping: Rc<Cell<bool>>,
    watched: HashMap<UserId, Watch>,
}

enum Watch {
    Subscribing,
    Hearing(SpawnHandle),
}

/// What the bus confirmed for one user.
struct Subscribed {
    peer: Subscription,
    bulk: Subscription,
    evict: BoxStream<'static, Result<Evict, Gap>>,
}

/// Turns what the socket reads into events until it ends.
pub(super) fn read_socket(ctx: &mut Context<SessionActor>, socket: BoxStream<'static, Received>) {
    spawn_actor_stream(ctx, Reading(socket), SessionActor::received, |actor, ctx| {
        actor.drive(Event::SocketClosed, ctx);
    });
}

impl SessionActor {
    fn poll_gate(&self, task: &task::Context<'_>) -> Poll<()> {
        self.gateway.poll_open(self.era, self.place.number(), task)
    }

    pub(super) fn perform(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::CheckToken(token) => self.check_token(token, ctx),
            Effect::CheckLogin(login) => self.check_login(login, ctx),
            Effect::Listen(user) => self.listen(user, ctx),
            Effect::StopListening => self.stop_listening(),
            Effect::Deliver { to, n, delivery } => self.deliver(to, n, &delivery),
            Effect::Answer { reply, bounce } => self.answer(reply, bounce),
            Effect::Send(frame) => self.send(&frame),
            Effect::SendChunk { chunk, reply } => self.send_chunk(chunk, reply, ctx),
            Effect::TellPresence(presence) => self.tell(chat::presence, &presence),
            Effect::TellEvict(evict) => self.tell(chat::evict, &evict),
            Effect::Watch(peer) => self.watch(peer, ctx),
            Effect::Unwatch(peer) => self.unwatch(peer, ctx),
            Effect::TellSeen => self.tell_seen(),
            Effect::CountRepeat(label) => {
                self.outcome = Some(Outcome::Repeated);
                metrics::count_repeat(label);
            }
            Effect::CountTransfer { how, ms } => metrics::count_transfer(how, ms),
            Effect::Close(why) => self.close(why, ctx),
        }
    }

    fn check_token(&self, token: Secret<String>, ctx: &mut Context<Self>) {
        let tokens = Arc::clone(&self.deps.tokens);
        let checked = async move { tokens.check(&token).await };
        ctx.spawn(checked.into_actor(self).map(|outcome, actor, ctx| {
            let outcome = outcome.and_then(|bearer| actor.look_again(bearer));
            actor.drive(Event::TokenChecked(outcome), ctx);
        }));
    }

    /// Between the check and this moment the token may have been revoked, and nobody knew whom to
    /// tell. From here on it is known who stands on it, so it is looked for once more.
    fn look_again(&self, bearer: Bearer) -> Result<Bearer, Code> {
        let standing = bearer.standing();
        self.place.stands_on(standing.login);
        if self.deps.tokens.has_ended(standing) { Err(Code::TokenRevoked) } else { Ok(bearer) }
    }

    fn check_login(&self, login: LoginId, ctx: &mut Context<Self>) {
        let bus = Arc::clone(&self.deps.bus);
        let verified = async move {
            let answer = bus
                .call(&auth::verify(), &Verify { login, token: None }, None, LOGIN_CHECK_WAIT)
                .await;
            answer.ok().map(|verified| verified.alive)
        };
        ctx.spawn(verified.into_actor(self).map(|alive, actor, ctx| {
            actor.drive(Event::LoginChecked { alive }, ctx);
        }));
    }

    fn listen(&mut self, user: UserId, ctx: &mut Context<Self>) {
        self.listening.user = Some(user);
        let (bus, bulk) = (Arc::clone(&self.deps.bus), Arc::clone(&self.deps.bulk));
        let subscribed = async move { subscribe(&*bus, &*bulk, user).await };
        ctx.spawn(subscribed.into_actor(self).map(|outcome, actor, ctx| {
            let listening = outcome.map_err(refusal).map(|subscribed| actor.hear(subscribed, ctx));
            actor.drive(Event::Listening(listening), ctx);
        }));
    }

    fn hear(&mut self, subscribed: Subscribed, ctx: &mut Context<Self>) {
        let Subscribed { peer, bulk, evict } = subscribed;
        self.listening.open = 3;
        for deliveries in [peer, bulk] {
            let heard = Hearing { stream: self.until_drained(deliveries) };
            spawn_actor_stream(ctx, heard, Self::incoming, Self::hearing_ended);
        }
        spawn_stream(ctx, self.until_drained(evict), Self::evict_told, Self::hearing_ended);
    }

    fn until_drained<S>(&self, stream: S) -> UntilDrained<S> {
        UntilDrained { stream, stopping: Rc::clone(&self.listening.stopping) }
    }

    /// What already waits here is still answered; then the subscriptions end.
    fn stop_listening(&self) {
        self.listening.stopping.set(true);
    }

    fn hearing_ended(&mut self, ctx: &mut Context<Self>) {
        self.listening.open -= 1;
        if !self.listening.stopping.get() {
            self.drive(Event::Lagged, ctx);
        } else if self.listening.open == 0 && self.outbox.is_none() {
            ctx.stop();
        }
    }

    /// A delivery came. What finds no room is refused to its sender here, before the machine
    /// remembers it as heard: whoever says too much costs somebody else nothing.
    fn incoming(&mut self, item: Result<Incoming, Gap>, ctx: &mut Context<Self>) {
        let Ok(Incoming { reply, payload, .. }) = item else {
            return self.drive(Event::Lagged, ctx);
        };
        let refuse = |actor: &Self, code| {
            if let Some(reply) = reply.clone() {
                actor.answer(reply, Bounce::Refused(code));
            }
        };
        let Ok(delivery) = Delivery::decode(&payload) else {
            self.deps.bus.on_unreadable()();
            return refuse(self, Code::MalformedFrame);
        };
        // The fence: whoever sent it may be at an edge that did not know, or does not know yet.
        if self.deps.tokens.has_ended(delivery.standing()) {
            return refuse(self, Code::TokenRevoked);
        }
        if !self.has_room_for(&delivery, payload.len()) {
            return refuse(self, Code::SlowReader);
        }
        self.passing_on = Some(delivery.standing());
        self.drive(Event::Delivered { delivery, reply }, ctx);
        self.passing_on = None;
    }

    /// Whether the queue before the client takes a delivery of so many bytes.
    fn has_room_for(&self, delivery: &Delivery, bytes: usize) -> bool {
        let Some(outbox) = &self.outbox else { return true };
        match delivery {
            Delivery::Probe { .. } => true,
            Delivery::Frame { frame, .. } if frame.label.is_file() => outbox.has_bulk_room(bytes),
            Delivery::Frame { standing, .. } => outbox.has_room_for(*standing, bytes),
        }
    }

    fn evict_told(&mut self, item: Result<Evict, Gap>, ctx: &mut Context<Self>) {
        self.drive(item.map_or(Event::Lagged, Event::EvictTold), ctx);
    }

    /// Hands a delivery to the bus. What is refused at once waits its turn as an event: the
    /// machine is never entered while its effects are being performed.
    fn deliver(&mut self, to: UserId, n: u64, delivery: &Delivery) {
        let bus = if delivery.is_of_file() { &self.deps.bulk } else { &self.deps.bus };
        let tag = BounceTag { slot: self.place.number(), n };
        let outgoing = TO_BUS.with_borrow_mut(|sheet| delivery.outgoing(to, bus.id(), tag, sheet));
        let published = bus.publish(outgoing);
        if matches!(delivery, Delivery::Frame { .. }) {
            let refused = published.is_err();
            self.outcome = Some(if refused { Outcome::Refused } else { Outcome::Published });
        }
        if let Err(error) = published {
            let bounce = Bounce::Refused(refusal(error));
            self.pending.push_back(Event::Bounced { n, bounce });
        }
    }

    /// Answers a delivery, one of a file too, on the connection of words: an answer is short, and
    /// whoever sends a file waits for it.
    fn answer(&self, reply: Subject, bounce: Bounce) {
        let payload = codec::encode(&bounce).expect("a bounce is a few bytes");
        let message = Outgoing { subject: reply, reply: None, trace: None, payload };
        if let Err(error) = self.deps.bus.publish(message) {
            tracing::debug!(%error, "an answer to a delivery was lost");
        }
    }

    fn send(&mut self, frame: &ServerFrame) {
        if let ServerFrame::Error { code, .. } = frame {
            metrics::count_error(*code);
            self.outcome.get_or_insert(Outcome::Refused);
        }
        let Some(outbox) = &self.outbox else { return };
        let Some(bytes) = encode(self.door, frame, outbox) else { return };
        let queued = match (frame, self.passing_on) {
            (ServerFrame::Peer(peer), Some(of)) if peer.label.is_file() => {
                outbox.peer_bulk(bytes, of)
            }
            (ServerFrame::Peer(_), Some(of)) => outbox.peer_talk(bytes, of),
            (_, _) => outbox.talk(bytes),
        };
        if queued.is_err() {
            self.pending.push_back(Event::OutboxFull);
        }
    }

    /// Queues a file chunk, and answers its sender's Session once it has been written.
    fn send_chunk(&mut self, chunk: PeerFrame, reply: Subject, ctx: &mut Context<Self>) {
        let (Some(outbox), Some(of)) = (&self.outbox, self.passing_on) else { return };
        let Some(bytes) = frame::encode(self.door, &ServerFrame::Peer(chunk)) else { return };
        match outbox.peer_bulk_told(bytes, of) {
            Ok(written) => drop(ctx.spawn(written.into_actor(self).map(|written, actor, _| {
                if written.is_ok() {
                    actor.answer(reply, Bounce::Written);
                }
            }))),
            Err(Full) => self.pending.push_back(Event::OutboxFull),
        }
    }

    /// Tells something about this Session's user. If the bus is away it is lost: peers find out
    /// by their probes, and the machine says it again when the bus is back.
    fn tell<P: Serialize>(&self, topic: fn(UserId) -> Topic<P>, payload: &P) {
        let Some(user) = self.listening.user else { return };
        if let Err(error) = self.deps.bus.tell(&topic(user), payload) {
            tracing::debug!(%error, "a signal to other connections was lost");
        }
    }

    fn tell_seen(&self) {
        let Some(user) = self.listening.user else { return };
        let seen = Seen { user, at: self.deps.clock.now() };
        if let Err(error) = self.deps.bus.tell(&directory::seen(), &seen) {
            tracing::debug!(%error, "the directory was not told that a user is active");
        }
    }

    fn watch(&mut self, peer: UserId, ctx: &mut Context<Self>) {
        self.listening.watched.insert(peer, Watch::Subscribing);
        let bus = Arc::clone(&self.deps.bus);
        let heard = async move { bus.hear(&chat::presence(peer), None, SIGNALS_WAITING_MAX).await };
        ctx.spawn(heard.into_actor(self).map(move |outcome, actor, ctx| match outcome {
            Ok(presence) => actor.watching(peer, presence, ctx),
            Err(error) => {
                tracing::debug!(%error, "the presence of a peer cannot be watched");
                actor.listening.watched.remove(&peer);
            }
        }));
    }

    /// The subscription is there; it is kept if the peer is still to be watched.
    fn watching(
        &mut self,
        peer: UserId,
        presence: BoxStream<'static, Result<Presence, Gap>>,
        ctx: &mut Context<Self>,
    ) {
        let Some(watch @ Watch::Subscribing) = self.listening.watched.get_mut(&peer) else {
            return;
        };
        let told = move |actor: &mut Self, item: Result<Presence, Gap>, ctx: &mut Context<Self>| {
            let event = |presence| Event::PresenceTold { peer, presence };
            actor.drive(item.map_or(Event::Lagged, event), ctx);
        };
        let ended = |actor: &mut Self, ctx: &mut Context<Self>| actor.drive(Event::Lagged, ctx);
        *watch = Watch::Hearing(spawn_stream(ctx, presence, told, ended));
    }

    fn unwatch(&mut self, peer: UserId, ctx: &mut Context<Self>) {
        if let Some(Watch::Hearing(stream)) = self.listening.watched.remove(&peer) {
            ctx.cancel_future(stream);
        }
    }

    fn close(&mut self, why: Close, ctx: &mut Context<Self>) {
        metrics::count_close(why, self.ended);
        if let Some(outbox) = self.outbox.take() {
            outbox.close(why);
        }
        self.stop_listening();
        if self.listening.open == 0 {
            ctx.stop();
        }
    }
}

/// Hears the subjects of a user. Deliveries first: whoever is told that this Session came can
/// reach it.
async fn subscribe(bus: &dyn Bus, bulk: &dyn Bus, user: UserId) -> Result<Subscribed, BusError> {
    let peer = bus.subscribe(&chat::peer(user), None, DELIVERIES_TALK_MAX).await?;
    let bulk = bulk.subscribe(&chat::bulk(user), None, DELIVERIES_BULK_MAX).await?;
    let evict = bus.hear(&chat::evict(user), None, SIGNALS_WAITING_MAX).await?;
    Ok(Subscribed { peer, bulk, evict })
}

/// Feeds a stream to the actor, and tells it the end.
fn spawn_stream<S, F, E>(ctx: &mut Context<SessionActor>, stream: S, each: F, end: E) -> SpawnHandle
where
    S: Stream + 'static,
    F: FnMut(&mut SessionActor, S::Item, &mut Context<SessionActor>) + 'static,
    E: FnOnce(&mut SessionActor, &mut Context<SessionActor>) + 'static,
{
    spawn_actor_stream(ctx, fut::wrap_stream::<_, SessionActor>(stream), each, end)
}

fn spawn_actor_stream<S, F, E>(
    ctx: &mut Context<SessionActor>,
    stream: S,
    mut each: F,
    end: E,
) -> SpawnHandle
where
    S: ActorStream<SessionActor> + 'static,
    F: FnMut(&mut SessionActor, S::Item, &mut Context<SessionActor>) + 'static,
    E: FnOnce(&mut SessionActor, &mut Context<SessionActor>) + 'static,
{
    let items = stream
        .map(move |item, actor: &mut SessionActor, ctx: &mut Context<SessionActor>| {
            each(actor, item, ctx);
        })
        .finish();
    ctx.spawn(items.map(move |(), actor: &mut SessionActor, ctx| end(actor, ctx)))
}

/// The socket of a Session, read while the gate is open. A Session that is cut off refuses
/// whatever it hears, so its client may speak.
struct Reading(BoxStream<'static, Received>);

impl ActorStream<SessionActor> for Reading {
    type Item = Received;

    fn poll_next(
        mut self: Pin<&mut Self>,
        actor: &mut SessionActor,
        _ctx: &mut Context<SessionActor>,
        task: &mut task::Context<'_>,
    ) -> Poll<Option<Received>> {
        if !actor.session.is_cut_off() && actor.poll_gate(task).is_pending() {
            return Poll::Pending;
        }
        // What frees it is a message to this actor, after which it is asked again.
        if actor.session.is_held_back() {
            return Poll::Pending;
        }
        Pin::new(&mut self.0).poll_next(task)
    }
}

/// Deliveries for a Session, heard while the gate is open. After its end they only have to be
/// answered; when its page went on elsewhere, they were heard there.
struct Hearing<S> {
    stream: UntilDrained<S>,
}

impl<S: Stream + Unpin> ActorStream<SessionActor> for Hearing<S> {
    type Item = S::Item;

    fn poll_next(
        mut self: Pin<&mut Self>,
        actor: &mut SessionActor,
        _ctx: &mut Context<SessionActor>,
        task: &mut task::Context<'_>,
    ) -> Poll<Option<S::Item>> {
        if actor.outbox.is_some() && actor.poll_gate(task).is_pending() {
            let is_stopping = self.stream.stopping.get();
            return if is_stopping { Poll::Ready(None) } else { Poll::Pending };
        }
        Pin::new(&mut self.stream).poll_next(task)
    }
}

/// A subscription that, once it is told to stop, ends as soon as nothing waits in it: whoever
/// was heard before the end is still answered.
struct UntilDrained<S> {
    stream: S,
    stopping: Rc<Cell<bool>>,
}

impl<S: Stream + Unpin> Stream for UntilDrained<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let polled = Pin::new(&mut self.stream).poll_next(ctx);
        if polled.is_pending() && self.stopping.get() {
            return Poll::Ready(None);
        }
        polled
    }
}

/// Behind what waits already it may wait for long, in memory of its own size; otherwise it is
/// written at once.
fn encode(door: Door, frame: &ServerFrame, outbox: &Outbox) -> Option<Bytes> {
    if outbox.waiting() > 0 {
        return frame::encode(door, frame);
    }
    TO_CLIENTS.with_borrow_mut(|sheet| frame::encode_on(sheet, door, frame))
}

/// What a client is told when the bus did not take its frame.
fn refusal(error: BusError) -> Code {
    match error {
        BusError::Away => Code::BusAway,
        BusError::TooLarge => Code::FrameTooLarge,
        BusError::Full | BusError::NoResponders | BusError::Timeout | BusError::Forbidden => {
            Code::ServiceUnavailable
        }
    }
}
