//! What must hold in every world, whatever happens: the promises of `SPEC.md` as others see them.
//!
//! The ledger sees each effect together with what caused it, and knows nothing of the machine.

use std::collections::{BTreeMap, BTreeSet};

use actors_core::session::{Close, Effect, Transferred};
use bus_schemas::chat::{Delivery, Presence};
use bus_schemas::frame::{Door, Label, PeerFrame, ServerFrame};
use bus_schemas::id::{LoginId, UserId};

use super::network::Conn;

/// Why a Session did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Its client sent the frame with this number.
    Frame(usize),
    /// Something came back for the frame that was handed on as this.
    Bounce((Conn, u64)),
    /// The frame that was handed on as this was delivered.
    Delivery((Conn, u64)),
    /// Its socket ended.
    SocketEnd,
    Other,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Nothing yet.
    Open,
    HandedOn,
    Delivered,
    Refused,
    Repeated,
    /// The bus may lose, and did.
    Lost,
}

struct Said {
    by: Conn,
    frame: PeerFrame,
    fate: Fate,
}

#[expect(clippy::struct_excessive_bools, reason = "facts seen one by one, not states")]
struct Session {
    user: UserId,
    door: Door,
    is_live: bool,
    listens: bool,
    has_said_bye: bool,
    has_yielded: bool,
    is_closed: bool,
    open_peers: BTreeSet<UserId>,
    /// Whom its client believes absent.
    absent: BTreeSet<UserId>,
}

/// How often what happened, so that a world in which nothing happens proves nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    delivered: u64,
    refused: u64,
    repeated: u64,
    lost: u64,
    moved: u64,
    superseded: u64,
    bus_away: u64,
    slow: u64,
    disconnected: u64,
    came_back: u64,
    files: u64,
    failed_files: u64,
    held_back: u64,
}

/// What was seen of a world.
#[derive(Default)]
pub(crate) struct Ledger {
    said: Vec<Said>,
    handed_on: BTreeMap<(Conn, u64), usize>,
    sessions: Vec<Session>,
    /// The last frame that went from one connection to another.
    last: BTreeMap<(Conn, Conn), usize>,
    tally: Tally,
}

impl Ledger {
    pub(crate) fn opened(&mut self, user: UserId, door: Door) {
        self.sessions.push(Session {
            user,
            door,
            is_live: false,
            listens: false,
            has_said_bye: false,
            has_yielded: false,
            is_closed: false,
            open_peers: BTreeSet::new(),
            absent: BTreeSet::new(),
        });
    }

    /// A client sends a frame; its number.
    pub(crate) fn says(&mut self, by: Conn, frame: PeerFrame) -> usize {
        self.said.push(Said { by, frame, fate: Fate::Open });
        self.said.len() - 1
    }

    /// A client wants to speak and is not read.
    pub(crate) fn held_back(&mut self) {
        self.tally.held_back += 1;
    }

    /// The bus lost what was handed on as this.
    pub(crate) fn lost(&mut self, about: (Conn, u64)) {
        if let Some(number) = self.handed_on.get(&about) {
            self.settle(*number, Fate::Lost);
        }
    }

    /// Whether a Session is live, as its client knows.
    pub(crate) fn is_live(&self, conn: Conn) -> bool {
        self.sessions[conn].is_live && !self.sessions[conn].is_closed
    }

    /// A Session did all this, for this reason.
    pub(crate) fn did(&mut self, conn: Conn, cause: Cause, done: &[Effect]) -> Result<(), String> {
        for effect in done {
            self.check(conn, cause, effect)?;
        }
        match cause {
            Cause::Frame(number) if self.said[number].fate == Fate::Open => {
                ensure(self.sessions[conn].is_closed, "a frame met silence")?;
                self.settle(number, Fate::Refused);
            }
            Cause::Bounce(about) => self.bounced(conn, about)?,
            Cause::SocketEnd => {
                ensure(self.sessions[conn].is_closed, "a Session did not close with its socket")?;
            }
            Cause::Frame(_) | Cause::Delivery(_) | Cause::Other => {}
        }
        Ok(())
    }

