//! What is done to a deployment, each in a file of its own, and what they share.

pub(crate) mod closed;
pub(crate) mod crowd;
pub(crate) mod disturbed;
pub(crate) mod files;
pub(crate) mod growth;
pub(crate) mod hold;
pub(crate) mod open;
pub(crate) mod stalled;

use std::time::Duration;

use serde_json::{Value, json};

use crate::number;
use crate::servers::Cpu;

/// Bytes of a body in every workload of words.
pub(crate) const BODY_BYTES: usize = 256;

/// How long things are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Until caches are warm and subscriptions are there.
    pub(crate) warm: Duration,
    /// What counts.
    pub(crate) measured: Duration,
}

/// Microseconds of a core for each of so many.
pub(crate) fn each_us(cpu: Duration, count: u64) -> f64 {
    cpu.as_secs_f64() * 1e6 / number::of(count.max(1))
}

/// Where the time on cores went.
fn shares(cpu: Cpu, count: u64, took: Duration) -> Value {
    let round = |number: f64| (number * 1_000.0).round() / 1_000.0;
    json!({
        "edges_us": round(each_us(cpu.edges, count)),
        "broker_us": round(each_us(cpu.broker, count)),
        "waited_us": round(each_us(cpu.waited, count)),
        "generator_us": round(each_us(cpu.own, count)),
        "generator_core": round(cpu.own.as_secs_f64() / took.as_secs_f64()),
        "seconds": round(took.as_secs_f64()),
        "count": count,
    })
}
