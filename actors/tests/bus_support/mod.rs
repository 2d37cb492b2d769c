//! What the contract of the bus is tried with: worlds that have a bus, and the rules.

pub(crate) mod bare;
pub(crate) mod certificates;
pub(crate) mod embedded;
pub(crate) mod permissions;
pub(crate) mod recorded;
pub(crate) mod rules;
pub(crate) mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bus_schemas::bus::{Bus, BusStatus, Gap, Incoming, Outgoing, Subscription};
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::StreamExt;

/// No rule takes longer; whatever takes this long has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Something with a bus that can be taken away.
pub(crate) trait World {
    /// One more connection.
    async fn connect(&self) -> Arc<dyn Bus>;
    /// Takes the broker away without a word.
    fn cut(&mut self);
    /// Brings it back at the same address.
    fn mend(&mut self);
}

/// A message whose payload is a number.
pub(crate) fn number(subject: &str, n: u32) -> Outgoing {
    message(subject, Bytes::copy_from_slice(&n.to_be_bytes()))
}

pub(crate) fn message(subject: &str, payload: Bytes) -> Outgoing {
    let (subject, body) = (Subject::received(subject), Bytes::new());
    Outgoing { subject, reply: None, trace: None, payload, body }
}

pub(crate) async fn listen(bus: &Arc<dyn Bus>, subject: &str) -> Subscription {
    bus.subscribe(&Subject::received(subject), None, 10_000).await.expect("a subscription")
}

/// What is heard next.
pub(crate) async fn next(subscription: &mut Subscription) -> Result<Incoming, Gap> {
    let item = tokio::time::timeout(DEADLINE, subscription.next()).await;
    item.expect("something is heard in time").expect("a subscription does not end")
}

/// The number that is heard next.
pub(crate) async fn next_number(subscription: &mut Subscription) -> Result<u32, Gap> {
    next(subscription).await.map(|message| number_in(&message))
}

pub(crate) fn number_in(message: &Incoming) -> u32 {
    u32::from_be_bytes(message.payload.as_ref().try_into().expect("four bytes"))
}

/// Returns when something is so; fails if it is not in time.
pub(crate) async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) async fn eventually_is(bus: &Arc<dyn Bus>, status: BusStatus) {
    eventually(&format!("{status:?}"), || bus.status() == status).await;
}