    /// What must hold when everything has come to rest.
    pub(crate) fn finish(&self, listeners: &[(Conn, UserId)]) -> Result<Tally, String> {
        let live: Vec<(Conn, UserId)> = self
            .sessions
            .iter()
            .enumerate()
            .filter(|(conn, session)| self.is_live(*conn) && !session.has_yielded)
            .map(|(conn, session)| (conn, session.user))
            .collect();
        ensure(live == listeners, &format!("live are {live:?}, listened for {listeners:?}"))?;
        let users: BTreeSet<UserId> = live.iter().map(|(_, user)| *user).collect();
        ensure(users.len() == live.len(), "a user has two live Sessions")?;
        let silent = self
            .said
            .iter()
            .position(|said| said.fate == Fate::HandedOn && !self.sessions[said.by].is_closed);
        ensure(silent.is_none(), &format!("frame {silent:?} met silence"))?;
        for (conn, _) in &live {
            self.check_beliefs(*conn, &live)?;
        }
        Ok(self.tally)
    }

    fn check_beliefs(&self, conn: Conn, live: &[(Conn, UserId)]) -> Result<(), String> {
        let session = &self.sessions[conn];
        for peer in &session.open_peers {
            let believed_absent = session.absent.contains(peer);
            match live.iter().find(|(_, user)| user == peer) {
                None => {
                    ensure(believed_absent, &format!("nobody told {conn} that {peer:?} is gone"))?;
                }
                // To the text door, who uses another client is absent.
                Some((other, _)) if self.sessions[*other].door != session.door => {}
                Some(_) => {
                    ensure(!believed_absent, &format!("nobody told {conn} that {peer:?} is here"))?;
                }
            }
        }
        Ok(())
    }

    fn check(&mut self, conn: Conn, cause: Cause, effect: &Effect) -> Result<(), String> {
        let is_answer = matches!(effect, Effect::Answer { .. });
        ensure(is_answer || !self.sessions[conn].is_closed, "something was done after the end")?;
        match effect {
            Effect::Deliver { n, to, delivery } => {
                self.check_handed_on(conn, cause, *n, *to, delivery)
            }
            Effect::Send(frame) => self.check_sent(conn, cause, frame),
            Effect::SendChunk { chunk, .. } => self.check_heard(conn, cause, chunk),
            Effect::CountTransfer { how: Transferred::Whole, .. } => {
                self.tally.files += 1;
                Ok(())
            }
            Effect::CountTransfer { how: Transferred::Failed(_), .. } => {
                self.tally.failed_files += 1;
                Ok(())
            }
            Effect::CountRepeat(_) => {
                self.settle_cause(cause, Fate::Repeated);
                Ok(())
            }
            Effect::Listen(user) => {
                self.sessions[conn].listens = true;
                ensure(*user == self.sessions[conn].user, "a Session listens for another user")
            }
            Effect::StopListening => {
                self.sessions[conn].listens = false;
                Ok(())
            }
            Effect::TellPresence(presence) => self.check_presence(conn, *presence),
            Effect::Close(close) => self.check_close(conn, *close),
            Effect::Watch(peer) => {
                self.sessions[conn].open_peers.insert(*peer);
                Ok(())
            }
            Effect::Unwatch(peer) => {
                self.sessions[conn].open_peers.remove(peer);
                Ok(())
            }
            Effect::CheckToken(_)
            | Effect::CheckLogin(_)
            | Effect::Answer { .. }
            | Effect::TellEvict(_)
            | Effect::TellSeen => Ok(()),
        }
    }

