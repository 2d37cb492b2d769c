//! A Session to which anything happens in any order: bytes are read as a sequence of events.
//!
//! What must hold is what `actors/core/SPEC.md` promises whatever happens; and the same events, as
//! a capture would keep them, have the same effects on another Session.

mod events;

use actors_core::capture::{Veil, read_event, write_effect, write_event};
use actors_core::session::{Config, Effect, Event, Session};
use bus_schemas::capture::Bodies;
use bus_schemas::chat::Delivery;
use bus_schemas::frame::{ClientFrame, Door, PeerFrame, ServerFrame};
use bus_schemas::id::{ConnId, Instance, UserId};
use bus_schemas::limit::{
    FILE_BYTES_MAX, OPEN_PEERS_MAX, REPEAT_WINDOW, TRANSFERS_MAX, UNANSWERED_FRAMES_MAX,
};
use bus_schemas::time::Millis;
use bytes::Bytes;

use self::events::Events;
use crate::chance::Chance;

/// Frames that a client may say before it says too many.
const BURST: u32 = 100;
/// Events of a run: whatever is to be reached is reached within some hundred.
const EVENTS_MAX: usize = 2_000;
/// Effects of one event: something for each peer and each transfer, and a few words.
const EFFECTS_MAX: usize = 4 * (OPEN_PEERS_MAX + TRANSFERS_MAX);
/// Ticks until nothing is due any more at one moment.
const TICKS_MAX: usize = 8;

/// A sequence of events.
pub fn session(bytes: &[u8]) {
    let mut chance = Chance::new(bytes);
    let door = chance.pick(&[Door::Binary, Door::Text]);
    let mut run = Run::new(door);
    let mut events = Events::new(door, chance.one_in(4));
    for _ in 0..EVENTS_MAX {
        let Some((later_ms, event)) = events.next(&mut chance) else { break };
        run.now = run.now.plus(later_ms);
        if matches!(event, Event::Tick)
            && let Some(deadline) = run.session.deadline()
        {
            run.now = run.now.max(deadline);
        }
        run.happens(&event);
        run.comes_to_rest();
    }
}

/// A Session and what is known of it from outside.
struct Run {
    session: Session,
    /// It hears the same events as a capture has them.
    twin: Session,
    door: Door,
    now: Millis,
    user: Option<UserId>,
    next_n: u64,
    is_live: bool,
    is_closed: bool,
}

impl Run {
    fn new(door: Door) -> Self {
        let config = Config {
            conn: ConnId::from_bytes([0x50; 16]),
            door,
            instance: Instance::from_bytes([0x11; 16]),
            talk_frames_per_second: 10,
            talk_frames_burst: BURST,
            file_bytes_max: FILE_BYTES_MAX,
        };
        let now = Millis(1_000);
        Self {
            session: Session::new(config.clone(), now),
            twin: Session::new(config, now),
            door,
            now,
            user: None,
            next_n: 0,
            is_live: false,
            is_closed: false,
        }
    }

    fn happens(&mut self, event: &Event) {
        let recorded = write_event(event, &Veil::None).expect("an event is a few bytes");
        let same = read_event(&recorded, Bodies::Kept).expect("it was written a moment ago");
        self.session.handle(self.now, event.clone());
        self.twin.handle(self.now, same);
        let was_closed = self.is_closed;
        let mut done = Vec::new();
        while let Some(effect) = self.session.next_effect() {
            let twin = self.twin.next_effect().expect("the same machine does the same");
            assert_eq!(as_recorded(&effect), as_recorded(&twin), "after {event:?}");
            self.check(event, &effect);
            done.push(effect);
        }
        assert!(self.twin.next_effect().is_none(), "after {event:?}");
        assert!(done.len() <= EFFECTS_MAX, "{} effects after {event:?}", done.len());
        if !was_closed {
            is_not_silent(event, &done);
        }
        self.keeps_within_bounds();
    }

