//! Leases: what an edge needs to judge tokens by itself for a while.
//!
//! An actor of its own, so that leases never wait behind other answers. While the store takes long
//! for everybody, an edge still hears soon that auth is there, and lets open sockets go on.

use std::sync::Arc;
use std::time::Duration;

use actors_core::auth::keys::Keys;
use bus_schemas::auth::{self as said, AskLease, Lease};
use bus_schemas::bus::{Bus, BusError};
use bus_schemas::fault::Code;
use bus_schemas::limit::{EDGES_MAX, LEASE_STORE_WAIT_MS};
use bus_schemas::verbs::Question;

use super::GROUP;
use crate::clock::Clock;
use crate::serve::answerer::{Answerer, Heard, QUESTIONS_WAITING_MAX, Service, reply};
use crate::serve::{Parts, StartError};
use crate::store::{LeaseAsked, Store};

/// Owns nothing. Hears edges that ask for leases; ends when told to.
pub(crate) type LeaseActor = Answerer<Leases>;

/// What leases are made of.
pub(crate) struct Leases {
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keys: Arc<Keys>,
}

impl Service for Leases {
    type Heard = Question<AskLease>;
    /// One for each edge; the store has its own limit.
    const ANSWERS_MAX: usize = EDGES_MAX;

    fn new(parts: &Parts) -> Result<Self, StartError> {
        Ok(Self {
            bus: Arc::clone(&parts.bus),
            store: Arc::clone(&parts.store),
            clock: Arc::clone(&parts.clock),
            keys: parts.keys.clone().ok_or(StartError::NoKeys)?,
        })
    }

    async fn listen(bus: &dyn Bus) -> Result<Heard<Question<AskLease>>, BusError> {
        bus.serve(&said::lease(), GROUP, QUESTIONS_WAITING_MAX).await
    }

    async fn answer(&self, question: Question<AskLease>) {
        reply(&*self.bus, question, |asked| self.lease(asked)).await;
    }
}

impl Leases {
    async fn lease(&self, asked: AskLease) -> Result<Lease, Code> {
        let AskLease { edge, mark, after, leaving } = asked;
        let now = self.clock.now();
        let asked = LeaseAsked { edge, mark, after, leaving };
        let wait = Duration::from_millis(LEASE_STORE_WAIT_MS);
        let given = tokio::time::timeout(wait, self.store.lease(&asked, now)).await;
        let given = given.map_err(|_| Code::ServiceUnavailable)??;
        let keys = self.keys.verifying(now);
        Ok(Lease { mark: given.mark, revoked: given.revoked, next: given.next, keys })
    }
}