    fn check_handed_on(
        &mut self,
        conn: Conn,
        cause: Cause,
        n: u64,
        to: UserId,
        delivery: &Delivery,
    ) -> Result<(), String> {
        let session = &self.sessions[conn];
        ensure(session.is_live, "a frame was relayed before authentication")?;
        let (standing, frame) = match delivery {
            Delivery::Probe { from, .. } => {
                return ensure(*from == session.user, "a probe in another's name");
            }
            Delivery::Frame { standing, frame, .. } => (standing, frame),
        };
        // In these worlds a Login and a token have the bytes of their user.
        let login = LoginId::from_bytes(*session.user.as_bytes());
        ensure(standing.login == login, "a frame that stands on another's token")?;
        ensure(frame.peer == session.user, "a frame in another's name")?;
        let Cause::Frame(number) = cause else {
            return Err("a frame was handed on that no client sent".to_owned());
        };
        let sent = PeerFrame { peer: to, ..frame.clone() };
        ensure(self.said[number].frame == sent, "a frame was changed on the way")?;
        self.handed_on.insert((conn, n), number);
        self.settle(number, Fate::HandedOn);
        Ok(())
    }

    fn check_sent(&mut self, conn: Conn, cause: Cause, frame: &ServerFrame) -> Result<(), String> {
        match frame {
            ServerFrame::Authenticated { .. } => self.sessions[conn].is_live = true,
            ServerFrame::Peer(frame) => return self.check_heard(conn, cause, frame),
            ServerFrame::PeerOffline { peer, .. } => {
                self.sessions[conn].absent.insert(*peer);
                self.settle_cause(cause, Fate::Refused);
            }
            ServerFrame::PeerDisconnected { peer } => {
                self.tally.disconnected += 1;
                self.sessions[conn].absent.insert(*peer);
            }
            ServerFrame::PeerOnline { peer } => {
                self.tally.came_back += 1;
                let knew = !self.sessions[conn].absent.remove(peer);
                return ensure(!knew, "a peer came that had not gone");
            }
            ServerFrame::Error { .. } => self.settle_cause(cause, Fate::Refused),
            ServerFrame::NotAuthenticated { .. }
            | ServerFrame::GoingAway { .. }
            | ServerFrame::Superseded
            | ServerFrame::TokenExpiring { .. }
            | ServerFrame::Pong => {}
        }
        Ok(())
    }

    fn check_heard(&mut self, conn: Conn, cause: Cause, frame: &PeerFrame) -> Result<(), String> {
        let number = match cause {
            Cause::Delivery(about) => self.handed_on.get(&about).copied(),
            Cause::Frame(_) | Cause::Bounce(_) | Cause::SocketEnd | Cause::Other => None,
        };
        let number = number.ok_or("a client heard a frame that nobody sent")?;
        let Said { by, frame: sent, .. } = &self.said[number];
        let by = *by;
        let heard = PeerFrame { peer: self.sessions[conn].user, ..frame.clone() };
        ensure(*sent == heard, "a client heard another frame than was sent to it")?;
        ensure(frame.peer == self.sessions[by].user, "a client heard a false sender")?;
        let before = self.last.insert((by, conn), number);
        ensure(before.is_none_or(|before| before < number), "frames changed places")?;
        self.sessions[conn].absent.remove(&frame.peer);
        self.settle(number, Fate::Delivered);
        Ok(())
    }

    fn check_presence(&mut self, conn: Conn, presence: Presence) -> Result<(), String> {
        match presence {
            Presence::Here => Ok(()),
            Presence::Gone | Presence::Moved => {
                self.sessions[conn].has_said_bye = true;
                ensure(!self.sessions[conn].listens, "it said that it left while it listened")?;
                if presence == Presence::Moved { self.check_yielded(conn) } else { Ok(()) }
            }
        }
    }

