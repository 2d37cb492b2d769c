//! Pairs of people who answer each other without end, and how long that takes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::interval;

use crate::deployment::Deployment;
use crate::person::Person;
use crate::provision::Provision;

/// A word there and its answer back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange {
    pub(crate) begun: Instant,
    pub(crate) took: Duration,
}

/// People who talk while something else happens.
pub(crate) struct Talk {
    pairs: JoinSet<Vec<Exchange>>,
    over: Arc<AtomicBool>,
}

impl Talk {
    /// Each pair says a word this often, one of them on the first edge and one on the last.
    pub(crate) async fn begin(
        deployment: &Deployment,
        provision: &Provision,
        pairs: usize,
        every: Duration,
    ) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let mut talk = Self { pairs: JoinSet::new(), over: Arc::clone(&over) };
        let last = deployment.edges() - 1;
        for n in 0..pairs {
            let alice = provision.resident(&format!("alice-{n}")).await;
            let bob = provision.resident(&format!("bob-{n}")).await;
            let alice = Person::of(&alice, &deployment.url(0)).await;
            let bob = Person::of(&bob, &deployment.url(last)).await;
            talk.pairs.spawn(pair(alice, bob, every, Arc::clone(&over)));
        }
        talk
    }

    /// Ends every conversation. A word that was lost, or a socket that closed, has failed the test.
    pub(crate) async fn end(self) -> Vec<Exchange> {
        self.over.store(true, Ordering::Relaxed);
        self.pairs.join_all().await.concat()
    }
}

async fn pair(
    mut alice: Person,
    mut bob: Person,
    every: Duration,
    over: Arc<AtomicBool>,
) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    // Whoever was held up catches up: a slow word must not thin out the words that are measured.
    let mut again = interval(every);
    while !over.load(Ordering::Relaxed) {
        again.tick().await;
        let (begun, word) = (Instant::now(), exchanges.len().to_string());
        alice.says(&bob, &word).await;
        bob.hears(&alice, &word).await;
        bob.says(&alice, &word).await;
        alice.hears(&bob, &word).await;
        exchanges.push(Exchange { begun, took: begun.elapsed() });
    }
    exchanges
}
