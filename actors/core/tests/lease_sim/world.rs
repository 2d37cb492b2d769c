//! The world: what happens when, who stands still, and what is lost on the way.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use bus_schemas::id::EdgeId;
use bus_schemas::time::Millis;

use super::database::Database;
use super::edge::{Edge, ToEdge};
use super::replica::{Job, Replica, Revocation, ToReplica};
use crate::chance::Chance;

/// Microseconds of the world's own time.
pub(crate) type Micros = u64;
/// A millisecond of it.
pub(crate) const MS: Micros = 1_000;

const EDGES: usize = 3;
const REPLICAS: usize = 2;
/// How long a world lasts.
const END: Micros = 30_000 * MS;
/// Clocks run faster or slower by at most this many millionths.
const DRIFT_MAX: u64 = 10_000;
/// An edge notices the end of its line by then.
const NOTICED_WITHIN: Micros = 4_500 * MS;

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
    ForgetsAtOnce,
    ReadsBeforeNoting,
    MarksTheNewest,
    MarksTheLastPage,
    CountsFromArrival,
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

enum Action {
    /// In the process of an edge; what came over a line that has ended is lost.
    Edge {
        at: usize,
        id: EdgeId,
        line: Option<u64>,
        event: ToEdge,
    },
    Replica {
        at: usize,
        event: ToReplica,
    },
    /// At the bus.
    Bus {
        from: usize,
        id: EdgeId,
        line: u64,
        said: Said,
    },
    /// Somebody does something, or something goes wrong.
    Turn,
    /// The line of an edge is made anew.
    Connect {
        at: usize,
        id: EdgeId,
    },
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
    pub(crate) is_revoking: BTreeSet<Token>,
    pub(crate) returned: BTreeMap<Token, Micros>,
    pub(crate) tally: Tally,
    queue: BinaryHeap<Due>,
    next_action: u64,
    next_line: u64,
    next_token: u64,
    troubles: u64,
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
        let replica = |chance: &mut Chance| Replica {
            clock: Clock::new(chance),
            frozen_until: 0,
            down_until: 0,
            away_until: 0,
        };
        let replicas = (0..REPLICAS).map(|_| replica(&mut chance)).collect();
        // Some worlds are calm, in others something is always wrong.
        let troubles = [8, 30, 100][usize::try_from(seed % 3).unwrap_or(0)];
        let mut world = Self {
            now: 0,
            chance,
            fault,
            database: Database::default(),
            edges: Vec::new(),
            replicas,
            revocations: Vec::new(),
            is_revoking: BTreeSet::new(),
            returned: BTreeMap::new(),
            tally: Tally::default(),
            queue: BinaryHeap::new(),
            next_action: 0,
            next_line: 0,
            next_token: 0,
            troubles,
        };
        for at in 0..EDGES {
            let edge = world.started();
            world.edges.push(edge);
            world.tell_process(at, 0, ToEdge::Tick);
        }
        world.at(0, Action::Turn);
        world
    }

    fn started(&mut self) -> Edge {
        self.next_line += 1;
        let clock = Clock::new(&mut self.chance);
        Edge::start(EdgeId::from_bytes(self.chance.bytes()), clock, self.now, self.next_line)
    }

    pub(crate) fn returned_at(&self, token: Token) -> Option<Micros> {
        self.returned.get(&token).copied()
    }

    fn at(&mut self, when: Micros, action: Action) {
        let number = self.next_action;
        self.next_action += 1;
        self.queue.push(Due { when, number, action });
    }

    pub(crate) fn tell_process(&mut self, at: usize, when: Micros, event: ToEdge) {
        let id = self.edges[at].id;
        self.at(when, Action::Edge { at, id, line: None, event });
    }

    pub(crate) fn tell_replica(&mut self, at: usize, when: Micros, event: ToReplica) {
        self.at(when, Action::Replica { at, event });
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
                if self.now < edge.frozen_until {
                    // What waits in the socket is read in order; anything else may come before.
                    let thaws_at = edge.thaws_at;
                    let jitter = self.chance.below(2 * MS);
                    let when = if line.is_some() { thaws_at } else { edge_thaw(thaws_at, jitter) };
                    self.at(when, Action::Edge { at, id, line, event });
                    return Ok(());
                }
                self.at_edge(at, event)
            }
            Action::Replica { at, event } => {
                let frozen_until = self.replicas[at].frozen_until;
                if self.now < frozen_until {
                    self.tell_replica(at, frozen_until, event);
                } else {
                    self.at_replica(at, event);
                }
                Ok(())
            }
            Action::Bus { from, id, line, said } => {
                self.at_bus(from, id, line, &said);
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

    fn at_bus(&mut self, from: usize, id: EdgeId, line: u64, said: &Said) {
        // Bytes that were read before a line broke are still understood.
        match *said {
            Said::AsksLease { number, mark, after } => {
                let up: Vec<usize> = (0..REPLICAS)
                    .filter(|replica| self.replicas[*replica].down_until <= self.now)
                    .collect();
                let Some(replica) = self.chance.pick(&up) else {
                    return self.tell_edge(from, line, ToEdge::Refused { number });
                };
                let job = Job { edge: from, id, line, number, asked: mark, after, mark: 0 };
                let when = self.now + self.latency();
                self.tell_replica(replica, when, ToReplica::Note(job));
            }
            Said::Applied { telling, edge } => {
                let when = self.now + self.latency();
                let replica = self.revocations[telling].replica;
                self.tell_replica(replica, when, ToReplica::Applied { telling, edge });
            }
            Said::Delivery { token, to } => {
                let line = self.edges[to].line.number;
                self.tell_edge(to, line, ToEdge::Delivered { token });
            }
        }
    }

    /// Somebody does something.
    fn turn(&mut self) {
        let edge = self.any_edge();
        let now = self.now;
        match self.chance.below(100) {
            0..12 => {
                let token = Token(self.next_token);
                self.next_token += 1;
                self.is_revoking.insert(token);
                let replica = self.any_replica();
                self.tell_replica(replica, now, ToReplica::Begin { token });
            }
            12..50 => {
                if let Some(token) = self.any_token() {
                    self.tell_process(edge, now, ToEdge::Shown { token });
                }
            }
            50..90 => {
                if let Some(token) = self.any_token() {
                    let to = self.any_edge();
                    self.tell_process(edge, now, ToEdge::Heard { token, to });
                }
            }
            _ => {
                if self.chance.below(100) < self.troubles {
                    self.trouble(edge);
                }
            }
        }
    }

    fn trouble(&mut self, edge: usize) {
        let most = if self.chance.one_in(4) { 9_000 } else { 3_500 };
        let long = 1 + self.chance.below(most);
        let until = self.now + long * MS;
        let replica = self.any_replica();
        match self.chance.below(12) {
            0..3 => {
                self.edges[edge].frozen_until = until;
                self.edges[edge].thaws_at = edge_thaw(until, self.chance.below(2 * MS));
            }
            3 => self.replicas[replica].frozen_until = until,
            4 => self.replicas[replica].down_until = until,
            5 => self.replicas.iter_mut().for_each(|replica| replica.down_until = until),
            6 => self.replicas[replica].away_until = until,
            7 => self.replicas.iter_mut().for_each(|replica| replica.away_until = until),
            8 | 9 => self.edges[edge].line.stalled_until = until.min(self.now + NOTICED_WITHIN),
            10 => self.cut(edge),
            _ => {
                let started = self.started();
                self.edges[edge] = started;
                self.tell_process(edge, self.now, ToEdge::Tick);
            }
        }
    }

    /// The line of an edge ends: what was on its way is lost.
    fn cut(&mut self, at: usize) {
        self.next_line += 1;
        let line = &mut self.edges[at].line;
        line.number = self.next_line;
        line.is_whole = false;
        let noticed = self.now + self.chance.below(NOTICED_WITHIN);
        self.tell_process(at, noticed, ToEdge::Away);
        let back = noticed + self.chance.below(3_000 * MS);
        let id = self.edges[at].id;
        self.at(back, Action::Connect { at, id });
    }

    /// An edge has a line again, and listens; it hears of that before anything else.
    fn connect(&mut self, at: usize) {
        let now = self.now;
        let frozen_until = self.edges[at].frozen_until;
        if now < frozen_until {
            let id = self.edges[at].id;
            return self.at(frozen_until, Action::Connect { at, id });
        }
        let line = &mut self.edges[at].line;
        line.is_whole = true;
        line.is_noticed = false;
        line.stalled_until = 0;
        (line.down_after, line.up_after) = (now, now);
        self.tell_process(at, now, ToEdge::Back);
    }

    fn any_edge(&mut self) -> usize {
        usize::try_from(self.chance.below(EDGES as u64)).unwrap_or(0)
    }

    fn any_replica(&mut self) -> usize {
        usize::try_from(self.chance.below(REPLICAS as u64)).unwrap_or(0)
    }

    /// A token that is being revoked, or was: the younger, the more often.
    fn any_token(&mut self) -> Option<Token> {
        let all = self.next_token;
        let back = if self.chance.one_in(4) { all } else { all.min(12) };
        (back > 0).then(|| Token(all - 1 - self.chance.below(back)))
    }
}

fn edge_thaw(frozen_until: Micros, jitter: Micros) -> Micros {
    frozen_until + jitter
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
            ("forgotten", self.forgotten),
            ("let go", self.let_go),
        ];
        for (what, count) in counts {
            assert!(count > 0, "never: {what}");
        }
    }
}
