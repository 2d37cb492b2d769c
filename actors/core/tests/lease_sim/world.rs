//! The world: what happens when, who stands still, and what is lost on the way.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use bus_schemas::id::EdgeId;
use bus_schemas::time::Millis;

use super::database::Database;
use super::edge::{Edge, ToEdge};
use super::mood::Mood;
use super::replica::{Job, Replica, Revocation, ToReplica};
use crate::chance::Chance;

/// Microseconds of the world's own time.
pub(crate) type Micros = u64;
/// A millisecond of it.
pub(crate) const MS: Micros = 1_000;

pub(crate) const EDGES: usize = 3;
pub(crate) const REPLICAS: usize = 2;
/// How long a world lasts.
const END: Micros = 30_000 * MS;
/// Clocks run faster or slower by at most this many millionths.
const DRIFT_MAX: u64 = 10_000;

/// What is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Token(pub(crate) u64);

/// What a careless implementation would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    WaitsTooShort,
    ListsBeforeCommit,
    ListsWhoWasSeenLately,
    ReadsBeforeNoting,
    MarksTheNewest,
    MarksTheLastPage,
    CountsFromArrival,
    CountsFromCommit,
    ForgetsWhoseAnswerIsLost,
    AnswersBeforeApplying,
    PassesOnWhatHasEnded,
    HearsBehindAShutGate,
    RefusalsOpen,
    ForgetsWhatItMissed,
}

/// A clock of one process: it began somewhere, and runs a little fast or slow.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    began: Micros,
    millionths: u64,
}

impl Clock {
    fn new(chance: &mut Chance) -> Self {
        let millionths = 1_000_000 - DRIFT_MAX + chance.below(2 * DRIFT_MAX + 1);
        Self { began: 1_000 * MS + chance.below(1_000_000 * MS), millionths }
    }

    /// What it shows.
    pub(crate) fn local(self, now: Micros) -> Millis {
        Millis((self.began + now * self.millionths / 1_000_000) / MS)
    }

    /// When it will show this.
    pub(crate) fn when(self, shown: Millis) -> Micros {
        let elapsed = (shown.0 * MS).saturating_sub(self.began);
        (elapsed * 1_000_000).div_ceil(self.millionths)
    }
}

/// What an edge says to the bus.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    AsksLease { number: u64, mark: Option<i64>, after: Option<i64> },
    Applied { telling: usize, edge: EdgeId },
    Delivery { token: Token, to: usize },
}

/// What a replica asks of the bus.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks {
    /// To tell every edge of a revocation, and to echo.
    Revocation { telling: usize },
    /// To echo, so that whatever has come for it before is there.
    Echo { telling: usize },
}

pub(crate) enum Action {
    /// In the process of an edge; what came over a line that has ended is lost.
    Edge { at: usize, id: EdgeId, line: Option<u64>, event: ToEdge },
    /// The same of a replica.
    Replica { at: usize, line: Option<u64>, event: ToReplica },
    /// At the bus.
    Bus { from: usize, id: EdgeId, line: u64, said: Said },
    /// Somebody does something, or something goes wrong.
    Turn,
    /// Something comes to the bus from a replica.
    FromReplica { at: usize, line: u64, asks: Asks },
    /// The line of an edge is made anew.
    Connect { at: usize, id: EdgeId },
}

/// What happens next is the greatest.
struct Due {
    when: Micros,
    number: u64,
    action: Action,
}

impl Due {
    fn order(&self) -> Reverse<(Micros, u64)> {
        Reverse((self.when, self.number))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// What happened in some worlds, so that a world in which nothing does is noticed.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) admitted: u64,
    pub(crate) not_admitted: u64,
    pub(crate) relayed: u64,
    pub(crate) fenced: u64,
    pub(crate) held: u64,
    pub(crate) confirmed: u64,
    pub(crate) refused: u64,
    pub(crate) open_by_refusal: u64,
    pub(crate) pages: u64,
    pub(crate) over: u64,
    pub(crate) over_in_silence: u64,
    pub(crate) in_doubt: u64,
    pub(crate) forgotten: u64,
    pub(crate) let_go: u64,
}

/// Everything.
pub(crate) struct World {
    pub(crate) now: Micros,
    pub(crate) chance: Chance,
    pub(crate) fault: Fault,
    pub(crate) database: Database,
    pub(crate) edges: Vec<Edge>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) revocations: Vec<Revocation>,
    pub(crate) returned: BTreeMap<Token, Micros>,
    pub(crate) tally: Tally,
    queue: BinaryHeap<Due>,
    next_action: u64,
    pub(crate) next_line: u64,
    pub(crate) next_token: u64,
    pub(crate) mood: Mood,
}

