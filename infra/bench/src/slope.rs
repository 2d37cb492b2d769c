//! What one more costs: the slope of a line through points, so that what a process needs for
//! itself, and rounds up, does not count.

/// The slope of the line that fits best, by least squares; `None` for fewer than two places.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = crate::number::len(points.len());
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let across: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let along: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    (across > 0.0).then(|| along / across)
}

/// The middle of some figures; of an even number of them, what lies between the two in the middle:
/// the better one of two runs would be a choice.
pub(crate) fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let lower = sorted.get(sorted.len().checked_sub(1)? / 2)?;
    let upper = sorted.get(sorted.len() / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_process_needs_for_itself_does_not_count() {
        let points: Vec<(f64, f64)> =
            [1_000.0, 5_000.0, 10_000.0].map(|n| (n, 9e4 + 3.5 * n)).to_vec();
        assert!((slope(&points).unwrap() - 3.5).abs() < 1e-9);
    }

    #[test]
    fn points_beside_the_line_count_by_their_distance() {
        let points = [(0.0, 0.0), (1.0, 3.0), (2.0, 2.0)];
        assert!((slope(&points).unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_place_has_no_slope() {
        assert_eq!(slope(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(slope(&[]), None);
    }

    #[test]
    fn the_median_prefers_neither_side() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
