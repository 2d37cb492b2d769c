//! How many talk frames a connection may send: a bucket that fills at a steady rate.
//!
//! File frames are not counted; their bound is credit and bytes.

use bus_schemas::time::Millis;

/// One frame in the unit of the bucket: what one frame per second brings in a millisecond.
const FRAME: u64 = 1_000;

/// What may still be sent.
#[derive(Debug)]
pub(super) struct Budget {
    frames_per_second: u32,
    burst: u32,
    level: u64,
    filled_at: Millis,
}

impl Budget {
    /// A full bucket.
    pub(super) fn new(frames_per_second: u32, burst: u32, now: Millis) -> Self {
        Self { frames_per_second, burst, level: u64::from(burst) * FRAME, filled_at: now }
    }

    /// Takes one frame out; `false` if there is none left.
    pub(super) fn spend(&mut self, now: Millis) -> bool {
        let came = now.since(self.filled_at).saturating_mul(u64::from(self.frames_per_second));
        self.level = self.level.saturating_add(came).min(u64::from(self.burst) * FRAME);
        self.filled_at = now;
        match self.level.checked_sub(FRAME) {
            Some(level) => {
                self.level = level;
                true
            }
            None => false,
        }
    }
}