/// Plays one world. The error says what must not have happened.
pub(crate) fn run(seed: u64, fault: Fault) -> Result<Tally, String> {
    let mut world = World::new(seed, fault);
    while let Some(due) = world.queue.pop().filter(|due| due.when <= END) {
        world.now = due.when;
        world.perform(due.action)?;
    }
    Ok(world.tally)
}

impl World {
    fn new(seed: u64, fault: Fault) -> Self {
        let mut chance = Chance::new(seed);
        let replicas = (0..REPLICAS).map(|_| Replica::start(Clock::new(&mut chance))).collect();
        let mut world = Self {
            now: 0,
            chance,
            fault,
            database: Database::default(),
            edges: Vec::new(),
            replicas,
            revocations: Vec::new(),
            returned: BTreeMap::new(),
            tally: Tally::default(),
            queue: BinaryHeap::new(),
            next_action: 0,
            next_line: 0,
            next_token: 0,
            mood: Mood::of(seed),
        };
        for at in 0..EDGES {
            let edge = world.started();
            world.edges.push(edge);
            world.tell_process(at, 0, ToEdge::Tick);
        }
        world.at(0, Action::Turn);
        world
    }

    pub(crate) fn started(&mut self) -> Edge {
        self.next_line += 1;
        let clock = Clock::new(&mut self.chance);
        Edge::start(EdgeId::from_bytes(self.chance.bytes()), clock, self.now, self.next_line)
    }

    pub(crate) fn returned_at(&self, token: Token) -> Option<Micros> {
        self.returned.get(&token).copied()
    }

    pub(crate) fn at(&mut self, when: Micros, action: Action) {
        let number = self.next_action;
        self.next_action += 1;
        self.queue.push(Due { when, number, action });
    }

    pub(crate) fn tell_process(&mut self, at: usize, when: Micros, event: ToEdge) {
        let id = self.edges[at].id;
        self.at(when, Action::Edge { at, id, line: None, event });
    }

    pub(crate) fn tell_replica(&mut self, at: usize, when: Micros, event: ToReplica) {
        self.at(when, Action::Replica { at, line: None, event });
    }

    /// The bus says something to a replica, in order.
    fn bring(&mut self, at: usize, event: ToReplica) {
        let latency = self.latency();
        let line = &mut self.replicas[at].line;
        if line.is_whole {
            let when = (self.now + latency).max(line.down_after);
            line.down_after = when;
            let line = Some(line.number);
            self.at(when, Action::Replica { at, line, event });
        }
    }

    /// A replica asks something of the bus, in order, over a line that may have ended.
    pub(crate) fn ask_bus(&mut self, at: usize, when: Micros, asks: Asks) {
        let line = &mut self.replicas[at].line;
        if line.is_whole {
            let when = when.max(line.up_after);
            line.up_after = when;
            let line = line.number;
            self.at(when, Action::FromReplica { at, line, asks });
        }
    }

    /// An edge says something over its line, in order.
    pub(crate) fn say(&mut self, from: usize, said: Said) {
        let latency = self.latency();
        let edge = &mut self.edges[from];
        if !edge.line.is_whole {
            return;
        }
        let when = (self.now + latency).max(edge.line.up_after).max(edge.line.stalled_until);
        edge.line.up_after = when;
        let (id, line) = (edge.id, edge.line.number);
        self.at(when, Action::Bus { from, id, line, said });
    }

    /// The bus says something to an edge over the line that asked for it, in order.
    pub(crate) fn tell_edge(&mut self, at: usize, line: u64, event: ToEdge) {
        let latency = self.latency();
        let edge = &mut self.edges[at];
        if !edge.line.is_whole || edge.line.number != line {
            return;
        }
        let when = (self.now + latency).max(edge.line.down_after).max(edge.line.stalled_until);
        edge.line.down_after = when;
        let id = edge.id;
        self.at(when, Action::Edge { at, id, line: Some(line), event });
    }

    fn latency(&mut self) -> Micros {
        let most = if self.chance.one_in(50) { 400 * MS } else { 3 * MS };
        50 + self.chance.below(most)
    }

