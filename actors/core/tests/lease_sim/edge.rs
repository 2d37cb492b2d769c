//! An edge: the machine under test, what it knows, and its line to the bus.

use std::collections::{BTreeMap, BTreeSet};

use actors_core::auth::lease::{Effect, Event, Lease};
use bus_schemas::id::EdgeId;
use bus_schemas::limit::{LEASE_MS, LEASE_WAIT_MS};

use super::database::Page;
use super::world::{Clock, Fault, MS, Micros, Said, Token, World};

/// Something happens in the process of an edge.
#[derive(Clone, Debug)]
pub(crate) enum ToEdge {
    /// A page of a lease came; the mark is that of this page.
    Leased { number: u64, mark: i64, page: Page },
    /// There is no lease.
    Refused { number: u64 },
    /// A call was given up.
    GivenUp { number: u64 },
    /// A revocation is told.
    Revoked { telling: usize, token: Token },
    /// It applies what it has answered already: only if that fault is planted.
    Applies { token: Token },
    /// The end of its line is noticed.
    Away,
    /// There is another line.
    Back,
    /// The machine wanted to be woken.
    Tick,
    /// Somebody shows a token.
    Shown { token: Token },
    /// A client whose Session stands on this token says something to somebody at that edge.
    Heard { token: Token, to: usize },
    /// What somebody said comes to its receiver here.
    Delivered { token: Token },
}

/// One edge.
pub(crate) struct Edge {
    pub(crate) id: EdgeId,
    pub(crate) clock: Clock,
    pub(crate) frozen_until: Micros,
    /// When what waited in its socket is read after a freeze.
    pub(crate) thaws_at: Micros,
    pub(crate) line: Line,
    lease: Lease,
    ended: BTreeSet<Token>,
    /// Marks of first pages, by call.
    marks: BTreeMap<u64, i64>,
    /// What calls asked from.
    asked: BTreeMap<u64, Option<i64>>,
    ticks_at: Option<Micros>,
    /// The mark of a lease that has arrived, if it is to count from then.
    arrived: Option<i64>,
}

/// The line between a process and the bus.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) is_whole: bool,
    /// Whether the process knows that it is not.
    pub(crate) is_noticed: bool,
    /// Nothing passes before.
    pub(crate) stalled_until: Micros,
    /// What is said next arrives after what was said before.
    pub(crate) down_after: Micros,
    pub(crate) up_after: Micros,
}

impl Line {
    pub(crate) fn new(number: u64, now: Micros) -> Self {
        Self {
            number,
            is_whole: true,
            is_noticed: false,
            stalled_until: 0,
            down_after: now,
            up_after: now,
        }
    }

    /// It ends, and the next one will have this number.
    pub(crate) fn cut(&mut self, next: u64) {
        self.number = next;
        self.is_whole = false;
    }

    /// What is said over a line of this number comes through.
    pub(crate) fn carries(&self, number: u64) -> bool {
        self.is_whole && self.number == number
    }
}

impl Edge {
    pub(crate) fn start(id: EdgeId, clock: Clock, now: Micros, line: u64) -> Self {
        let line = Line::new(line, now);
        Self {
            id,
            clock,
            frozen_until: 0,
            thaws_at: 0,
            line,
            lease: Lease::new(clock.local(now)),
            ended: BTreeSet::new(),
            marks: BTreeMap::new(),
            asked: BTreeMap::new(),
            ticks_at: None,
            arrived: None,
        }
    }

    fn is_fresh(&self, now: Micros) -> bool {
        self.clock.local(now) < self.lease.fresh_until()
    }

    pub(crate) fn is_open(&self, now: Micros) -> bool {
        self.clock.local(now) < self.lease.open_until()
    }
}

impl World {
    /// Something happens at an edge that does not stand still.
    pub(crate) fn at_edge(&mut self, at: usize, event: ToEdge) -> Result<(), String> {
        match event {
            ToEdge::Leased { number, mark, page } => self.leased(at, number, mark, &page),
            ToEdge::Refused { number } => self.refused(at, number),
            ToEdge::GivenUp { number } => self.drive(at, Event::Lost { number }),
            ToEdge::Revoked { telling, token } => self.revoked(at, telling, token),
            ToEdge::Applies { token } => {
                self.edges[at].ended.insert(token);
            }
            ToEdge::Away => {
                let line = &mut self.edges[at].line;
                line.is_noticed = !line.is_whole;
                self.drive_missed(at);
            }
            ToEdge::Back => self.drive_missed(at),
            ToEdge::Tick => {
                self.edges[at].ticks_at = None;
                self.drive(at, Event::Tick);
            }
            ToEdge::Shown { token } => return self.shown(at, token),
            ToEdge::Heard { token, to } => self.heard(at, token, to),
            ToEdge::Delivered { token } => return self.delivered(at, token),
        }
        Ok(())
    }

