//! The Session: one WebSocket connection as a pure state machine.
//!
//! Mutate, then drain: after each [`Session::handle`], take every [`Session::next_effect`] before
//! the next `handle`. [`Session::deadline`] says when to come back with [`Event::Tick`].
//! It holds no socket, no clock and no message: what it relays has left it once it is drained.

mod admission;
mod announced;
mod budget;
mod event;
mod evict;
mod live;
mod memory;
mod peers;
mod relay;
mod renewal;
mod repeats;
mod shares;
mod state;
mod transfers;
mod unanswered;

use std::collections::VecDeque;
use std::mem;

use bus_schemas::chat::{Bounce, Presence};
use bus_schemas::fault::Code;
use bus_schemas::limit::AUTH_WAIT_MS;
use bus_schemas::time::Millis;

pub use event::{Bearer, Close, Config, Effect, Event, ReplyTo, Transferred, Why};
pub use shares::Shares;

use relay::answer;
use state::{After, BusLink, State};

/// One connection.
#[derive(Debug)]
pub struct Session {
    config: Config,
    state: State,
    effects: VecDeque<Effect>,
}

/// Room for effects. One serves any number of Sessions: each needs it only until its effects are
/// drained.
#[derive(Debug, Default)]
pub struct Room(VecDeque<Effect>);

/// How much a Session keeps, for whoever watches its memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// At most [`bus_schemas::limit::OPEN_PEERS_MAX`].
    pub open_peers: usize,
    /// At most [`bus_schemas::limit::UNANSWERED_FRAMES_MAX`].
    pub unanswered_frames: usize,
    /// At most [`bus_schemas::limit::REPEAT_WINDOW`].
    pub remembered_frames: usize,
    /// At most [`bus_schemas::limit::TRANSFERS_MAX`].
    pub transfers: usize,
}

impl Session {
    /// A socket has opened.
    #[must_use]
    pub fn new(config: Config, now: Millis) -> Self {
        let state = State::Waiting { until: now.plus(AUTH_WAIT_MS) };
        Self { config, state, effects: VecDeque::new() }
    }

    /// Something happened. What time has brought by then comes first, so that a process that
    /// stood still does not simply go on where it stopped.
    pub fn handle(&mut self, now: Millis, event: Event) {
        let state = mem::replace(&mut self.state, State::Closed(After::Nobody));
        let state = self.due(now, state);
        self.state = self.step(now, state, event);
    }

    /// Lends this room for effects to the Session, or takes it back from one that is drained. A
    /// Session has room of its own if it needs some and was lent none.
    pub const fn swap_room(&mut self, room: &mut Room) {
        mem::swap(&mut self.effects, &mut room.0);
    }

