//! The bus and the lines to it: at most once, in order on each line, late, and sometimes cut.
//!
//! A message is lost with its line, or dropped on the way to a receiver; nothing comes twice.

use std::collections::{BTreeMap, BTreeSet};

use actors_core::session::Event;
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery, Evict, Presence};
use bus_schemas::fault::Code;
use bus_schemas::id::{BusId, UserId};
use bus_schemas::time::Millis;
use bus_schemas::topic::Subject;

use super::chance::Chance;

/// A Session's number in its world.
pub(crate) type Conn = usize;

/// How many edges there are.
pub(crate) const EDGES: usize = 2;
/// Longest way between an edge and the bus.
const DELAY_MS: u64 = 40;
/// One delivery in so many is dropped on its way to the receiver.
const DROPS: u64 = 60;

/// What an edge says to the bus.
#[derive(Debug)]
pub(crate) enum Said {
    Listen(UserId),
    StopListening,
    /// The Session is over: nothing of it is listened to.
    End,
    Watch(UserId),
    Unwatch(UserId),
    Deliver {
        to: UserId,
        n: u64,
        delivery: Delivery,
    },
    Answer {
        reply: Subject,
        bounce: Bounce,
    },
    Presence {
        user: UserId,
        presence: Presence,
    },
    Evict {
        user: UserId,
        evict: Evict,
    },
}

/// What arrives somewhere.
pub(crate) enum Arrival {
    /// An event of a Session. A delivery, or what came back for one, says for which frame.
    AtSession { conn: Conn, event: Event, about: Option<(Conn, u64)> },
    /// A frame will never arrive.
    Lost { about: (Conn, u64) },
}

enum Parcel {
    ToBus { conn: Conn, said: Said },
    ToSession { conn: Conn, event: Event, about: Option<(Conn, u64)> },
}

struct OnWay {
    edge: usize,
    /// The use of the line it is on; `None` for what does not use the line.
    line: Option<u64>,
    parcel: Parcel,
}

#[derive(Default)]
struct Edge {
    is_away: bool,
    /// Raised with every cut.
    line: u64,
    last_up: Millis,
    last_down: Millis,
}

/// The bus, the edges' lines, and everything on its way.
#[derive(Default)]
pub(crate) struct Network {
    on_way: BTreeMap<(Millis, u64), OnWay>,
    sent: u64,
    /// Whether nothing is dropped.
    is_calm: bool,
    edges: [Edge; EDGES],
    edge_of: Vec<usize>,
    listeners: BTreeMap<Conn, UserId>,
    watchers: BTreeSet<(UserId, Conn)>,
}

impl Network {
    /// A Session has opened at this edge.
    pub(crate) fn join(&mut self, edge: usize) {
        self.edge_of.push(edge);
    }

    /// Whether this edge cannot reach the bus.
    pub(crate) fn is_away(&self, edge: usize) -> bool {
        self.edges[edge].is_away
    }

    /// Who is listened for, and by whom.
    pub(crate) fn listeners(&self) -> Vec<(Conn, UserId)> {
        let reached = self.listeners.iter().filter(|(conn, _)| !self.is_away(self.edge_of[**conn]));
        reached.map(|(conn, user)| (*conn, *user)).collect()
    }

    /// A Session says something to the bus.
    pub(crate) fn say(&mut self, now: Millis, chance: &mut Chance, conn: Conn, said: Said) {
        let edge = self.edge_of[conn];
        if self.edges[edge].is_away {
            return self.fail(now, conn, &said);
        }
        let line = &mut self.edges[edge];
        line.last_up = line.last_up.max(now.plus(chance.below(DELAY_MS)));
        let (at, number) = (line.last_up, line.line);
        self.send(at, OnWay { edge, line: Some(number), parcel: Parcel::ToBus { conn, said } });
    }

    /// Something happens to a Session that has nothing to do with the bus.
    pub(crate) fn tell(&mut self, at: Millis, conn: Conn, event: Event) {
        let parcel = Parcel::ToSession { conn, event, about: None };
        self.send(at, OnWay { edge: self.edge_of[conn], line: None, parcel });
    }

