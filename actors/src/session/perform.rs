//! One function per Effect. An asynchronous effect ends by driving the machine with its outcome.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use actix::fut::{ActorFutureExt, WrapFuture};
use actix::{AsyncContext, Context};
use actors_core::session::{Bearer, Close, Effect, Event};
use bus_schemas::auth::{self, Verify};
use bus_schemas::bus::{BusError, Gap, Incoming, Outgoing};
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery};
use bus_schemas::codec;
use bus_schemas::directory::{self, Seen};
use bus_schemas::fault::Code;
use bus_schemas::frame::{self, Door, PeerFrame, ServerFrame};
use bus_schemas::id::{LoginId, UserId};
use bus_schemas::secret::Secret;
use bus_schemas::sheet::Sheet;
use bus_schemas::time::Millis;
use bus_schemas::topic::{Subject, Topic};
use bytes::Bytes;
use serde::Serialize;

use super::hearing::SIGNALS_WAITING_MAX;
use super::outbox::{Frame, NotQueued, Outbox};
use super::{Outcome, SessionActor, metrics};

/// How long auth may take to say whether a Login lives.
const LOGIN_CHECK_WAIT: Duration = Duration::from_secs(3);

thread_local! {
    /// What the Sessions of an arbiter write on: for the bus, and for clients. While a frame is
    /// written for a client, what came for it from the bus may still be held.
    static TO_BUS: RefCell<Sheet> = RefCell::new(Sheet::new());
    static TO_CLIENTS: RefCell<Sheet> = RefCell::new(Sheet::new());
}

impl SessionActor {
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
            Effect::Unwatch(peer) => self.listening.ears.unwatch(peer),
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

    /// A delivery came. What finds no room is refused to its sender here, before the machine
    /// remembers it as heard: whoever says too much costs somebody else nothing.
    pub(super) fn incoming(
        &mut self,
        item: Result<Incoming, Gap>,
        now: Millis,
        ctx: &mut Context<Self>,
    ) {
        let Ok(Incoming { reply, payload, .. }) = item else {
            return self.drive(Event::Lagged, ctx);
        };
        let bounce = |actor: &Self, bounce| {
            if let Some(reply) = reply.clone() {
                actor.answer(reply, bounce);
            }
        };
        let Ok(delivery) = Delivery::decode(&payload) else {
            self.deps.bus.on_unreadable()();
            return bounce(self, Bounce::Refused(Code::MalformedFrame));
        };
        // The fence: whoever sent it may be at an edge that did not know, or does not know yet.
        if self.deps.tokens.has_ended(delivery.standing()) {
            return bounce(self, Bounce::Refused(Code::TokenRevoked));
        }
        match self.room_for(&delivery, payload.len()) {
            Ok(()) => {}
            Err(NotQueued::Full) => return bounce(self, Bounce::Refused(Code::SlowReader)),
            // The machine will hear from the socket that it has ended, and answers alike from then on.
            Err(NotQueued::Closed) => return bounce(self, Bounce::NobodyThere),
        }
        let of = delivery.standing();
        self.drive_at(now, Event::Delivered { delivery, reply }, Some(of), ctx);
    }

    /// Whether the queue before the client takes a delivery of so many bytes.
    fn room_for(&self, delivery: &Delivery, bytes: usize) -> Result<(), NotQueued> {
        let Some(outbox) = &self.outbox else { return Ok(()) };
        match delivery {
            Delivery::Probe { .. } => Ok(()),
            Delivery::Frame { frame, .. } if frame.label.is_file() => outbox.bulk_room(bytes),
            Delivery::Frame { standing, .. } => outbox.room_for(*standing, bytes),
        }
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
            self.pend(Event::Bounced { n, bounce });
        }
    }

    /// Answers a delivery, one of a file too, on the connection of words: an answer is short, and
    /// whoever sends a file waits for it.
    fn answer(&self, reply: Subject, bounce: Bounce) {
        let payload = codec::encode(&bounce).expect("a bounce is a few bytes");
        let message =
            Outgoing { subject: reply, reply: None, trace: None, payload, body: Bytes::new() };
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
        let queued = match (frame, self.passing_on()) {
            (ServerFrame::Peer(peer), Some(of)) if peer.label.is_file() => {
                encode_file(self.door, peer.clone()).map(|frame| outbox.peer_bulk(frame, of))
            }
            (ServerFrame::Peer(_), Some(of)) => {
                encode(self.door, frame, outbox).map(|bytes| outbox.peer_talk(bytes, of))
            }
            (_, _) => encode(self.door, frame, outbox).map(|bytes| outbox.talk(bytes)),
        };
        if let Some(Err(error)) = queued {
            self.not_queued(error);
        }
    }

    /// A client that does not read is cut. One that has left is heard of from its socket, and why.
    fn not_queued(&mut self, error: NotQueued) {
        match error {
            NotQueued::Full => self.pend(Event::OutboxFull),
            NotQueued::Closed => {}
        }
    }

    /// Queues a file chunk, and answers its sender's Session once it has been written.
    fn send_chunk(&mut self, chunk: PeerFrame, reply: Subject, ctx: &mut Context<Self>) {
        let (Some(outbox), Some(of)) = (&self.outbox, self.passing_on()) else { return };
        let Some(frame) = encode_file(self.door, chunk) else { return };
        match outbox.peer_bulk_told(frame, of) {
            Ok(written) => drop(ctx.spawn(written.into_actor(self).map(|written, actor, _| {
                // What will not be written has nobody who reads it.
                actor.answer(reply, written.map_or(Bounce::NobodyThere, |()| Bounce::Written));
            }))),
            Err(error) => self.not_queued(error),
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
        self.listening.ears.expect(peer);
        let bus = Arc::clone(&self.deps.bus);
        let heard = async move { bus.hear(&chat::presence(peer), None, SIGNALS_WAITING_MAX).await };
        ctx.spawn(heard.into_actor(self).map(move |outcome, actor, _| match outcome {
            Ok(presence) => actor.listening.ears.watch(peer, presence),
            Err(error) => {
                tracing::debug!(%error, "the presence of a peer cannot be watched");
                actor.listening.ears.unwatch(peer);
            }
        }));
    }

    fn close(&mut self, why: Close, ctx: &mut Context<Self>) {
        metrics::count_close(why, self.ended);
        if let Some(outbox) = self.outbox.take() {
            outbox.close(why);
        }
        self.stop_listening();
        self.stop_if_over(ctx);
    }
}

/// A frame of a file, whose long body is not moved.
fn encode_file(door: Door, frame: PeerFrame) -> Option<Frame> {
    frame::encode_apart(door, frame).map(|(head, body)| Frame { head, body })
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
pub(super) fn refusal(error: BusError) -> Code {
    match error {
        BusError::Away => Code::BusAway,
        BusError::TooLarge => Code::FrameTooLarge,
        BusError::Full | BusError::NoResponders | BusError::Timeout | BusError::Forbidden => {
            Code::ServiceUnavailable
        }
    }
}
