//! Telling the edges of a revocation: when it is over.
//!
//! ```text
//!               every listed edge has answered
//!   Telling ──────────────────────────────────▶ Over
//!      │                                         ▲
//!      └──────── REVOKED_WAIT_MS after ──────────┘
//!                the revocation was committed
//! ```
//!
//! An edge is *listed* if auth had noted it by the time the list was read, after the commit. One
//! that is not listed will be noted later, and finds the revocation with its next lease. One that is
//! listed and silent has no lease that is younger than the commit, and after the wait none at all.

use std::collections::BTreeSet;

use bus_schemas::id::EdgeId;
use bus_schemas::limit::{EDGES_MAX, REVOKED_WAIT_MS};
use bus_schemas::time::Millis;

/// One revocation on its way to the edges.
#[derive(Debug)]
pub struct Telling {
    over_at: Millis,
    /// Absent until the list is read.
    listed: Option<Vec<EdgeId>>,
    heard: BTreeSet<EdgeId>,
    /// Answers may have been lost, so silence says nothing.
    missed: bool,
}

impl Telling {
    /// A revocation that was committed by this moment.
    #[must_use]
    pub const fn new(committed: Millis) -> Self {
        let over_at = committed.plus(REVOKED_WAIT_MS);
        Self { over_at, listed: None, heard: BTreeSet::new(), missed: false }
    }

    /// These edges have to know of it.
    pub fn listed(&mut self, edges: Vec<EdgeId>) {
        self.listed = Some(edges);
    }

    /// An edge has applied it.
    pub fn heard(&mut self, edge: EdgeId) {
        if self.heard.len() < EDGES_MAX {
            self.heard.insert(edge);
        }
    }

    /// Answers may have been lost.
    pub const fn missed(&mut self) {
        self.missed = true;
    }

    /// Whether no edge admits by itself what was revoked, nor passes anything of it on.
    #[must_use]
    pub fn is_over(&self, now: Millis) -> bool {
        self.over_at <= now || self.listed.is_some() && self.silent().is_empty()
    }

    /// When it is over at the latest.
    #[must_use]
    pub const fn deadline(&self) -> Millis {
        self.over_at
    }

    /// The listed edges that were silent for all of the wait, if that is known.
    #[must_use]
    pub fn gone(&self, now: Millis) -> Vec<EdgeId> {
        if self.missed || now < self.over_at { Vec::new() } else { self.silent() }
    }

    fn silent(&self) -> Vec<EdgeId> {
        let listed = self.listed.iter().flatten().copied();
        listed.filter(|edge| !self.heard.contains(edge)).collect()
    }
}
