//! Waits for a server that is not there yet, or not there any more, and says so once.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::sleep;

/// First pause between two attempts; each is twice as long as the one before.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Longest pause between two attempts. An attempt takes up to two seconds by itself.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Attempts to reach something, one after the other with pauses in between.
pub(crate) struct Attempts {
    /// What is awaited, as the log calls it.
    awaited: &'static str,
    pause: Duration,
    /// What came in the way of the last one.
    told: String,
}

impl Attempts {
    /// The first one is still to come.
    pub(crate) const fn to_reach(awaited: &'static str) -> Self {
        Self { awaited, pause: PAUSE_MIN, told: String::new() }
    }

    /// Returns when it is time for the next one. What comes in the way is told once, not each time.
    pub(crate) async fn failed(&mut self, reason: &impl Display) {
        let (awaited, reason) = (self.awaited, reason.to_string());
        if self.told == reason {
            tracing::debug!(reason, "{awaited} is still not there");
        } else {
            tracing::warn!(reason, "{awaited} is not there; it is tried again until it is");
            self.told = reason;
        }
        sleep(self.next_pause()).await;
    }

    fn next_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = PAUSE_MAX.min(pause * 2);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_second() {
        let mut attempts = Attempts::to_reach("the moon");
        let pauses: Vec<u128> = (0..7).map(|_| attempts.next_pause().as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1_000, 1_000]);
    }
}
