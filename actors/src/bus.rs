//! Which buses there are: [`embedded`] for one process, [`nats`] for many.
//!
//! Both hold the rules BUS of `bus-schemas/SPEC.md`, and one contract suite runs on both.
//! [`recording`] wraps any of them for captures, and [`replaying`] answers from one.

pub mod embedded;
pub mod nats;
pub mod recording;
pub mod replaying;

pub mod counters;
mod queue;
mod status;

use std::sync::{Mutex, MutexGuard, PoisonError};

use bus_schemas::bus::Outgoing;
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;

/// The header that carries the trace id.
const TRACE_HEADER: &str = "X-Trace-ID";
/// What a broker counts for headers that hold a trace id, without that id.
const TRACE_HEADER_BYTES: usize = "NATS/1.0\r\n: \r\n\r\n".len() + TRACE_HEADER.len();

/// Whether any bus carries this message: the limit counts headers, and is the same on all of
/// them, so that what works in one process works in many.
fn fits(message: &Outgoing) -> bool {
    let headers = message.trace.as_ref().map_or(0, |id| TRACE_HEADER_BYTES + id.as_str().len());
    message.payload.len() + headers <= BUS_PAYLOAD_BYTES_MAX
}

/// A lock whose holder panicked still guards whole values: each is written in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
