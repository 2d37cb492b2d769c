//! The actor beside each socket: it turns frames, bus messages and time into Events, performs
//! Effects, and decides nothing. The decisions are `actors_core::session`.

pub mod outbox;

mod ears;
mod gate;
mod hearing;
mod hub;
mod metrics;
mod perform;
mod silence;
mod slots;

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task;
use std::time::Duration;

use actix::{Actor, Context};
use actors_core::session::{Bearer, Config, Event, Room, Session};
use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::bus::Bus;
use bus_schemas::chat::Standing;
use bus_schemas::fault::Code;
use bus_schemas::frame::{self, BadFrame, Door};
use bus_schemas::id::FrameId;
use bus_schemas::secret::Secret;
use bus_schemas::time::{Millis, Timestamp};
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream};
use tokio::sync::watch;

use ears::Source;
use gate::{Era, Gateway};
pub use gate::{Gate, Told};
use hearing::Listening;
pub use hub::{Count, Drain, HubConfig, Open, SessionHub};
pub use metrics::describe;
use metrics::{Kind, Outcome};
use outbox::Outbox;
use slots::{News, Place};

use crate::capture::{Goes, Recorder, Tap};
use crate::clock::Clock;

thread_local! {
    /// One serves all of an arbiter.
    static DESK: Cell<Option<Box<Desk>>> = const { Cell::new(None) };
}

/// What a Session needs only while it is driven.
#[derive(Default)]
struct Desk {
    /// Room for what is to be done.
    effects: Room,
    /// What has happened meanwhile.
    pending: VecDeque<Event>,
    /// What the sender's Session stands on, while its delivery is looked at.
    passing_on: Option<Standing>,
}

/// What a socket reads.
#[derive(Clone, Debug)]
pub enum Received {
    /// One frame.
    Frame(Bytes),
    /// A frame above the limit of the door; it was not kept.
    TooLarge,
    /// It ended, and neither the client nor the Session had closed it: the last that is read.
    Ended(Ended),
}

/// A socket as the actor beside it holds it: it brings what it reads, and writes from its outbox
/// whenever the actor lets it. One that is dropped has yet to write what was said before.
pub trait Socket: Stream<Item = Received> + Send {
    /// Writes what waits, as far as the client takes it, and wakes this task once there is more to
    /// be done.
    fn write(self: Pin<&mut Self>, ctx: &mut task::Context<'_>);
}

/// How a socket ended that was not closed in order. The Session sees the end alone: there is nobody
/// left to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client read nothing for too long and was cut.
    Stalled,
    /// The client answered no ping.
    Silent,
    /// The connection broke.
    Lost,
    /// The client said what no WebSocket says.
    Broken,
    /// The client said more pings and pongs than it may.
    Flooded,
}

impl Ended {
    /// One of each.
    pub const ALL: &'static [Self] =
        &[Self::Stalled, Self::Silent, Self::Lost, Self::Broken, Self::Flooded];
}

/// Judges access tokens. The edge has the keys and remembers what was revoked.
#[async_trait]
pub trait TokenCheck: Send + Sync + 'static {
    /// Whom the token speaks for.
    async fn check(&self, token: &Secret<String>) -> Result<Bearer, Code>;

    /// Whether what a Session stands on has ended, as far as is known here.
    fn has_ended(&self, standing: Standing) -> bool;

    /// Whether everything is known here that has to be.
    fn gate(&self) -> Gate;

    /// What is told from here on.
    fn told(&self) -> BoxStream<'static, Told>;
}

/// What every Session of an arbiter shares.
#[derive(Clone)]
pub struct Deps {
    /// The bus connection of this arbiter, for all but frames of files.
    pub bus: Arc<dyn Bus>,
    /// Its connection for frames of files.
    pub bulk: Arc<dyn Bus>,
    /// Judges tokens.
    pub tokens: Arc<dyn TokenCheck>,
    /// Dates "last seen".
    pub clock: Arc<dyn Clock>,
    /// How many connections the bus does not tell any more that nobody is there.
    pub silenced: watch::Sender<usize>,
    /// Records the Sessions, if a developer asks for it.
    pub recorder: Recorder,
}

