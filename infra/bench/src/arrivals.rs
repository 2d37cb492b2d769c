//! When words are to be sent, whether or not anybody is ready for them: Poisson arrivals.
//!
//! A generator that waits for an answer before it sends again asks less of a server that is slow,
//! and never sees how long the others would have waited (G. Tene's *coordinated omission*). Here the
//! times stand before anything is sent, a late word is sent all the same, and latency counts from
//! the time at which it was to be sent.

use crate::chance::Chance;
use crate::number;

/// Intended times, the earliest first.
#[derive(Debug)]
pub(crate) struct Arrivals {
    chance: Chance,
    mean_ns: f64,
    next: f64,
}

impl Arrivals {
    /// So many a second on average, from a time on.
    pub(crate) fn new(per_second: f64, from_ns: u64, seed: u64) -> Self {
        let mean_ns = 1e9 / per_second;
        let mut arrivals = Self { chance: Chance::new(seed), mean_ns, next: number::of(from_ns) };
        arrivals.step();
        arrivals
    }

    /// When the next one is due.
    pub(crate) fn next_at(&self) -> u64 {
        number::count(self.next)
    }

    /// The intended time of one that is due, however late it is.
    pub(crate) fn due(&mut self, now_ns: u64) -> Option<u64> {
        let at = self.next_at();
        if at > now_ns {
            return None;
        }
        self.step();
        Some(at)
    }

    fn step(&mut self) {
        self.next -= self.mean_ns * self.chance.share().ln();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_due_as_were_asked_for_and_their_distances_are_exponential() {
        let mut arrivals = Arrivals::new(5_000.0, 7, 1);
        let second = 1_000_000_000;
        let due: Vec<u64> = std::iter::from_fn(|| arrivals.due(20 * second)).collect();
        let rate = number::len(due.len()) / 20.0;
        assert!((rate - 5_000.0).abs() < 100.0, "{rate} a second");
        assert!(due[0] >= 7 && due.is_sorted());
        // Of an exponential distribution one in e is longer than the mean.
        let long = due.windows(2).filter(|two| two[1] - two[0] > 200_000).count();
        let share = number::len(long) / number::len(due.len());
        assert!((share - 1.0 / std::f64::consts::E).abs() < 0.01, "{share}");
    }

    #[test]
    fn whoever_was_held_up_finds_every_word_that_was_due_meanwhile() {
        let (mut punctual, mut late) = (Arrivals::new(1e3, 0, 9), Arrivals::new(1e3, 0, 9));
        let mut sent = Vec::new();
        for now in (0..1_000_000_000).step_by(50_000) {
            sent.extend(std::iter::from_fn(|| punctual.due(now)));
        }
        // One second without a look, then all at once: the same words with the same times.
        let after: Vec<u64> = std::iter::from_fn(|| late.due(999_950_000)).collect();
        assert_eq!(after, sent);
        assert!(late.next_at() > 999_950_000);
    }
}
