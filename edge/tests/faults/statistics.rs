//! What a row of measured times says: how far two rows differ, and where most of one lies.

use std::time::Duration;

/// Welch's t of two samples: how many standard errors their means are apart. Within ±4.5 nobody
/// tells them apart, by the measure that is usual for side channels.
pub(crate) fn welch(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (Moments::of(one), Moments::of(other));
    let error = (one.variance / one.count + other.variance / other.count).sqrt();
    (one.mean - other.mean) / error
}

/// Mean and spread of a sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) count: f64,
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

impl Moments {
    pub(crate) fn of(sample: &[f64]) -> Self {
        let count = count(sample.len());
        let mean = sample.iter().sum::<f64>() / count;
        let squares: f64 = sample.iter().map(|value| (value - mean).powi(2)).sum();
        Self { count, mean, variance: squares / (count - 1.0) }
    }
}

/// The smallest value that this share of all does not exceed.
pub(crate) fn quantile(sample: &[f64], share: f64) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (count(sorted.len()) * share).ceil();
    // A rank within the sample is small and not negative.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let place = (rank as usize).clamp(1, sorted.len()) - 1;
    sorted[place]
}

pub(crate) fn median(sample: &[f64]) -> f64 {
    quantile(sample, 0.5)
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn count(length: usize) -> f64 {
    f64::from(u32::try_from(length).expect("a sample is small"))
}

#[test]
fn two_samples_are_as_far_apart_as_the_textbook_says() {
    // Unequal variances and sizes; the value was computed by hand.
    let (one, other) = ([3.0, 4.0, 1.0, 2.1], [490.2, 340.0, 433.9]);
    assert!((welch(&one, &other) + 9.559_497_7).abs() < 1e-6);
    assert!(welch(&one, &one).abs() < 1e-12);
}

#[test]
fn a_quantile_is_a_value_of_the_sample() {
    let sample: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    let values = [0.0, 0.5, 0.99, 1.0].map(|share| quantile(&sample, share));
    assert!(values.iter().zip([1.0, 50.0, 99.0, 100.0]).all(|(a, b)| (a - b).abs() < 1e-12));
}
