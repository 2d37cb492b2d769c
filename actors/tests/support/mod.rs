//! Builders for the tests of this floor.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

pub(crate) mod house;
pub(crate) mod proxy;
pub(crate) mod world;

use std::future::Future;
use std::time::{Duration, Instant};

use bus_schemas::time::Timestamp;

/// When the tests take place.
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000);
/// How long anything may take before a test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Asks again and again until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < DEADLINE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
