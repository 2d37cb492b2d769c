//! What people do in a world, and what goes wrong in it.

use super::edge::ToEdge;
use super::replica::ToReplica;
use super::world::{Action, EDGES, MS, Micros, REPLICAS, Token, World};

/// An edge notices the end of its line by then.
const NOTICED_WITHIN: Micros = 4_500 * MS;

/// What a world is like.
#[derive(Clone, Copy)]
pub(crate) struct Mood {
    /// In how many of a hundred turns somebody is revoked, and in how many something goes wrong.
    revoked: u64,
    troubled: u64,
    troubles: &'static [Trouble],
}

/// What may go wrong.
#[derive(Clone, Copy)]
enum Trouble {
    /// An edge stands still.
    Frozen,
    ReplicaFrozen,
    /// A replica does not listen.
    ReplicaDown,
    AllDown,
    /// A replica's store fails.
    StoreAway,
    AllAway,
    /// Nothing passes over the line of an edge, and nothing is lost.
    Stalled,
    /// The line of an edge ends, and what was on its way is lost.
    Cut,
    /// The same for a replica.
    ReplicaCut,
    /// An edge begins anew.
    Restarted,
}

use Trouble::{
    AllAway, AllDown, Cut, Frozen, ReplicaCut, ReplicaDown, ReplicaFrozen, Restarted, Stalled,
    StoreAway,
};

const ANYTHING: &[Trouble] = &[
    Frozen,
    Frozen,
    Frozen,
    ReplicaFrozen,
    ReplicaDown,
    AllDown,
    StoreAway,
    AllAway,
    Stalled,
    Stalled,
    Cut,
    ReplicaCut,
    Restarted,
];

const MOODS: [Mood; 8] = [
    // Calm, rough and stormy.
    Mood { revoked: 12, troubled: 1, troubles: ANYTHING },
    Mood { revoked: 12, troubled: 3, troubles: ANYTHING },
    Mood { revoked: 12, troubled: 10, troubles: ANYTHING },
    // Edges come and go.
    Mood { revoked: 20, troubled: 10, troubles: &[Restarted, Restarted, Frozen, Stalled, Cut] },
    // Many are revoked at once, over bad lines.
    Mood { revoked: 40, troubled: 4, troubles: &[Cut, Cut, Stalled, Frozen] },
    // Edges that were away ask for much, while replicas stand still over what they tell.
    Mood { revoked: 6, troubled: 2, troubles: &[Restarted, Cut, Cut, ReplicaFrozen] },
    // Half of auth has no database.
    Mood {
        revoked: 12,
        troubled: 4,
        troubles: &[StoreAway, StoreAway, StoreAway, ReplicaCut, ReplicaCut, Cut],
    },
    // Auth comes and goes, and lines with it.
    Mood { revoked: 20, troubled: 6, troubles: &[AllAway, AllDown, Cut, Stalled] },
];

impl Mood {
    /// Each world has one.
    pub(crate) fn of(seed: u64) -> Self {
        MOODS[usize::try_from(seed % 8).unwrap_or(0)]
    }
}

impl World {
    /// Somebody does something.
    pub(crate) fn turn(&mut self) {
        let edge = self.any_edge();
        let now = self.now;
        match self.chance.below(100) {
            of if of < self.mood.revoked => {
                let token = Token(self.next_token);
                self.next_token += 1;
                let replica = self.any_replica();
                self.tell_replica(replica, now, ToReplica::Begin { token });
            }
            of if of < 50 => {
                if let Some(token) = self.any_token() {
                    self.tell_process(edge, now, ToEdge::Shown { token });
                }
            }
            of if of < 100 - self.mood.troubled => {
                if let Some(token) = self.any_token() {
                    let to = self.any_edge();
                    self.tell_process(edge, now, ToEdge::Heard { token, to });
                }
            }
            _ => self.trouble(edge),
        }
    }

    fn trouble(&mut self, edge: usize) {
        let most = if self.chance.one_in(4) { 9_000 } else { 3_500 };
        let long = 1 + self.chance.below(most);
        let until = self.now + long * MS;
        let replica = self.any_replica();
        let Some(trouble) = self.chance.pick(self.mood.troubles) else { return };
        match trouble {
            Frozen => {
                let thaws_at = until + self.chance.below(2 * MS);
                let edge = &mut self.edges[edge];
                // Only one that goes on can be stopped: what waits in its socket keeps its order.
                if edge.thaws_at <= self.now {
                    (edge.frozen_until, edge.thaws_at) = (until, thaws_at);
                }
            }
            ReplicaFrozen => self.replicas[replica].frozen_until = until,
            ReplicaDown => self.replicas[replica].down_until = until,
            AllDown => self.replicas.iter_mut().for_each(|each| each.down_until = until),
            StoreAway => self.replicas[replica].away_until = until,
            AllAway => self.replicas.iter_mut().for_each(|each| each.away_until = until),
            Stalled => {
                self.edges[edge].line.stalled_until = until.min(self.now + NOTICED_WITHIN);
            }
            Cut => self.cut(edge),
            ReplicaCut => self.cut_replica(replica),
            Restarted => {
                let started = self.started();
                self.edges[edge] = started;
                self.tell_process(edge, self.now, ToEdge::Tick);
            }
        }
    }

    /// The line of an edge ends: what was on its way is lost.
    fn cut(&mut self, at: usize) {
        self.next_line += 1;
        self.edges[at].line.cut(self.next_line);
        let noticed = self.now + self.chance.below(NOTICED_WITHIN);
        self.tell_process(at, noticed, ToEdge::Away);
        let back = noticed + self.chance.below(3_000 * MS);
        let id = self.edges[at].id;
        self.at(back, Action::Connect { at, id });
    }

    /// The line of a replica ends. That is noticed, and some time later there is another.
    fn cut_replica(&mut self, at: usize) {
        if self.replicas[at].line.is_whole {
            self.next_line += 1;
            self.replicas[at].line.cut(self.next_line);
            let noticed = self.now + self.chance.below(NOTICED_WITHIN);
            self.tell_replica(at, noticed, ToReplica::Away);
        }
    }

    /// An edge has a line again, and listens; it hears of that before anything else.
    pub(crate) fn connect(&mut self, at: usize) {
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