/// One connection.
///
/// Owns the machine, the outbox and the subscriptions of its user. Hears its socket, the bus, its hub
/// and its timer, and writes its socket. Ends when the machine has said `Close` and whatever had been delivered by then is
/// answered, or with its arbiter.
pub(crate) struct SessionActor {
    session: Session,
    door: Door,
    deps: Rc<Deps>,
    gateway: Gateway,
    /// When this Session came to the gate.
    era: Era,
    place: Place,
    /// When it began, by the clock of the gate.
    started: Millis,
    outbox: Option<Outbox>,
    /// What became of the frame that is looked at, as soon as that is known.
    outcome: Option<Outcome>,
    /// How the socket ended, if nobody closed it.
    ended: Option<Ended>,
    listening: Listening,
    /// While it is driven.
    desk: Option<Box<Desk>>,
    /// When the timer rings, unless it has.
    rings_at: Option<Millis>,
    /// Records this Session, if it was made while a capture was under way.
    tap: Option<Box<Tap>>,
}

impl SessionActor {
    fn new(
        config: Config,
        deps: Rc<Deps>,
        gateway: Gateway,
        place: Place,
        outbox: Outbox,
        listening: Listening,
    ) -> Self {
        let door = config.door;
        let tap = deps.recorder.tap(&config).map(Box::new);
        Self {
            session: Session::new(config, Millis(0)),
            door,
            deps,
            era: gateway.era(),
            started: gateway.now(),
            gateway,
            place,
            outbox: Some(outbox),
            outcome: None,
            ended: None,
            listening,
            desk: None,
            rings_at: None,
            tap,
        }
    }

    /// The whole of the shell: one event in, every effect out, the timer set.
    fn drive(&mut self, event: Event, ctx: &mut Context<Self>) {
        self.drive_at(self.gateway.now(), event, None, ctx);
    }

    /// The same at this moment of the gate's clock, for a delivery of whoever's Session stands on
    /// this: the clock is asked once for each frame.
    fn drive_at(
        &mut self,
        now: Millis,
        event: Event,
        of: Option<Standing>,
        ctx: &mut Context<Self>,
    ) {
        let mut desk = self.desk.take().or_else(|| DESK.take()).unwrap_or_default();
        desk.passing_on = of;
        self.session.swap_room(&mut desk.effects);
        self.desk = Some(desk);
        self.drive_at_desk(Millis(now.since(self.started)), event, ctx);
        let Some(mut desk) = self.desk.take() else { return };
        // Between two events nothing is on it.
        self.session.swap_room(&mut desk.effects);
        DESK.set(Some(desk));
    }

    /// To be looked at after the event that is looked at.
    fn pend(&mut self, event: Event) {
        self.desk.get_or_insert_default().pending.push_back(event);
    }

    fn next_pending(&mut self) -> Option<Event> {
        self.desk.as_mut()?.pending.pop_front()
    }

    /// What the sender's Session stands on, while its delivery is looked at.
    fn passing_on(&self) -> Option<Standing> {
        self.desk.as_ref()?.passing_on
    }

    fn drive_at_desk(&mut self, now: Millis, event: Event, ctx: &mut Context<Self>) {
        let was_held_back = self.session.is_held_back();
        if self.place.take_overflow() {
            self.step(now, Event::Lagged, ctx);
        }
        self.step(now, event, ctx);
        while let Some(event) = self.next_pending() {
            self.step(now, event, ctx);
        }
        if was_held_back && !self.session.is_held_back() {
            self.listening.ears.call(Source::Socket);
        }
        self.arm(now);
    }

    fn step(&mut self, now: Millis, event: Event, ctx: &mut Context<Self>) {
        if self.tap.is_some() {
            self.step_recorded(now, event, ctx);
        } else {
            self.step_alone(now, event, ctx);
        }
    }

    fn step_alone(&mut self, now: Millis, event: Event, ctx: &mut Context<Self>) {
        self.session.handle(now, event);
        while let Some(effect) = self.session.next_effect() {
            self.perform(effect, ctx);
        }
    }