    /// The next thing to do.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to come back with [`Event::Tick`] at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        match &self.state {
            State::Waiting { until }
            | State::Checking { until, .. }
            | State::Subscribing { until, .. }
            | State::Leaving { until, .. } => Some(*until),
            State::Active(active) => Some(active.deadline()),
            State::Closed(_) => None,
        }
    }

    /// How much it keeps.
    #[must_use]
    pub fn kept(&self) -> Kept {
        match &self.state {
            State::Active(active) | State::Leaving { active, .. } => {
                active.memory.as_deref().map_or_else(Kept::default, |memory| Kept {
                    open_peers: memory.peers.len(),
                    unanswered_frames: memory.unanswered.len(),
                    remembered_frames: memory.repeats.len(),
                    transfers: memory.transfers.len(),
                })
            }
            State::Waiting { .. }
            | State::Checking { .. }
            | State::Subscribing { .. }
            | State::Closed(_) => Kept::default(),
        }
    }

    /// Whether nothing is to be read from the client for now: as many of its file chunks are on
    /// their way as may be, and what it says is held back by its socket.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        match &self.state {
            State::Active(active) | State::Leaving { active, .. } => {
                active.memory.as_deref().is_some_and(|memory| memory.transfers.is_full())
            }
            State::Waiting { .. }
            | State::Checking { .. }
            | State::Subscribing { .. }
            | State::Closed(_) => false,
        }
    }

    /// Whether whatever the client says is refused, because it could reach nobody.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        match &self.state {
            State::Active(active) | State::Leaving { active, .. } => active.bus != BusLink::Up,
            State::Waiting { .. }
            | State::Checking { .. }
            | State::Subscribing { .. }
            | State::Closed(_) => false,
        }
    }

    /// Whose Session it is, once its token was found good.
    #[must_use]
    pub fn bearer(&self) -> Option<&Bearer> {
        match &self.state {
            State::Subscribing { renewal, .. } => Some(renewal.bearer()),
            State::Active(active) | State::Leaving { active, .. } => Some(active.renewal.bearer()),
            State::Waiting { .. } | State::Checking { .. } | State::Closed(_) => None,
        }
    }

    /// What has become due by now.
    fn due(&mut self, now: Millis, state: State) -> State {
        match state {
            State::Waiting { until } if until <= now => {
                self.reject(Code::AuthTimeout, Close::AuthTimeout)
            }
            State::Checking { until, .. } | State::Subscribing { until, .. } if until <= now => {
                self.end(now, state, Close::BusAway)
            }
            State::Leaving { until, .. } if until <= now => self.end(now, state, Close::Moved),
            State::Active(active) => self.active_due(now, active),
            State::Waiting { .. }
            | State::Checking { .. }
            | State::Subscribing { .. }
            | State::Leaving { .. }
            | State::Closed(_) => state,
        }
    }

    /// The table of the machine. Live Sessions have their own, in [`live`].
    fn step(&mut self, now: Millis, state: State, event: Event) -> State {
        match (state, event) {
            (State::Closed(after), event) => self.closed(after, event),

            (state, Event::Tick) => state,
            (state, Event::SocketClosed) => self.end(now, state, Close::Normal),
            (state, Event::OutboxFull) => self.end(now, state, Close::SlowReader),

            (State::Active(active), event) => self.active(now, active, event),
            (State::Leaving { until, active }, event) => self.leaving(now, until, active, event),

            (state, Event::Lagged) => self.end(now, state, Close::BusAway),
            (state, Event::Draining { .. }) => self.end(now, state, Close::GoingAway),

            (State::Waiting { until }, Event::Frame(frame)) => self.first_frame(until, frame),
            (State::Waiting { .. }, Event::BadFrame(bad)) => self.first_bad_frame(&bad),
            (
                State::Checking { .. } | State::Subscribing { .. },
                Event::Frame(_) | Event::BadFrame(_),
            ) => self.reject(Code::Unauthorized, Close::AuthenticationRequired),

            (State::Checking { until, page }, Event::TokenChecked(outcome)) => {
                self.token_checked(now, until, page, outcome)
            }
            (State::Subscribing { page, renewal, .. }, Event::Listening(outcome)) => {
                self.listening(now, page, *renewal, outcome)
            }
            (State::Subscribing { renewal, .. }, Event::RevokedTold(revoked))
                if renewal.is_meant_by(&revoked) =>
            {
                self.reject(Code::TokenRevoked, Close::NotAuthenticated(Code::TokenRevoked))
            }
            (state, Event::Delivered { reply, .. }) => {
                answer(reply, Bounce::Refused(Code::ServiceUnavailable), &mut self.effects);
                state
            }

            // Answers to what was not asked, and news for Sessions that are live.
            (
                state,
                Event::TokenChecked(_)
                | Event::Listening(_)
                | Event::Bounced { .. }
                | Event::PresenceTold { .. }
                | Event::EvictTold(_)
                | Event::RevokedTold(_)
                | Event::LoginChecked { .. }
                | Event::BusLost
                | Event::BusFound,
            ) => state,
        }
    }

    /// After the end only late deliveries are of interest: nobody is there to read them.
    fn closed(&mut self, after: After, event: Event) -> State {
        if let (After::Nobody, Event::Delivered { reply, .. }) = (after, event) {
            answer(reply, Bounce::NobodyThere, &mut self.effects);
        }
        State::Closed(after)
    }

    /// Ends the Session. Whoever was there for others stops listening first and then says so:
    /// nobody who has heard that it is gone can still reach it.
    fn end(&mut self, now: Millis, state: State, close: Close) -> State {
        let after = match state {
            State::Active(mut active) => {
                if let Some(memory) = &mut active.memory {
                    memory.transfers.end(now, &mut self.effects);
                }
                self.effects.push_back(Effect::StopListening);
                self.effects.push_back(Effect::TellPresence(Presence::Gone));
                After::Nobody
            }
            State::Leaving { .. } => After::Another,
            State::Waiting { .. }
            | State::Checking { .. }
            | State::Subscribing { .. }
            | State::Closed(_) => After::Nobody,
        };
        self.effects.push_back(Effect::Close(close));
        State::Closed(after)
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::frame::{ClientFrame, Door};
    use bus_schemas::id::{ConnId, Instance};

    use super::*;

    #[test]
    fn ses15_a_session_that_is_lent_room_for_its_effects_keeps_none() {
        let config = Config {
            conn: ConnId::from_bytes([1; 16]),
            door: Door::Binary,
            instance: Instance::from_bytes([2; 16]),
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
            file_bytes_max: 1,
        };
        let (mut session, mut room) = (Session::new(config, Millis(0)), Room::default());
        session.swap_room(&mut room);
        session.handle(Millis(0), Event::Frame(ClientFrame::Ping));
        let effects = std::iter::from_fn(|| session.next_effect()).count();
        session.swap_room(&mut room);
        assert_eq!((session.effects.capacity(), effects), (0, 2));
        assert!(room.0.capacity() >= effects);
    }
}
