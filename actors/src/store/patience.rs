//! Waits for a database server that is not there yet, and says so once.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::sleep;

use super::StoreError;

/// First pause between two attempts; each is twice as long as the one before.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Longest pause between two attempts. An attempt takes up to two seconds by itself.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Whether it may be otherwise in a moment without anybody's doing. A wrong password, a database
/// that does not exist and old tables are not.
pub(super) const fn may_pass(error: &StoreError) -> bool {
    matches!(error, StoreError::Away(_) | StoreError::Timeout)
}

/// Attempts to open a store, one after the other with pauses in between.
pub(super) struct Attempts {
    pause: Duration,
    /// What came in the way of the last one.
    told: String,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { pause: PAUSE_MIN, told: String::new() }
    }
}

impl Attempts {
    /// Returns when it is time for the next one. What comes in the way is told once, not each time.
    pub(super) async fn failed(&mut self, reason: &impl Display) {
        let reason = reason.to_string();
        if self.told == reason {
            tracing::debug!(reason, "the database is still not there");
        } else {
            tracing::warn!(reason, "the database is not there; it is tried again until it is");
            self.told = reason;
        }
        sleep(self.pause).await;
        self.pause = PAUSE_MAX.min(self.pause * 2);
    }
}
