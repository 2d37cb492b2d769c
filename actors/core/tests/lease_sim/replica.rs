//! An auth replica: it answers leases in three steps, and tells what it revokes.

use actors_core::auth::telling::Telling;
use bus_schemas::id::EdgeId;
use bus_schemas::limit::REVOKED_WAIT_MS;
use bus_schemas::time::Millis;

use super::edge::{Line, ToEdge};
use super::world::{Asks, Clock, Fault, MS, Micros, Token, World};

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
    pub(crate) line: Line,
}

impl Replica {
    pub(crate) fn start(clock: Clock) -> Self {
        Self { clock, frozen_until: 0, down_until: 0, away_until: 0, line: Line::new(0, 0) }
    }

    /// Whether the bus hands questions to it.
    pub(crate) fn listens(&self, now: Micros) -> bool {
        self.line.is_whole && self.down_until <= now
    }
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
    pub(crate) telling: Telling,
    /// When it was committed, by the clock of the replica; absent before.
    committed: Option<Millis>,
    /// Whether the end of its wait will be noticed.
    is_timed: bool,
    pub(crate) is_over: bool,
}

/// Something happens at a replica.
#[derive(Clone, Debug)]
pub(crate) enum ToReplica {
    Note(Job),
    /// Only if it reads first.
    NoteLate {
        edge: EdgeId,
    },
    Mark(Job),
    Read(Job),
    Begin {
        token: Token,
    },
    Commit {
        txid: i64,
        telling: usize,
    },
    Committed {
        telling: usize,
    },
    Told {
        telling: usize,
    },
    List {
        telling: usize,
    },
    Applied {
        telling: usize,
        edge: EdgeId,
    },
    Late {
        telling: usize,
    },
    /// These were silent for the whole wait, and that is long ago.
    Forget {
        telling: usize,
        silent: Vec<EdgeId>,
    },
    /// Whatever has come for it before is there.
    Settled {
        telling: usize,
    },
    /// The end of its line is noticed.
    Away,
    /// There is another line.
    Back,
}

impl World {
    /// Something happens at a replica that does not stand still.
    pub(crate) fn at_replica(&mut self, at: usize, event: ToReplica) {
        match event {
            ToReplica::Note(job) => self.note(at, job),
            ToReplica::NoteLate { edge } => self.database.note(edge, self.now),
            ToReplica::Mark(job) => self.mark(at, job),
            ToReplica::Read(job) => self.read(at, &job),
            ToReplica::Begin { token } => self.begin(at, token),
            ToReplica::Commit { txid, telling } => {
                self.database.commit(txid);
                let later = self.soon();
                self.tell_replica(at, later, ToReplica::Committed { telling });
            }
            ToReplica::Committed { telling } => self.committed(at, telling),
            ToReplica::Told { telling } => self.told(at, telling),
            ToReplica::List { telling } => self.list(telling),
            ToReplica::Applied { telling, edge } => {
                let now = self.replicas[at].clock.local(self.now);
                self.revocations[telling].telling.heard(edge, now);
                self.told(at, telling);
            }
            ToReplica::Late { telling } => self.judge(telling),
            ToReplica::Forget { silent, .. } if self.fault == Fault::ForgetsWhoseAnswerIsLost => {
                self.forget(&silent);
            }
            ToReplica::Forget { telling, .. } => {
                let when = self.soon();
                self.ask_bus(at, when, Asks::Echo { telling });
            }
            ToReplica::Settled { telling } => {
                let now = self.replicas[at].clock.local(self.now);
                let gone = self.revocations[telling].telling.gone(now);
                self.forget(&gone);
            }
            ToReplica::Away => self.lose_answers(at),
            ToReplica::Back => {
                let line = &mut self.replicas[at].line;
                *line = Line::new(line.number, self.now);
            }
        }
    }

    fn forget(&mut self, gone: &[EdgeId]) {
        self.tally.forgotten += u64::from(!gone.is_empty());
        self.database.forget(gone, self.now.saturating_sub(UNSEEN));
    }

    /// The end of its line is noticed: what was on its way is lost, and it looks for another.
    fn lose_answers(&mut self, at: usize) {
        self.replicas[at].line.is_noticed = true;
        let back = self.now + self.chance.below(3_000 * MS);
        self.tell_replica(at, back, ToReplica::Back);
        let is_told = |each: &&mut Revocation| each.replica == at && each.committed.is_some();
        for each in self.revocations.iter_mut().filter(is_told) {
            each.telling.lost();
            self.tally.in_doubt += u64::from(!each.is_over && each.telling.is_lost());
        }
    }

