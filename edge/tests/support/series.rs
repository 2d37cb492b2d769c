//! Every series of figures that a process can ever show, computed from what it shows at its start.
//!
//! Counters and gauges exist from the start, one for each label value. Timings appear with their
//! first measurement, so what they can be is computed: the labels of the counter that counts the
//! same things, the few values of a label more, and the bounds.

use std::collections::BTreeSet;

use edge::http::metrics::STATUS_CLASSES;
use edge::telemetry::{FILE_SECONDS, REQUEST_SECONDS, SECONDS};

/// Series that a process may have at most.
pub(crate) const SERIES_MAX: usize = 3_000;

/// A timing: what it is called, the counter whose labels it has, a label of that which it has not,
/// the label that it has besides with all its values, and its bounds.
struct Timing {
    name: &'static str,
    like: Option<&'static str>,
    without: &'static str,
    besides: (&'static str, &'static [&'static str]),
    bounds: &'static [f64],
}

const NOTHING: (&str, &[&str]) = ("", &[]);

/// The timings that a process can show, if it shows the counter they are like.
const TIMINGS: [Timing; 5] = [
    Timing {
        name: "auth_request_duration_seconds",
        like: Some("auth_requests_total"),
        without: "",
        besides: ("status", &STATUS_CLASSES),
        bounds: REQUEST_SECONDS,
    },
    Timing {
        name: "chat_request_duration_seconds",
        like: Some("chat_requests_total"),
        without: "",
        besides: ("status", &STATUS_CLASSES),
        bounds: REQUEST_SECONDS,
    },
    Timing {
        name: "chat_websocket_message_processing_duration_seconds",
        like: Some("chat_websocket_messages_total"),
        without: "",
        besides: NOTHING,
        bounds: SECONDS,
    },
    Timing {
        name: "chat_websocket_file_transfer_duration_seconds",
        like: Some("chat_websocket_files_total"),
        without: "",
        besides: ("status", &["completed", "failed"]),
        bounds: FILE_SECONDS,
    },
    Timing {
        name: "db_query_duration_seconds",
        like: Some("db_query_errors_total"),
        without: "error_type",
        besides: NOTHING,
        bounds: SECONDS,
    },
];

/// The labels of a series, in order.
type Labels = BTreeSet<(String, String)>;

/// A series: its name and its labels.
pub(crate) type Series = (String, Labels);

/// Everything that a page shows.
pub(crate) fn shown(page: &str) -> BTreeSet<Series> {
    page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(series).collect()
}

/// `name{label="value",…} figure`
fn series(line: &str) -> Series {
    let (series, _figure) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let labels = labels.trim_end_matches('}').split("\",").filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (label, value) = pair.split_once("=\"").unwrap();
        (label.to_owned(), value.trim_end_matches('"').to_owned())
    };
    (name.to_owned(), labels.map(pair).collect())
}

/// Everything that a process can show that has just begun and shows this.
pub(crate) fn possible(page: &str) -> BTreeSet<Series> {
    let mut possible: BTreeSet<Series> =
        shown(page).into_iter().filter(|(name, _)| !is_of_a_timing(name)).collect();
    let timings: Vec<Series> =
        TIMINGS.iter().flat_map(|timing| series_of(timing, &possible)).collect();
    possible.extend(timings);
    possible
}

fn is_of_a_timing(name: &str) -> bool {
    TIMINGS.iter().any(|timing| name.starts_with(timing.name))
}

fn series_of(timing: &Timing, counters: &BTreeSet<Series>) -> Vec<Series> {
    let of_counter = counters.iter().filter(|(name, _)| Some(name.as_str()) == timing.like);
    let measured: BTreeSet<Labels> = of_counter
        .map(|(_, labels)| labels.clone())
        .map(|labels| labels.into_iter().filter(|(label, _)| label != timing.without).collect())
        .flat_map(|labels: Labels| each_with(&labels, timing.besides))
        .collect();
    let bounds = timing.bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
    let bounds: Vec<String> = bounds.collect();
    let mut series = Vec::new();
    for labels in measured {
        for part in ["sum", "count"] {
            series.push((format!("{}_{part}", timing.name), labels.clone()));
        }
        series.extend(bounds.iter().map(|bound| {
            let mut labels = labels.clone();
            labels.insert(("le".to_owned(), bound.clone()));
            (format!("{}_bucket", timing.name), labels)
        }));
    }
    series
}

/// Labels with each value of one more; as they are if there is none more.
fn each_with(labels: &Labels, (label, values): (&str, &[&str])) -> Vec<Labels> {
    if values.is_empty() {
        return vec![labels.clone()];
    }
    let with = |value: &&str| {
        let more = (label.to_owned(), (*value).to_owned());
        labels.iter().cloned().chain([more]).collect()
    };
    values.iter().map(with).collect()
}

/// Fails if a page shows what was not possible.
pub(crate) fn judge(possible: &BTreeSet<Series>, page: &str) {
    let shown = shown(page);
    let strange: Vec<&Series> = shown.difference(possible).collect();
    assert!(strange.is_empty(), "nobody knows of {strange:#?}");
}
