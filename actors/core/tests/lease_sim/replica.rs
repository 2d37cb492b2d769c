//! An auth replica: it answers leases in three steps, and tells what it revokes.

use actors_core::auth::telling::Telling;
use bus_schemas::id::EdgeId;
use bus_schemas::limit::REVOKED_WAIT_MS;

use super::edge::ToEdge;
use super::world::{Clock, Fault, MS, Micros, Token, World};

/// An edge has gone that was not noted for this long.
const UNSEEN: Micros = 2 * REVOKED_WAIT_MS * MS;

/// One replica.
pub(crate) struct Replica {
    pub(crate) clock: Clock,
    pub(crate) frozen_until: Micros,
    /// It does not listen.
    pub(crate) down_until: Micros,
    /// Its store fails.
    pub(crate) away_until: Micros,
}

/// A lease that is being answered.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) edge: usize,
    pub(crate) id: EdgeId,
    pub(crate) line: u64,
    pub(crate) number: u64,
    pub(crate) asked: Option<i64>,
    pub(crate) after: Option<i64>,
    pub(crate) mark: i64,
}

/// A revocation that is being told.
pub(crate) struct Revocation {
    pub(crate) replica: usize,
    pub(crate) token: Token,
    pub(crate) telling: Option<Telling>,
    pub(crate) is_over: bool,
}

/// Something happens at a replica.
#[derive(Clone, Debug)]
pub(crate) enum ToReplica {
    Note(Job),
    Mark(Job),
    Read(Job),
    Begin { token: Token },
    Commit { txid: i64, telling: usize },
    Committed { telling: usize },
    List { telling: usize },
    Applied { telling: usize, edge: EdgeId },
    Late { telling: usize },
    Forget { edges: Vec<EdgeId> },
}

impl World {
    /// Something happens at a replica that does not stand still.
    pub(crate) fn at_replica(&mut self, at: usize, event: ToReplica) {
        match event {
            ToReplica::Note(job) => self.note(at, job),
            ToReplica::Mark(job) => self.mark(at, job),
            ToReplica::Read(job) => self.read(&job),
            ToReplica::Begin { token } => self.begin(at, token),
            ToReplica::Commit { txid, telling } => {
                self.database.commit(txid);
                let later = self.soon();
                self.tell_replica(at, later, ToReplica::Committed { telling });
            }
            ToReplica::Committed { telling } => self.committed(at, telling),
            ToReplica::List { telling } => self.list(telling),
            ToReplica::Applied { telling, edge } => {
                if let Some(telling) = &mut self.revocations[telling].telling {
                    telling.heard(edge);
                }
                self.judge(telling);
            }
            ToReplica::Late { telling } => self.judge(telling),
            ToReplica::Forget { edges } => {
                self.tally.forgotten += 1;
                self.database.forget(&edges, self.now.saturating_sub(UNSEEN));
            }
        }
    }

    fn note(&mut self, at: usize, mut job: Job) {
        if self.now < self.replicas[at].away_until {
            let (edge, line, number) = (job.edge, job.line, job.number);
            return self.tell_edge(edge, line, ToEdge::Refused { number });
        }
        let later = self.soon();
        if self.fault == Fault::ReadsBeforeNoting {
            job.mark = self.database.mark();
            let page = self.database.page(job.asked, job.after);
            self.give(&job, page);
            self.database.note(job.id, later);
            return;
        }
        self.database.note(job.id, self.now);
        self.tell_replica(at, later, ToReplica::Mark(job));
    }

    fn mark(&mut self, at: usize, mut job: Job) {
        let is_newest = self.fault == Fault::MarksTheNewest;
        job.mark = if is_newest { self.database.newest() } else { self.database.mark() };
        let later = self.soon();
        self.tell_replica(at, later, ToReplica::Read(job));
    }

    fn read(&mut self, job: &Job) {
        let page = self.database.page(job.asked, job.after);
        self.give(job, page);
    }

    fn give(&mut self, job: &Job, page: super::database::Page) {
        let (number, mark) = (job.number, job.mark);
        self.tell_edge(job.edge, job.line, ToEdge::Leased { number, mark, page });
    }

    fn begin(&mut self, at: usize, token: Token) {
        if self.now < self.replicas[at].away_until {
            self.is_revoking.remove(&token);
            return;
        }
        let telling = self.revocations.len();
        self.revocations.push(Revocation { replica: at, token, telling: None, is_over: false });
        let txid = self.database.insert(token);
        if self.fault == Fault::ListsBeforeCommit {
            let mut early = Telling::new(self.replicas[at].clock.local(self.now));
            early.listed(self.database.edges(0));
            self.revocations[telling].telling = Some(early);
        }
        let later = self.soon() + self.chance.below(3) * self.chance.below(400 * MS);
        self.tell_replica(at, later, ToReplica::Commit { txid, telling });
    }

    fn committed(&mut self, at: usize, telling: usize) {
        let clock = self.replicas[at].clock;
        let mut started = Telling::new(clock.local(self.now));
        if let Some(early) = self.revocations[telling].telling.take() {
            started = early;
        } else {
            let later = self.soon();
            self.tell_replica(at, later, ToReplica::List { telling });
        }
        let is_too_short = self.fault == Fault::WaitsTooShort;
        let shorter = clock.local(self.now).plus(REVOKED_WAIT_MS / 2);
        let late = if is_too_short { shorter } else { started.deadline() };
        self.revocations[telling].telling = Some(started);
        let token = self.revocations[telling].token;
        for edge in 0..self.edges.len() {
            let line = self.edges[edge].line.number;
            self.tell_edge(edge, line, ToEdge::Revoked { telling, token });
        }
        let late = clock.when(late).max(self.now);
        self.tell_replica(at, late, ToReplica::Late { telling });
        self.judge(telling);
    }

    fn list(&mut self, telling: usize) {
        let is_lately = self.fault == Fault::ListsWhoWasSeenLately;
        let since = if is_lately { self.now.saturating_sub(UNSEEN) } else { 0 };
        let edges = self.database.edges(since);
        if let Some(telling) = &mut self.revocations[telling].telling {
            telling.listed(edges);
        }
        self.judge(telling);
    }

    /// Whether a revocation is over; then it returns.
    fn judge(&mut self, number: usize) {
        let revocation = &mut self.revocations[number];
        let (Some(telling), false) = (&revocation.telling, revocation.is_over) else { return };
        let at = revocation.replica;
        let now = self.replicas[at].clock.local(self.now);
        let is_too_short = self.fault == Fault::WaitsTooShort;
        let judged = if is_too_short { now.plus(REVOKED_WAIT_MS / 2) } else { now };
        if !telling.is_over(judged) {
            return;
        }
        let gone = telling.gone(judged);
        revocation.is_over = true;
        let token = revocation.token;
        self.returned.insert(token, self.now);
        self.tally.over += 1;
        if gone.is_empty() {
            return;
        }
        self.tally.over_in_silence += 1;
        let wait = if self.fault == Fault::ForgetsAtOnce { 0 } else { REVOKED_WAIT_MS };
        let later = self.replicas[at].clock.when(now.plus(wait)).max(self.now);
        self.tell_replica(at, later, ToReplica::Forget { edges: gone });
    }

    /// Moments from here, and now and then much later.
    fn soon(&mut self) -> Micros {
        let most = if self.chance.one_in(20) { 300 * MS } else { 5 * MS };
        self.now + 1 + self.chance.below(most)
    }
}