    /// The line of an edge is cut; whatever is on it is lost.
    pub(crate) fn cut(&mut self, now: Millis, edge: usize) {
        self.edges[edge].is_away = true;
        self.edges[edge].line += 1;
        self.tell_edge(now, edge, &Event::BusLost);
    }

    /// The line is whole again, and everything is listened to again.
    pub(crate) fn mend(&mut self, now: Millis, edge: usize) {
        self.edges[edge].is_away = false;
        self.tell_edge(now, edge, &Event::BusFound);
    }

    /// From here on nothing is dropped.
    pub(crate) fn calm(&mut self) {
        self.is_calm = true;
    }

    /// When something arrives next.
    pub(crate) fn next_at(&self) -> Option<Millis> {
        self.on_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// What arrives next.
    pub(crate) fn arrive(&mut self, chance: &mut Chance) -> Vec<Arrival> {
        let Some(((at, _), OnWay { edge, line, parcel })) = self.on_way.pop_first() else {
            return Vec::new();
        };
        let is_cut = line.is_some_and(|line| line != self.edges[edge].line);
        match parcel {
            Parcel::ToSession { about, .. } if is_cut => {
                about.map(|about| Arrival::Lost { about }).into_iter().collect()
            }
            Parcel::ToSession { conn, event, about } => {
                vec![Arrival::AtSession { conn, event, about }]
            }
            Parcel::ToBus { conn, said } if is_cut => self.lose(at, conn, said),
            Parcel::ToBus { conn, said } => self.at_bus(at, chance, conn, said),
        }
    }

    fn at_bus(&mut self, at: Millis, chance: &mut Chance, conn: Conn, said: Said) -> Vec<Arrival> {
        match said {
            Said::Listen(user) => {
                self.listeners.insert(conn, user);
                self.down(at, chance, conn, Event::Listening(Ok(())), None);
            }
            said @ (Said::StopListening | Said::End | Said::Watch(_) | Said::Unwatch(_)) => {
                self.subscribe(conn, &said);
            }
            Said::Deliver { to, n, delivery } => {
                return self.fan_out(at, chance, conn, n, to, &delivery);
            }
            Said::Answer { reply, bounce } => {
                let (asker, n) = asker(&reply);
                self.down(at, chance, asker, Event::Bounced { n, bounce }, Some((asker, n)));
            }
            Said::Presence { user, presence } => {
                for watcher in self.watching(user) {
                    let told = Event::PresenceTold { peer: user, presence };
                    self.down(at, chance, watcher, told, None);
                }
            }
            Said::Evict { user, evict } => {
                for listener in self.listening_to(user) {
                    self.down(at, chance, listener, Event::EvictTold(evict), None);
                }
            }
        }
        Vec::new()
    }

    fn fan_out(
        &mut self,
        at: Millis,
        chance: &mut Chance,
        conn: Conn,
        n: u64,
        to: UserId,
        delivery: &Delivery,
    ) -> Vec<Arrival> {
        let about = (conn, n);
        let listeners = self.listening_to(to);
        if listeners.is_empty() {
            let bounce = Bounce::NobodyThere;
            self.down(at, chance, conn, Event::Bounced { n, bounce }, Some(about));
        }
        let mut lost = Vec::new();
        for listener in listeners {
            if !self.is_calm && chance.one_in(DROPS) {
                lost.push(Arrival::Lost { about });
                continue;
            }
            let tag = BounceTag { slot: u64::try_from(conn).expect("few"), n };
            let reply = Some(chat::bounce(BusId::from_bytes([0; 16]), tag));
            let event = Event::Delivered { delivery: delivery.clone(), reply };
            self.down(at, chance, listener, event, Some(about));
        }
        lost
    }

    fn watching(&self, user: UserId) -> Vec<Conn> {
        let all = self.watchers.range((user, 0)..=(user, Conn::MAX)).map(|(_, conn)| *conn);
        all.filter(|conn| !self.is_away(self.edge_of[*conn])).collect()
    }

    fn listening_to(&self, user: UserId) -> Vec<Conn> {
        self.listeners().into_iter().filter(|(_, of)| *of == user).map(|(conn, _)| conn).collect()
    }

    fn down(
        &mut self,
        at: Millis,
        chance: &mut Chance,
        conn: Conn,
        event: Event,
        about: Option<(Conn, u64)>,
    ) {
        let edge = self.edge_of[conn];
        let line = &mut self.edges[edge];
        line.last_down = line.last_down.max(at.plus(chance.below(DELAY_MS)));
        // What is said to an edge that is away is lost, like what was on the line that was cut.
        let number = if line.is_away { line.line - 1 } else { line.line };
        let at = line.last_down;
        let parcel = Parcel::ToSession { conn, event, about };
        self.send(at, OnWay { edge, line: Some(number), parcel });
    }

    /// The edge cannot reach the bus, and knows it.
    fn fail(&mut self, now: Millis, conn: Conn, said: &Said) {
        match said {
            Said::Listen(_) => self.tell(now, conn, Event::Listening(Err(Code::BusAway))),
            Said::Deliver { n, .. } => {
                let event = Event::Bounced { n: *n, bounce: Bounce::Refused(Code::BusAway) };
                let parcel = Parcel::ToSession { conn, event, about: Some((conn, *n)) };
                self.send(now, OnWay { edge: self.edge_of[conn], line: None, parcel });
            }
            Said::StopListening | Said::End | Said::Watch(_) | Said::Unwatch(_) => {
                self.subscribe(conn, said);
            }
            Said::Answer { .. } | Said::Presence { .. } | Said::Evict { .. } => {}
        }
    }

    /// It was on its way when the line was cut.
    fn lose(&mut self, now: Millis, conn: Conn, said: Said) -> Vec<Arrival> {
        match said {
            Said::Listen(_) => self.tell(now, conn, Event::Listening(Err(Code::BusAway))),
            Said::Deliver { n, .. } => return vec![Arrival::Lost { about: (conn, n) }],
            Said::Answer { reply, .. } => return vec![Arrival::Lost { about: asker(&reply) }],
            Said::StopListening | Said::End | Said::Watch(_) | Said::Unwatch(_) => {
                self.subscribe(conn, &said);
            }
            Said::Presence { .. } | Said::Evict { .. } => {}
        }
        Vec::new()
    }

    /// Subscriptions are the edge's: what it wants without a line, it has with the next one.
    fn subscribe(&mut self, conn: Conn, said: &Said) {
        match said {
            Said::StopListening => drop(self.listeners.remove(&conn)),
            Said::End => {
                self.listeners.remove(&conn);
                self.watchers.retain(|(_, watcher)| *watcher != conn);
            }
            Said::Watch(user) => drop(self.watchers.insert((*user, conn))),
            Said::Unwatch(user) => drop(self.watchers.remove(&(*user, conn))),
            Said::Listen(_)
            | Said::Deliver { .. }
            | Said::Answer { .. }
            | Said::Presence { .. }
            | Said::Evict { .. } => {}
        }
    }

    fn tell_edge(&mut self, now: Millis, edge: usize, event: &Event) {
        let sessions: Vec<Conn> =
            (0..self.edge_of.len()).filter(|conn| self.edge_of[*conn] == edge).collect();
        for conn in sessions {
            self.tell(now, conn, event.clone());
        }
    }

    fn send(&mut self, at: Millis, on_way: OnWay) {
        self.sent += 1;
        self.on_way.insert((at, self.sent), on_way);
    }
}

/// Who asked, and what for: the frame that a bounce subject names.
fn asker(reply: &Subject) -> (Conn, u64) {
    let BounceTag { slot, n } = chat::bounce_tag(reply).expect("a subject of this network");
    (usize::try_from(slot).expect("a number of this network"), n)
}
