//! The database: transactions that end in another order than they began, and who was seen when.

use std::collections::{BTreeMap, BTreeSet};

use bus_schemas::id::EdgeId;

use super::world::{Micros, Token};

/// Rows on a page: few, so that pages matter.
const PAGE_ROWS: usize = 3;

/// What is stored.
#[derive(Default)]
pub(crate) struct Database {
    next_txid: i64,
    under_way: BTreeSet<i64>,
    next_seq: i64,
    /// In the order of both their numbers.
    rows: Vec<Row>,
    edges: BTreeMap<EdgeId, Micros>,
}

struct Row {
    seq: i64,
    txid: i64,
    token: Token,
    is_committed: bool,
}

/// One page of a lease.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) tokens: Vec<Token>,
    pub(crate) next: Option<i64>,
}

impl Database {
    /// Begins to store a revocation; only [`Database::commit`] makes it seen.
    pub(crate) fn insert(&mut self, token: Token) -> i64 {
        self.next_txid += 1;
        self.next_seq += 1;
        let (txid, seq) = (self.next_txid, self.next_seq);
        self.under_way.insert(txid);
        self.rows.push(Row { seq, txid, token, is_committed: false });
        txid
    }

    pub(crate) fn commit(&mut self, txid: i64) {
        self.under_way.remove(&txid);
        let place = self.rows.partition_point(|row| row.txid < txid);
        self.rows[place].is_committed = true;
    }

    /// Every transaction below it has ended.
    pub(crate) fn mark(&self) -> i64 {
        self.under_way.first().copied().unwrap_or_else(|| self.newest())
    }

    /// The transaction that begins next.
    pub(crate) fn newest(&self) -> i64 {
        self.next_txid + 1
    }

    /// What was committed by transactions from `mark` on, after row `after`.
    pub(crate) fn page(&self, mark: Option<i64>, after: Option<i64>) -> Page {
        let is_before = |row: &Row| {
            mark.is_some_and(|mark| row.txid < mark) || after.is_some_and(|after| row.seq <= after)
        };
        let asked = self.rows.iter().skip(self.rows.partition_point(is_before));
        let rows: Vec<&Row> = asked.filter(|row| row.is_committed).take(PAGE_ROWS + 1).collect();
        let next = (rows.len() > PAGE_ROWS).then(|| rows[PAGE_ROWS - 1].seq);
        let tokens = rows.iter().take(PAGE_ROWS).map(|row| row.token).collect();
        Page { tokens, next }
    }

    pub(crate) fn note(&mut self, edge: EdgeId, now: Micros) {
        self.edges.insert(edge, now);
    }

    /// Everybody who was noted from this moment on.
    pub(crate) fn edges(&self, since: Micros) -> Vec<EdgeId> {
        let noted = self.edges.iter().filter(|(_, seen_at)| **seen_at >= since);
        noted.map(|(edge, _)| *edge).collect()
    }

    /// Forgets edges that were not noted again.
    pub(crate) fn forget(&mut self, edges: &[EdgeId], unseen_since: Micros) {
        self.edges.retain(|edge, seen_at| !edges.contains(edge) || *seen_at >= unseen_since);
    }
}