    fn perform(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Edge { at, id, line, event } => {
                let edge = &self.edges[at];
                if edge.id != id || line.is_some_and(|line| line != edge.line.number) {
                    return Ok(());
                }
                // What waits in the socket is read in order; anything else may come before.
                let frozen_until = if line.is_some() { edge.thaws_at } else { edge.frozen_until };
                if self.now < frozen_until {
                    let jitter = if line.is_some() { 0 } else { self.chance.below(4 * MS) };
                    let when = frozen_until + jitter;
                    self.at(when, Action::Edge { at, id, line, event });
                    return Ok(());
                }
                self.at_edge(at, event)
            }
            Action::Replica { at, line, event } => {
                let replica = &self.replicas[at];
                if line.is_some_and(|line| line != replica.line.number) {
                    return Ok(());
                }
                let frozen_until = replica.frozen_until;
                if self.now < frozen_until {
                    self.at(frozen_until, Action::Replica { at, line, event });
                } else {
                    self.at_replica(at, event);
                }
                Ok(())
            }
            Action::Bus { from, id, line, said } => {
                self.at_bus(from, id, line, &said);
                Ok(())
            }
            Action::FromReplica { at, line, asks } => {
                if self.replicas[at].line.carries(line) {
                    self.does(at, asks);
                }
                Ok(())
            }
            Action::Turn => {
                self.turn();
                let pause = 1 + self.chance.below(40 * MS);
                self.at(self.now + pause, Action::Turn);
                Ok(())
            }
            Action::Connect { at, id } => {
                if self.edges[at].id == id {
                    self.connect(at);
                }
                Ok(())
            }
        }
    }

    /// The bus does what a replica has asked of it.
    fn does(&mut self, at: usize, asks: Asks) {
        match asks {
            Asks::Revocation { telling } => {
                let token = self.revocations[telling].token;
                for edge in 0..self.edges.len() {
                    let line = self.edges[edge].line.number;
                    self.tell_edge(edge, line, ToEdge::Revoked { telling, token });
                }
                self.bring(at, ToReplica::Told { telling });
            }
            Asks::Echo { telling } => self.bring(at, ToReplica::Settled { telling }),
        }
    }

    fn at_bus(&mut self, from: usize, id: EdgeId, line: u64, said: &Said) {
        // Bytes that were read before a line broke are still understood.
        match *said {
            Said::AsksLease { number, mark, after } => {
                let up: Vec<usize> =
                    (0..REPLICAS).filter(|at| self.replicas[*at].listens(self.now)).collect();
                let Some(replica) = self.chance.pick(&up) else {
                    return self.tell_edge(from, line, ToEdge::Refused { number });
                };
                let job = Job { edge: from, id, line, number, asked: mark, after, mark: 0 };
                self.bring(replica, ToReplica::Note(job));
            }
            Said::Applied { telling, edge } => {
                let replica = self.revocations[telling].replica;
                self.bring(replica, ToReplica::Applied { telling, edge });
            }
            Said::Delivery { token, to } => {
                let line = self.edges[to].line.number;
                self.tell_edge(to, line, ToEdge::Delivered { token });
            }
        }
    }
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.admitted += other.admitted;
        self.not_admitted += other.not_admitted;
        self.relayed += other.relayed;
        self.fenced += other.fenced;
        self.held += other.held;
        self.confirmed += other.confirmed;
        self.refused += other.refused;
        self.open_by_refusal += other.open_by_refusal;
        self.pages += other.pages;
        self.over += other.over;
        self.over_in_silence += other.over_in_silence;
        self.in_doubt += other.in_doubt;
        self.forgotten += other.forgotten;
        self.let_go += other.let_go;
    }

    /// A simulation in which something never happens shows nothing about it.
    pub(crate) fn assert_everything_happened(&self) {
        let counts = [
            ("admitted", self.admitted),
            ("not admitted", self.not_admitted),
            ("relayed", self.relayed),
            ("fenced", self.fenced),
            ("held behind a gate", self.held),
            ("confirmed", self.confirmed),
            ("refused", self.refused),
            ("open by refusals", self.open_by_refusal),
            ("more than one page", self.pages),
            ("over", self.over),
            ("over in silence", self.over_in_silence),
            ("in doubt", self.in_doubt),
            ("forgotten", self.forgotten),
            ("let go", self.let_go),
        ];
        for (what, count) in counts {
            assert!(count > 0, "never: {what}");
        }
    }
}
