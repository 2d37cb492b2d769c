//! How long words took, counted from when they were to be sent.

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::number;

/// The longest that is told apart; whatever takes longer counts as this long.
const LONGEST_NS: u64 = 60_000_000_000;
/// Three digits of each value are kept.
const DIGITS: u8 = 3;

/// Latencies in nanoseconds.
pub(crate) struct Latency(Histogram<u64>);

impl Latency {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, LONGEST_NS, DIGITS)?))
    }

    /// A word that was to be sent then has come now.
    pub(crate) fn record(&mut self, intended_ns: u64, now_ns: u64) {
        self.0.saturating_record(now_ns.saturating_sub(intended_ns).max(1));
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// In microseconds: no more than this share of all took longer than the rest.
    pub(crate) fn quantile_us(&self, share: f64) -> f64 {
        number::of(self.0.value_at_quantile(share)) / 1e3
    }

    /// The usual ones, in microseconds.
    pub(crate) fn summary(&self) -> Value {
        let us = |share| (self.quantile_us(share) * 10.0).round() / 10.0;
        json!({
            "p50_us": us(0.5), "p90_us": us(0.9), "p99_us": us(0.99), "p999_us": us(0.999),
            "max_us": us(1.0), "count": self.count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrivals::Arrivals;

    fn is_near(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() <= 0.002 * wanted
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut latency = Latency::new().unwrap();
        for us in 1..=1_000 {
            latency.record(5, 5 + us * 1_000);
        }
        assert!(is_near(latency.quantile_us(0.5), 500.0));
        assert!(is_near(latency.quantile_us(0.99), 990.0));
        assert!(is_near(latency.quantile_us(1.0), 1_000.0));
    }

    #[test]
    fn what_takes_longer_than_can_be_told_still_counts() {
        let mut latency = Latency::new().unwrap();
        latency.record(0, 10 * LONGEST_NS);
        assert_eq!(latency.count(), 1);
        assert!(is_near(latency.quantile_us(0.5), 6e7));
    }

    /// A server answers within 100 µs and stands still for one second in ten. Of the words that
    /// were to be sent within that second half waited for more than half of it, so one in twenty of
    /// all did. Who counts from when the word really went sees nothing of that.
    #[test]
    fn a_second_of_standstill_is_seen_by_every_word_that_was_due_in_it() {
        let (second, answer) = (1_000_000_000, 100_000);
        let (mut intended, mut sent) = (Latency::new().unwrap(), Latency::new().unwrap());
        let mut arrivals = Arrivals::new(1_000.0, 0, 3);
        while arrivals.next_at() < 10 * second {
            let at = arrivals.due(u64::MAX).unwrap();
            let went = if (4 * second..5 * second).contains(&at) { 5 * second } else { at };
            intended.record(at, went + answer);
            sent.record(went, went + answer);
        }
        assert!(intended.quantile_us(0.94) < 510_000.0, "{}", intended.quantile_us(0.94));
        assert!(intended.quantile_us(0.96) > 490_000.0, "{}", intended.quantile_us(0.96));
        assert!(is_near(sent.quantile_us(1.0), 100.0));
    }
}