    /// The same, and the step goes into the capture.
    fn step_recorded(&mut self, now: Millis, event: Event, ctx: &mut Context<Self>) {
        let step = self.tap.as_ref().and_then(|tap| tap.step(now, &event));
        let Some(mut step) = step else {
            self.tap = None;
            return self.step_alone(now, event, ctx);
        };
        self.session.handle(now, event);
        while let Some(effect) = self.session.next_effect() {
            step.effects.push(effect.clone());
            self.perform(effect, ctx);
        }
        let user = self.session.bearer().map(|bearer| bearer.user);
        if let Some(tap) = &mut self.tap
            && tap.write(step, user) == Goes::Away
        {
            self.tap = None;
        }
    }

    /// Sets the one timer, unless it rings early enough already: most frames only move the
    /// deadline back, and a timer that rings early sets itself again.
    fn arm(&mut self, now: Millis) {
        let Some(deadline) = self.session.deadline() else { return };
        if self.rings_at.is_some_and(|rings_at| rings_at <= deadline) {
            return;
        }
        self.rings_at = Some(deadline);
        let wait = Duration::from_millis(deadline.since(now));
        self.listening.ears.ring_after(wait);
    }

    fn received(&mut self, received: Received, now: Millis, ctx: &mut Context<Self>) {
        let came = metrics::clock();
        let decoded = match received {
            Received::Frame(bytes) => frame::decode(self.door, &bytes),
            Received::TooLarge => {
                Err(BadFrame { code: Code::FrameTooLarge, id: FrameId::default() })
            }
            // The stream ends with it, and that is what the machine hears.
            Received::Ended(ended) => {
                self.ended = Some(ended);
                return;
            }
        };
        let kind = metrics::count_received(&decoded);
        let event = match decoded {
            Ok(frame) => Event::Frame(frame),
            Err(bad) => Event::BadFrame(bad),
        };
        self.outcome = None;
        self.drive_at(now, event, None, ctx);
        if matches!(kind, Kind::Peer(_)) {
            self.count_outcome();
        }
        metrics::time_received(kind, came);
    }

    /// What the hub has told.
    fn told(&mut self, news: News, ctx: &mut Context<Self>) {
        match news {
            News::Happened(event) => self.drive(event, ctx),
            News::LookAgain => self.look_whether_ended(ctx),
        }
    }

    /// More was told than could wait: this Session looks for itself whether it has ended.
    fn look_whether_ended(&mut self, ctx: &mut Context<Self>) {
        let Some(bearer) = self.session.bearer() else { return };
        if self.deps.tokens.has_ended(bearer.standing()) {
            let (user, login, token) = (bearer.user, bearer.login, Some(bearer.token));
            let revoked = Revoked { user, login, token, until: Timestamp(0) };
            self.drive(Event::RevokedTold(revoked), ctx);
        }
    }

    /// A frame of which nothing became is counted nowhere: that is how it shows.
    fn count_outcome(&mut self) {
        let late = self.outbox.is_none().then_some(Outcome::Late);
        if let Some(outcome) = self.outcome.take().or(late) {
            metrics::count_outcome(outcome);
        }
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        hearing::begin(ctx);
        metrics::opened();
        self.arm(Millis(0));
    }

    fn stopped(&mut self, _ctx: &mut Context<Self>) {
        self.gateway.leave(self.place.number());
        metrics::closed();
    }
}

/// Starts the actor of a socket on this arbiter.
fn start(
    config: Config,
    deps: Rc<Deps>,
    gateway: Gateway,
    place: Place,
    outbox: Outbox,
    socket: Pin<Box<dyn Socket>>,
) {
    let listening = Listening::to(socket);
    place.move_in(listening.ears.bell(Source::Signals));
    // Nobody writes to it: what it is told waits at its place.
    drop(SessionActor::new(config, deps, gateway, place, outbox, listening).start());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perf3_a_session_is_no_larger_than_is_written_here() {
        let sizes = [
            ("actor", size_of::<SessionActor>(), 296),
            ("machine", size_of::<Session>(), 128),
            ("event", size_of::<Event>(), 176),
            ("effect", size_of::<actors_core::session::Effect>(), 160),
            ("outbox", size_of::<Outbox>(), 8),
            ("outgoing", size_of::<outbox::Outgoing>(), 88),
            ("place", size_of::<Place>(), 40),
            ("listening", size_of::<Listening>(), 32),
        ];
        for (what, bytes, bytes_max) in sizes {
            assert!(bytes <= bytes_max, "{what}: {bytes} bytes; {sizes:?}");
        }
    }
}