    fn check_close(&mut self, conn: Conn, close: Close) -> Result<(), String> {
        let session = &mut self.sessions[conn];
        session.is_closed = true;
        let has_left = !session.is_live || (session.has_said_bye && !session.listens);
        ensure(has_left, "a Session closed and did not say that it left")?;
        match close {
            Close::Moved => self.tally.moved += 1,
            Close::BusAway => self.tally.bus_away += 1,
            Close::SlowReader => self.tally.slow += 1,
            Close::Superseded => {
                self.tally.superseded += 1;
                return self.check_yielded(conn);
            }
            Close::Normal
            | Close::AuthenticationRequired
            | Close::InvalidAuthPayload
            | Close::AuthTimeout
            | Close::NotAuthenticated(_)
            | Close::MalformedFrame
            | Close::FrameTooLarge
            | Close::TooManyFrames
            | Close::GoingAway
            | Close::Internal => {}
        }
        Ok(())
    }

    /// Never do all Sessions of a user yield to each other.
    fn check_yielded(&mut self, conn: Conn) -> Result<(), String> {
        self.sessions[conn].has_yielded = true;
        let user = self.sessions[conn].user;
        let mut others = self.sessions.iter().filter(|other| other.user == user);
        ensure(
            others.any(|other| other.is_live && !other.has_yielded),
            "the last Session of a user yielded",
        )
    }

    fn bounced(&mut self, conn: Conn, about: (Conn, u64)) -> Result<(), String> {
        let Some(number) = self.handed_on.get(&about).copied() else { return Ok(()) };
        let Said { frame, fate, .. } = &self.said[number];
        let session = &self.sessions[conn];
        let is_quiet = session.door == Door::Text
            && matches!(frame.label, Label::Ack | Label::SessionEstablished);
        ensure(*fate != Fate::HandedOn || is_quiet || session.is_closed, "a refusal was not told")?;
        self.settle(number, Fate::Refused);
        Ok(())
    }

    fn settle_cause(&mut self, cause: Cause, fate: Fate) {
        match cause {
            Cause::Frame(number) => self.settle(number, fate),
            Cause::Bounce(about) => {
                if let Some(number) = self.handed_on.get(&about) {
                    self.settle(*number, fate);
                }
            }
            Cause::Delivery(_) | Cause::SocketEnd | Cause::Other => {}
        }
    }

    /// Delivered is the best that can become of a frame, and stays.
    fn settle(&mut self, number: usize, fate: Fate) {
        let said = &mut self.said[number];
        if said.fate == Fate::Delivered || said.fate == fate {
            return;
        }
        said.fate = fate;
        match fate {
            Fate::Delivered => self.tally.delivered += 1,
            Fate::Refused => self.tally.refused += 1,
            Fate::Repeated => self.tally.repeated += 1,
            Fate::Lost => self.tally.lost += 1,
            Fate::Open | Fate::HandedOn => {}
        }
    }
}

impl Tally {
    /// Each number of the tally, by name.
    fn numbers(&mut self) -> [(&'static str, &mut u64); 13] {
        [
            ("delivered", &mut self.delivered),
            ("refused", &mut self.refused),
            ("repeated", &mut self.repeated),
            ("lost", &mut self.lost),
            ("moved", &mut self.moved),
            ("superseded", &mut self.superseded),
            ("bus away", &mut self.bus_away),
            ("slow readers", &mut self.slow),
            ("disconnected", &mut self.disconnected),
            ("came back", &mut self.came_back),
            ("files", &mut self.files),
            ("failed files", &mut self.failed_files),
            ("held back", &mut self.held_back),
        ]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let mut other = *other;
        for ((_, sum), (_, number)) in self.numbers().into_iter().zip(other.numbers()) {
            *sum += *number;
        }
    }

    /// Each of these happened often enough to mean something.
    pub(crate) fn assert_everything_happened(mut self) {
        let all = format!("{self:?}");
        for (what, number) in self.numbers() {
            assert!(*number > 1_000, "too few of: {what}; {all}");
        }
    }
}

fn ensure(holds: bool, promise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(promise.to_owned()) }
}
