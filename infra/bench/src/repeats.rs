//! Several runs of one workload as one figure: the median, with what the others found beside it.

use serde_json::json;

use crate::measure::Measure;
use crate::slope::median;

/// One figure for each name, in the order in which they came first.
pub(crate) fn settle(measures: &[Measure]) -> Vec<Measure> {
    let mut settled: Vec<Measure> = Vec::new();
    for measure in measures {
        if settled.iter().any(|known| known.measure == measure.measure) {
            continue;
        }
        let of_name = measures.iter().filter(|other| other.measure == measure.measure);
        let found: Vec<f64> = of_name.map(|other| other.value).collect();
        let mut one = measure.clone();
        if found.len() > 1 {
            one.value = median(&found).unwrap_or(one.value);
            one.details["runs"] = json!(found);
        }
        settled.push(one);
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_for_all_runs_and_none_is_thrown_away() {
        let figure = |name: &str, value| Measure::new(name, "us", value, json!({ "a": 1 }));
        let runs = [("x", 3.0), ("y", 9.0), ("x", 1.0), ("x", 2.0)].map(|(n, v)| figure(n, v));
        let settled = settle(&runs);
        assert_eq!(settled.len(), 2);
        assert_eq!((settled[0].value, &settled[0].details["runs"]), (2.0, &json!([3.0, 1.0, 2.0])));
        assert_eq!(settled[1], runs[1]);
    }
}
