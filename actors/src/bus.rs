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
use std::time::Duration;

use bus_schemas::bus::{BusError, Outgoing};
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;

/// What a connection to the bus carries. An edge has one of each for every arbiter, so that no file
/// stands in the way of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Words, and all that is asked and answered.
    Talk,
    /// Frames of files.
    Bulk,
}

impl Lane {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Talk, Self::Bulk];

    /// Its name at the broker and on the page of figures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Talk => "talk",
            Self::Bulk => "bulk",
        }
    }
}

/// How soon it is tried again to listen on a bus that went away at that moment.
const LISTEN_AGAIN: Duration = Duration::from_millis(200);

/// Listens as soon as the bus lets us: it may go at any moment, at a start too.
pub(crate) async fn patiently<T>(
    listen: impl AsyncFn() -> Result<T, BusError>,
) -> Result<T, BusError> {
    loop {
        match listen().await {
            Err(BusError::Away | BusError::Full) => tokio::time::sleep(LISTEN_AGAIN).await,
            outcome => return outcome,
        }
    }
}

/// The header that carries the trace id.
const TRACE_HEADER: &str = "X-Trace-ID";
/// What a broker counts for headers that hold a trace id, without that id.
const TRACE_HEADER_BYTES: usize = "NATS/1.0\r\n: \r\n\r\n".len() + TRACE_HEADER.len();

/// Whether any bus carries this message: the limit counts headers, and is the same on all of
/// them, so that what works in one process works in many.
fn fits(message: &Outgoing) -> bool {
    let headers = message.trace.as_ref().map_or(0, |id| TRACE_HEADER_BYTES + id.as_str().len());
    message.bytes() + headers <= BUS_PAYLOAD_BYTES_MAX
}

/// A lock whose holder panicked still guards whole values: each is written in one step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
