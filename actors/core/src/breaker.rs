//! The circuit breaker: when the other side fails again and again, stop asking it for a while.
//!
//! ```text
//!            5 failures in a row                30 s
//!   Closed ──────────────────────▶ Open ─────────────────▶ (next call is the trial)
//!     ▲                             ▲                          │
//!     │        trial succeeded      │      trial failed        ▼
//!     └─────────────────────────────┴──────────────────── HalfOpen
//! ```
//!
//! Only failures of the infrastructure count; an answer that somebody does not like is a success.
//! Time is an argument, and so is patience: whoever performs the call ends it after
//! [`Settings::call_ms`] and reports that as a failure.

use bus_schemas::time::Millis;

/// The numbers of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long a call may take before it counts as failed.
    pub call_ms: u64,
    /// How long it stays open before a trial.
    pub open_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { failures: 5, call_ms: 5_000, open_ms: 30_000 }
    }
}

/// What a breaker looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// One call is being tried; the others are refused.
    HalfOpen,
}

/// The call was refused without being tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the circuit is open")]
pub struct Refused;

/// The right to make one call; its outcome is told with it.
///
/// It remembers in which period of the breaker it was given: outcomes of earlier periods change
/// nothing, however late they come.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the outcome of the call is told with the pass"]
pub struct Pass {
    period: u64,
}

/// A breaker.
#[derive(Debug)]
pub struct Breaker {
    settings: Settings,
    inner: Inner,
    period: u64,
}

#[derive(Clone, Copy, Debug)]
enum Inner {
    Closed { failures: u32 },
    Open { since: Millis },
    HalfOpen,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings, inner: Inner::Closed { failures: 0 }, period: 0 }
    }

    /// What it looks like.
    #[must_use]
    pub const fn state(&self) -> State {
        match self.inner {
            Inner::Closed { .. } => State::Closed,
            Inner::Open { .. } => State::Open,
            Inner::HalfOpen => State::HalfOpen,
        }
    }

    /// Asks whether a call may be made.
    pub fn admit(&mut self, now: Millis) -> Result<Pass, Refused> {
        match self.inner {
            Inner::Closed { .. } => {}
            Inner::Open { since } if now.since(since) >= self.settings.open_ms => {
                self.enter(Inner::HalfOpen);
            }
            Inner::Open { .. } | Inner::HalfOpen => return Err(Refused),
        }
        Ok(Pass { period: self.period })
    }

    /// The call got an answer, whichever.
    pub fn succeeded(&mut self, pass: &Pass) {
        if pass.period != self.period {
            return;
        }
        match &mut self.inner {
            Inner::Closed { failures } => *failures = 0,
            // While it is open there is no pass, so this was the trial.
            Inner::HalfOpen | Inner::Open { .. } => self.enter(Inner::Closed { failures: 0 }),
        }
    }

    /// The call failed, or took too long.
    pub fn failed(&mut self, pass: &Pass, now: Millis) {
        if pass.period != self.period {
            return;
        }
        match self.inner {
            Inner::Closed { failures } if failures + 1 < self.settings.failures => {
                self.inner = Inner::Closed { failures: failures + 1 };
            }
            Inner::Closed { .. } | Inner::HalfOpen | Inner::Open { .. } => {
                self.enter(Inner::Open { since: now });
            }
        }
    }

    /// Whoever made the call gave it up, so nobody knows. A trial given up is free for the next.
    pub fn abandoned(&mut self, pass: &Pass, now: Millis) {
        if pass.period == self.period && self.state() == State::HalfOpen {
            let since = Millis(now.0.saturating_sub(self.settings.open_ms));
            self.enter(Inner::Open { since });
        }
    }

    fn enter(&mut self, inner: Inner) {
        self.inner = inner;
        self.period += 1;
    }
}