    fn leased(&mut self, at: usize, number: u64, mark: i64, page: &Page) {
        let is_last_page_marked = self.fault == Fault::MarksTheLastPage;
        let edge = &mut self.edges[at];
        let Some(asked) = edge.asked.get(&number).copied() else { return };
        edge.ended.extend(&page.tokens);
        let first = *edge.marks.entry(number).or_insert(mark);
        if page.next.is_some() {
            self.tally.pages += 1;
            return self.ask(at, number, asked, page.next);
        }
        edge.asked.remove(&number);
        edge.marks.remove(&number);
        let mark = if is_last_page_marked { mark } else { first };
        self.tally.confirmed += 1;
        if self.fault == Fault::CountsFromArrival {
            self.edges[at].arrived = Some(mark);
            return self.drive(at, Event::Tick);
        }
        self.drive(at, Event::Confirmed { number, mark });
    }

    fn refused(&mut self, at: usize, number: u64) {
        let (was_open, now) = (self.edges[at].is_open(self.now), self.now);
        if self.fault == Fault::RefusalsOpen && !was_open {
            // As if it had confirmed that nothing is new.
            let mark = self.edges[at].asked.get(&number).copied().flatten();
            return self.drive(at, Event::Confirmed { number, mark: mark.unwrap_or(0) });
        }
        self.drive(at, Event::Refused { number });
        self.tally.refused += 1;
        self.tally.open_by_refusal +=
            u64::from(self.edges[at].is_open(now) && !self.edges[at].is_fresh(now));
    }

    fn revoked(&mut self, at: usize, telling: usize, token: Token) {
        if self.fault == Fault::AnswersBeforeApplying {
            let later = self.now + self.chance.below(2 * LEASE_MS * MS);
            self.tell_process(at, later, ToEdge::Applies { token });
        } else {
            self.edges[at].ended.insert(token);
        }
        let edge = self.edges[at].id;
        self.say(at, Said::Applied { telling, edge });
    }

    fn drive_missed(&mut self, at: usize) {
        if self.fault == Fault::ForgetsWhatItMissed {
            self.drive(at, Event::Tick);
        } else {
            self.drive(at, Event::Missed);
        }
    }

    pub(crate) fn drive(&mut self, at: usize, event: Event) {
        let now = self.edges[at].clock.local(self.now);
        self.edges[at].lease.handle(now, event);
        while let Some(effect) = self.edges[at].lease.next_effect() {
            match effect {
                Effect::Ask { number, mark } => {
                    self.edges[at].asked.insert(number, mark);
                    self.ask(at, number, mark, None);
                    // Only if it counts from the arrival: the call that is sent next is confirmed
                    // by what came before.
                    if let Some(mark) = self.edges[at].arrived.take() {
                        self.edges[at].lease.handle(now, Event::Confirmed { number, mark });
                    }
                }
                Effect::LetGo => self.tally.let_go += 1,
                Effect::TellOpen | Effect::TellShut | Effect::SayLeaving => {}
            }
        }
        self.wake(at);
    }

    fn wake(&mut self, at: usize) {
        let edge = &mut self.edges[at];
        let Some(deadline) = edge.lease.deadline() else { return };
        let due = edge.clock.when(deadline).max(self.now);
        if edge.ticks_at.is_none_or(|ticks_at| due < ticks_at) {
            edge.ticks_at = Some(due);
            self.tell_process(at, due, ToEdge::Tick);
        }
    }

    fn ask(&mut self, at: usize, number: u64, mark: Option<i64>, after: Option<i64>) {
        let line = &self.edges[at].line;
        if line.is_noticed {
            let soon = self.now + 1;
            return self.tell_process(at, soon, ToEdge::GivenUp { number });
        }
        let gives_up_at = self.now + LEASE_WAIT_MS * MS;
        self.tell_process(at, gives_up_at, ToEdge::GivenUp { number });
        self.say(at, Said::AsksLease { number, mark, after });
    }

    fn shown(&mut self, at: usize, token: Token) -> Result<(), String> {
        let edge = &self.edges[at];
        if !edge.is_fresh(self.now) || edge.ended.contains(&token) {
            self.tally.not_admitted += 1;
            return Ok(());
        }
        self.tally.admitted += 1;
        match self.returned_at(token) {
            Some(then) if then <= self.now => {
                let late = (self.now - then) / MS;
                Err(format!("edge {at} admitted {token:?} {late} ms after revoke had returned"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Only what is read through an open gate is said: the Session may not know yet.
    fn heard(&mut self, at: usize, token: Token, to: usize) {
        if self.edges[at].is_open(self.now) && !self.edges[at].line.is_noticed {
            self.say(at, Said::Delivery { token, to });
        }
    }

    fn delivered(&mut self, at: usize, token: Token) -> Result<(), String> {
        let edge = &self.edges[at];
        if !edge.is_open(self.now) && self.fault != Fault::HearsBehindAShutGate {
            let later = self.now + (1 + self.chance.below(50)) * MS;
            self.tally.held += 1;
            self.tell_process(at, later, ToEdge::Delivered { token });
            return Ok(());
        }
        if edge.ended.contains(&token) && self.fault != Fault::PassesOnWhatHasEnded {
            self.tally.fenced += 1;
            return Ok(());
        }
        self.tally.relayed += 1;
        match self.returned_at(token) {
            Some(then) if then <= self.now => {
                let late = (self.now - then) / MS;
                Err(format!("edge {at} passed on {token:?} {late} ms after revoke had returned"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