    fn note(&mut self, at: usize, mut job: Job) {
        if self.now < self.replicas[at].away_until {
            let number = job.number;
            return self.give(at, &job, ToEdge::Refused { number });
        }
        let later = self.soon();
        if self.fault == Fault::ReadsBeforeNoting {
            job.mark = self.database.mark();
            self.read(at, &job);
            let much_later = later + self.chance.below(500 * MS);
            return self.tell_replica(at, much_later, ToReplica::NoteLate { edge: job.id });
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

    fn read(&mut self, at: usize, job: &Job) {
        let page = self.database.page(job.asked, job.after);
        let (number, mark) = (job.number, job.mark);
        self.give(at, job, ToEdge::Leased { number, mark, page });
    }

    fn give(&mut self, at: usize, job: &Job, answer: ToEdge) {
        if self.replicas[at].line.is_whole {
            self.tell_edge(job.edge, job.line, answer);
        }
    }

    fn begin(&mut self, at: usize, token: Token) {
        if self.now < self.replicas[at].away_until {
            return;
        }
        let number = self.revocations.len();
        let mut telling = Telling::default();
        if self.fault == Fault::ListsBeforeCommit {
            telling.listed(self.database.edges(0));
        }
        let (replica, committed) = (at, None);
        let (is_timed, is_over) = (false, false);
        let begun = Revocation { replica, token, telling, committed, is_timed, is_over };
        self.revocations.push(begun);
        let txid = self.database.insert(token);
        let later = self.soon() + self.chance.below(3) * self.chance.below(400 * MS);
        self.tell_replica(at, later, ToReplica::Commit { txid, telling: number });
    }

    /// It is committed: who is there, and everybody is to be told. The line to the bus may be slow.
    fn committed(&mut self, at: usize, telling: usize) {
        let now = self.replicas[at].clock.local(self.now);
        self.revocations[telling].committed = Some(now);
        if self.replicas[at].line.is_noticed {
            self.revocations[telling].telling.lost();
            self.tally.in_doubt += 1;
        }
        if self.fault != Fault::ListsBeforeCommit {
            let later = self.soon();
            self.tell_replica(at, later, ToReplica::List { telling });
        }
        let slow = if self.chance.one_in(5) { self.chance.below(3_500 * MS) } else { 0 };
        let at_the_bus = self.soon() + slow;
        self.ask_bus(at, at_the_bus, Asks::Revocation { telling });
        if self.fault == Fault::CountsFromCommit {
            self.told(at, telling);
        }
    }

    /// The bus has it. An echo came back, or an answer.
    fn told(&mut self, at: usize, number: usize) {
        let revocation = &mut self.revocations[number];
        let now = self.replicas[at].clock.local(self.now);
        let told = match self.fault {
            Fault::CountsFromCommit => revocation.committed.unwrap_or(now),
            Fault::WaitsTooShort => Millis(now.0.saturating_sub(REVOKED_WAIT_MS / 2)),
            Fault::None
            | Fault::ListsBeforeCommit
            | Fault::ListsWhoWasSeenLately
            | Fault::ReadsBeforeNoting
            | Fault::MarksTheNewest
            | Fault::MarksTheLastPage
            | Fault::CountsFromArrival
            | Fault::ForgetsWhoseAnswerIsLost
            | Fault::AnswersBeforeApplying
            | Fault::PassesOnWhatHasEnded
            | Fault::HearsBehindAShutGate
            | Fault::RefusalsOpen
            | Fault::ForgetsWhatItMissed => now,
        };
        revocation.telling.told(told);
        if let Some(late) = revocation.telling.deadline()
            && !std::mem::replace(&mut revocation.is_timed, true)
        {
            let late = self.replicas[at].clock.when(late).max(self.now);
            self.tell_replica(at, late, ToReplica::Late { telling: number });
        }
        self.judge(number);
    }

    fn list(&mut self, telling: usize) {
        let is_lately = self.fault == Fault::ListsWhoWasSeenLately;
        let since = if is_lately { self.now.saturating_sub(UNSEEN) } else { 0 };
        let edges = self.database.edges(since);
        self.revocations[telling].telling.listed(edges);
        self.judge(telling);
    }

    /// Whether a revocation is over; then it returns.
    fn judge(&mut self, number: usize) {
        let revocation = &mut self.revocations[number];
        let at = revocation.replica;
        let now = self.replicas[at].clock.local(self.now);
        if revocation.is_over || !revocation.telling.is_over(now) {
            return;
        }
        let gone = revocation.telling.gone(now);
        revocation.is_over = true;
        let token = revocation.token;
        self.returned.insert(token, self.now);
        self.tally.over += 1;
        if !gone.is_empty() {
            self.tally.over_in_silence += 1;
            let later = self.replicas[at].clock.when(now.plus(REVOKED_WAIT_MS)).max(self.now);
            self.tell_replica(at, later, ToReplica::Forget { telling: number, silent: gone });
        }
    }

    /// Moments from here, and now and then much later.
    fn soon(&mut self) -> Micros {
        let most = if self.chance.one_in(20) { 300 * MS } else { 5 * MS };
        self.now + 1 + self.chance.below(most)
    }
}
