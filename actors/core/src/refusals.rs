//! Whether the bus still says that nobody is there.
//!
//! "The other person is offline" is the bus's own refusal of what nobody listens to. A single
//! listener on the subjects of chats silences it for everybody, and no sender would ever learn
//! again that somebody is absent. So a word is said, now and then, to somebody who cannot exist,
//! and its refusal is waited for.
//!
//! ```text
//!              due: ask                came back
//!   Resting ─────────────▶ Waiting ─────────────▶ Resting, heard
//!      ▲                      │ 1 s over
//!      └──────────────────────┘ silenced
//! ```

use bus_schemas::limit::{REFUSALS_AGAIN_MS, REFUSALS_EVERY_MS, REFUSALS_WAIT_MS};
use bus_schemas::time::Millis;

/// Watches the refusals of one connection to the bus.
#[derive(Debug)]
pub struct Refusals {
    /// The number of the question that is not answered.
    number: u64,
    state: State,
    seen: Seen,
}

#[derive(Debug)]
enum State {
    Resting { until: Millis },
    Waiting { until: Millis, missing: u8 },
}

/// What is known of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// They come back.
    Heard,
    /// They do not: somebody listens where nobody should.
    Silenced,
}

impl Refusals {
    /// Asks for the first time at once.
    #[must_use]
    pub const fn new(now: Millis) -> Self {
        Self { number: 0, state: State::Resting { until: now }, seen: Seen::Heard }
    }

    /// When to come back.
    #[must_use]
    pub const fn deadline(&self) -> Millis {
        match self.state {
            State::Resting { until } | State::Waiting { until, .. } => until,
        }
    }

    /// What is known.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        self.seen
    }

    /// What time brings: the number under which to ask, so many words that are to be refused.
    pub fn due(&mut self, now: Millis, words: u8) -> Option<u64> {
        match self.state {
            State::Resting { until } if until <= now => {
                self.number += 1;
                let until = now.plus(REFUSALS_WAIT_MS);
                self.state = State::Waiting { until, missing: words };
                Some(self.number)
            }
            State::Waiting { until, .. } if until <= now => {
                self.seen = Seen::Silenced;
                self.state = State::Resting { until: now.plus(REFUSALS_AGAIN_MS) };
                None
            }
            State::Resting { .. } | State::Waiting { .. } => None,
        }
    }

    /// A word that was said under this number was refused.
    pub fn refused(&mut self, now: Millis, number: u64) {
        let State::Waiting { missing, .. } = &mut self.state else { return };
        if number != self.number {
            return;
        }
        *missing = missing.saturating_sub(1);
        if *missing == 0 {
            self.seen = Seen::Heard;
            self.state = State::Resting { until: now.plus(REFUSALS_EVERY_MS) };
        }
    }

    /// The bus is away, or was: its silence says nothing about anybody.
    pub fn bus_changed(&mut self, now: Millis) {
        self.number += 1;
        self.state = State::Resting { until: now.plus(REFUSALS_WAIT_MS) };
    }
}