    fn check(&mut self, event: &Event, effect: &Effect) {
        let is_answer = matches!(effect, Effect::Answer { .. });
        assert!(is_answer || !self.is_closed, "{effect:?} after the end");
        match effect {
            Effect::Listen(user) => self.user = Some(*user),
            Effect::Send(ServerFrame::Authenticated { user, .. }) => {
                assert_eq!(Some(*user), self.user, "it listens for somebody else");
                self.is_live = true;
            }
            Effect::Deliver { to, n, delivery } => self.check_delivery(event, *to, *n, delivery),
            Effect::Close(_) => self.is_closed = true,
            Effect::CheckToken(_)
            | Effect::CheckLogin(_)
            | Effect::StopListening
            | Effect::Answer { .. }
            | Effect::Send(_)
            | Effect::SendChunk { .. }
            | Effect::TellPresence(_)
            | Effect::TellEvict(_)
            | Effect::Watch(_)
            | Effect::Unwatch(_)
            | Effect::TellSeen
            | Effect::CountRepeat(_)
            | Effect::CountTransfer { .. } => {}
        }
    }

    fn check_delivery(&mut self, event: &Event, to: UserId, n: u64, delivery: &Delivery) {
        assert!(self.is_live, "said before it was known who says it");
        assert_ne!(Some(to), self.user, "said to oneself");
        assert_eq!(n, self.next_n, "each delivery has the next number");
        self.next_n += 1;
        match delivery {
            Delivery::Probe { from, .. } => assert_eq!(Some(*from), self.user),
            Delivery::Frame { door, frame, .. } => {
                assert_eq!((*door, Some(frame.peer)), (self.door, self.user));
                let said = said(event).expect("nothing is said but by the client");
                assert_eq!(said.peer, to);
                assert_eq!(PeerFrame { peer: to, ..frame.clone() }, *said, "it was changed");
            }
        }
    }

    fn keeps_within_bounds(&self) {
        let kept = self.session.kept();
        assert_eq!(kept, self.twin.kept());
        assert!(kept.open_peers <= OPEN_PEERS_MAX, "{kept:?}");
        assert!(kept.unanswered_frames <= UNANSWERED_FRAMES_MAX, "{kept:?}");
        assert!(kept.remembered_frames <= REPEAT_WINDOW, "{kept:?}");
        assert!(kept.transfers <= TRANSFERS_MAX, "{kept:?}");
        assert_eq!(self.session.deadline().is_none(), self.is_closed, "only the end has no end");
    }

    /// A driver that comes back at each deadline is not kept busy.
    fn comes_to_rest(&mut self) {
        for _ in 0..TICKS_MAX {
            if self.session.deadline().is_none_or(|deadline| deadline > self.now) {
                return;
            }
            self.happens(&Event::Tick);
        }
        panic!("something is due again and again: {:?}", self.session);
    }
}

/// An effect as a capture has it, without tokens.
fn as_recorded(effect: &Effect) -> Bytes {
    write_effect(effect, &Veil::None).expect("an effect is a few bytes")
}

/// A frame of the client for somebody else.
fn said(event: &Event) -> Option<&PeerFrame> {
    match event {
        Event::Frame(ClientFrame::Peer(frame) | ClientFrame::Announce { frame, .. }) => Some(frame),
        Event::Frame(ClientFrame::Auth { .. } | ClientFrame::Ping)
        | Event::BadFrame(_)
        | Event::TokenChecked(_)
        | Event::Listening(_)
        | Event::Delivered { .. }
        | Event::Bounced { .. }
        | Event::PresenceTold { .. }
        | Event::EvictTold(_)
        | Event::RevokedTold(_)
        | Event::LoginChecked { .. }
        | Event::BusLost
        | Event::BusFound
        | Event::Lagged
        | Event::OutboxFull
        | Event::Draining { .. }
        | Event::SocketClosed
        | Event::Tick => None,
    }
}

/// Whatever a client says for somebody else is handed on, counted as a repeat, or refused.
fn is_not_silent(event: &Event, done: &[Effect]) {
    if said(event).is_none() {
        return;
    }
    let is_answer = |effect: &Effect| {
        matches!(
            effect,
            Effect::Deliver { delivery: Delivery::Frame { .. }, .. }
                | Effect::CountRepeat(_)
                | Effect::Send(ServerFrame::Error { .. } | ServerFrame::NotAuthenticated { .. })
                | Effect::Close(_)
        )
    };
    assert!(done.iter().any(is_answer), "silence after {event:?}: {done:?}");
}
