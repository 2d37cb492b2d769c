//! One live Session per user, the newest: who yields to whom.
//!
//! No wall clock decides: within a page the count of its connections does, between pages the age
//! by one's own clock, and between two young ones the ids of their pages. Pages and not
//! connections, because young Sessions must stand in one order: with connections, three of them
//! could each find another one that is newer, and all would yield.

use bus_schemas::chat::Evict;

/// What a Session does when another one of its user speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the Session's own word.
    Ignore,
    /// The same page went on over the other connection.
    YieldMoved,
    /// Another page took over.
    YieldSuperseded,
    /// The other one has to yield, and is told so.
    Insist,
}

/// How long the Session that judges has been live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// At most [`bus_schemas::limit::EVICT_YOUNG_MS`].
    Young,
    /// Longer.
    Old,
}

/// Judges the word of another Session.
///
/// Of any Sessions that hear each other one stays: whoever does not yield insists, and that makes
/// the other one yield.
pub(super) fn judge(own: &Evict, age: Age, other: &Evict) -> Verdict {
    if other.conn == own.conn {
        return Verdict::Ignore;
    }
    if other.instance == own.instance {
        let yields = (own.attach, own.conn) < (other.attach, other.conn);
        return if yields { Verdict::YieldMoved } else { Verdict::Insist };
    }
    match age {
        Age::Old => Verdict::YieldSuperseded,
        Age::Young if own.instance < other.instance => Verdict::YieldSuperseded,
        Age::Young => Verdict::Insist,
    }
}
