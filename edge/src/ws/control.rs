//! How many pings and pongs a client may send. Browsers send none but the answers to ours; every
//! one of them costs a wake-up and perhaps an answer.

use std::time::Duration;

use tokio::time::Instant;

/// Control frames per second, sustained: four times what the liveliest clients send.
const PER_SECOND: u32 = 20;
/// Control frames at once.
const BURST: u32 = 200;

/// What is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ControlBudget {
    left: u32,
    /// Up to when it was filled.
    filled: Option<Instant>,
}

impl ControlBudget {
    pub(super) const fn full() -> Self {
        Self { left: BURST, filled: None }
    }

    /// Takes one; says whether there was one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let filled = *self.filled.get_or_insert(now);
        let earned = now.duration_since(filled).as_millis() * u128::from(PER_SECOND) / 1_000;
        if let Ok(earned @ 1..) = u32::try_from(earned) {
            self.left = self.left.saturating_add(earned).min(BURST);
            self.filled = Some(filled + Duration::from_secs(1) * earned / PER_SECOND);
        }
        let taken = self.left.checked_sub(1);
        self.left = taken.unwrap_or(0);
        taken.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sock5_control_frames_have_a_burst_and_a_rate() {
        let (mut budget, begun) = (ControlBudget::full(), Instant::now());
        let mut taken_by = |second: u32| {
            let now = begun + Duration::from_secs(1) * second;
            (0..10 * BURST).filter(|_| budget.take(now)).count()
        };
        assert_eq!(taken_by(0), 200);
        assert_eq!(taken_by(1), 20);
        assert_eq!(taken_by(3), 40);
        assert_eq!(taken_by(3_600), 200);
    }
}
