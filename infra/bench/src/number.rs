//! Counts as numbers to reckon with.

/// A count as a number. Above 2^53 the last digits go, which no figure here shows.
pub(crate) fn of(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "figures are shown with four digits")]
    let number = count as f64;
    number
}

/// The same for a count of things in memory.
pub(crate) fn len(count: usize) -> f64 {
    of(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A number as a count: fractions go, and what is below 0 is 0.
pub(crate) fn count(number: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the conversion saturates at both ends, which is what is wanted"
    )]
    let count = number as u64;
    count
}
