//! Telling the edges of a revocation: when it is over.
//!
//! ```text
//!                  every listed edge has answered
//!   Telling ─────────────────────────────────────────▶ Over
//!      │ │  the bus has it            REVOKED_WAIT_MS   ▲ ▲
//!      │ └────────────────▶ Told ───────────────────────┘ │
//!      │ it, or an answer,   │     every listed edge      │
//!      │ may be lost         │     has answered           │
//!      └─────────▶ Lost ◀────┘ ───────────────────────────┘
//! ```
//!
//! An edge is *listed* if auth had noted it by the time the list was read, after the commit. One
//! that is not listed will be noted later, and finds the revocation with its next lease. One that is
//! listed and silent has no lease that is younger than the commit; and whatever the bus told it
//! since, it was told of the revocation before, from the moment on at which the bus had it. After
//! the wait it admits nobody by itself, and its gate is shut.

use std::collections::BTreeSet;

use bus_schemas::id::EdgeId;
use bus_schemas::limit::{EDGES_MAX, REVOKED_WAIT_MS};
use bus_schemas::time::Millis;

/// One revocation on its way to the edges. It was committed before.
#[derive(Debug, Default)]
pub struct Telling {
    /// Absent until the list is read.
    listed: Option<Vec<EdgeId>>,
    heard: BTreeSet<EdgeId>,
    /// When it is over at the latest; absent until the bus is known to have it.
    over_at: Option<Millis>,
    is_lost: bool,
}

impl Telling {
    /// These edges have to know of it.
    pub fn listed(&mut self, edges: Vec<EdgeId>) {
        self.listed = Some(edges);
    }

    /// The bus has it: whoever it says anything to from here on was told first.
    pub fn told(&mut self, now: Millis) {
        self.over_at.get_or_insert(now.plus(REVOKED_WAIT_MS));
    }

    /// An edge has applied it.
    pub fn heard(&mut self, edge: EdgeId, now: Millis) {
        self.told(now);
        if self.heard.len() < EDGES_MAX {
            self.heard.insert(edge);
        }
    }

    /// The bus may not have it, or answers may have been lost.
    pub const fn lost(&mut self) {
        self.is_lost = true;
    }

    /// Whether nobody can say any more when it is over.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.is_lost && !self.have_all_answered()
    }

    /// Whether no edge admits by itself what was revoked, nor passes anything of it on.
    #[must_use]
    pub fn is_over(&self, now: Millis) -> bool {
        self.have_all_answered() || self.has_waited(now)
    }

    /// When it is over at the latest, if that is known.
    #[must_use]
    pub const fn deadline(&self) -> Option<Millis> {
        if self.is_lost { None } else { self.over_at }
    }

    /// The listed edges that were silent for all of the wait.
    #[must_use]
    pub fn gone(&self, now: Millis) -> Vec<EdgeId> {
        if self.has_waited(now) { self.silent() } else { Vec::new() }
    }

    fn has_waited(&self, now: Millis) -> bool {
        self.deadline().is_some_and(|over_at| over_at <= now)
    }

    fn have_all_answered(&self) -> bool {
        self.listed.is_some() && self.silent().is_empty()
    }

    fn silent(&self) -> Vec<EdgeId> {
        let listed = self.listed.iter().flatten().copied();
        listed.filter(|edge| !self.heard.contains(edge)).collect()
    }
}
