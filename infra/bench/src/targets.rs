//! What was promised, as ratios within one run, and whether it was kept. Absolute numbers move with
//! the machine; a target in microseconds of a core moves as well, and says so by standing beside
//! what a broker alone needs.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::measure::Measure;

/// Figures by name.
pub(crate) struct Figures(BTreeMap<String, f64>);

/// Where a target lies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Most(f64),
    Least(f64),
}

struct Target {
    title: &'static str,
    unit: &'static str,
    bound: Bound,
    of: fn(&Figures) -> Option<f64>,
}

/// How a target was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Verdict {
    Kept,
    Missed,
    NotMeasured,
}

/// A line of the table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) found: Option<f64>,
    pub(crate) target: String,
    /// By how much it is better than the target; below 1 it is worse.
    pub(crate) margin: Option<f64>,
    pub(crate) verdict: Verdict,
}

/// Lateness that everybody has, however fast the rest is.
const P999_FLOOR_US: f64 = 5_000.0;

const TARGETS: &[Target] = &[
    Target {
        title: "256 pairs, one word in flight: edges and broker",
        unit: "CPU-µs/message",
        bound: Bound::Most(16.0),
        of: |f| f.get("house-many-cpu"),
    },
    Target {
        title: "the same, of what the naive relay needs",
        unit: "×",
        bound: Bound::Most(0.8),
        of: |f| f.ratio("house-many-cpu", "naive-many-cpu"),
    },
    Target {
        title: "the same, of what Bun's relay needs",
        unit: "×",
        bound: Bound::Most(0.34),
        of: |f| f.ratio("house-many-cpu", "bun-many-cpu"),
    },
    Target {
        title: "8 pairs, 32 words in flight",
        unit: "messages/s",
        bound: Bound::Least(350_000.0),
        of: |f| f.get("house-saturated-rate"),
    },
    Target {
        title: "the same, of what the naive relay carries",
        unit: "×",
        bound: Bound::Least(1.75),
        of: |f| f.ratio("house-saturated-rate", "naive-saturated-rate"),
    },
    Target {
        title: "the same, of what Bun's relay carries",
        unit: "×",
        bound: Bound::Least(4.0),
        of: |f| f.ratio("house-saturated-rate", "bun-saturated-rate"),
    },
    Target {
        title: "memory for each idle connection",
        unit: "KiB",
        bound: Bound::Most(3.5),
        of: |f| f.get("house-idle-slope"),
    },
    Target {
        title: "the same, of what Bun's relay needs for one",
        unit: "×",
        bound: Bound::Most(1.0),
        of: |f| f.ratio("house-idle-slope", "bun-idle-slope"),
    },
    Target {
        title: "5,000 words/s, open loop: p50, of NATS request-reply and a TCP echo",
        unit: "×",
        bound: Bound::Most(1.25),
        of: |f| {
            Some(f.get("house-open-p50")? / (f.get("raw-nats-ask-p50")? + f.get("raw-echo-p50")?))
        },
    },
    Target {
        title: "the same: p99.9, of five times p50 and 5 ms",
        unit: "×",
        bound: Bound::Most(1.0),
        of: |f| Some(f.get("house-open-p999")? / (5.0 * f.get("house-open-p50")? + P999_FLOOR_US)),
    },
    Target {
        title: "the same: words lost",
        unit: "messages",
        bound: Bound::Most(0.0),
        of: |f| f.get("house-open-lost"),
    },
    Target {
        title: "p99 during a file transfer, of the quiet one",
        unit: "×",
        bound: Bound::Most(1.2),
        of: |f| f.ratio("house-during-transfer-p99", "house-open-p99"),
    },
    Target {
        title: "p99 during a flood of logins, of the quiet one",
        unit: "×",
        bound: Bound::Most(1.2),
        of: |f| f.ratio("house-during-logins-p99", "house-open-p99"),
    },
    Target {
        title: "p99 during 500 connects/s, of the quiet one",
        unit: "×",
        bound: Bound::Most(1.2),
        of: |f| f.ratio("house-during-connects-p99", "house-open-p99"),
    },
    Target {
        title: "files, one pair",
        unit: "MiB/s",
        bound: Bound::Least(400.0),
        of: |f| f.get("house-files-1-rate"),
    },
    Target {
        title: "the same, of what Bun's relay carries of one",
        unit: "×",
        bound: Bound::Least(1.3),
        of: |f| f.ratio("house-files-1-rate", "bun-files-1-rate"),
    },
    Target {
        title: "files, four pairs",
        unit: "MiB/s",
        bound: Bound::Least(600.0),
        of: |f| f.get("house-files-4-rate"),
    },
    Target {
        title: "files, four pairs: edges and broker",
        unit: "CPU-ms/MiB",
        bound: Bound::Most(2.4),
        of: |f| f.get("house-files-4-cpu"),
    },
    Target {
        title: "memory for each receiver that stalls",
        unit: "MiB",
        bound: Bound::Most(0.6),
        of: |f| f.get("house-stalled"),
    },
    Target {
        title: "letting somebody in: edge",
        unit: "CPU-µs",
        bound: Bound::Most(120.0),
        of: |f| f.get("house-connect"),
    },
    Target {
        title: "the same, of what Bun's relay needs to let one in",
        unit: "×",
        bound: Bound::Most(1.5),
        of: |f| f.ratio("house-connect", "bun-connect"),
    },
    Target {
        title: "10,000 who leave at once: edge",
        unit: "CPU-s",
        bound: Bound::Most(1.0),
        of: |f| f.get("house-leave"),
    },
    Target {
        title: "a word at four edges, of one at two",
        unit: "×",
        bound: Bound::Most(1.10),
        of: |f| f.ratio("house-edges-4-cpu", "house-edges-2-cpu"),
    },
    Target {
        title: "a word among 40,000 people, of one among 2,500",
        unit: "×",
        bound: Bound::Most(1.15),
        of: |f| f.ratio("house-people-40000-cpu", "house-people-2500-cpu"),
    },
];

impl Figures {
    pub(crate) fn of(measures: &[Measure]) -> Self {
        Self(measures.iter().map(|measure| (measure.measure.clone(), measure.value)).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    fn ratio(&self, of: &str, to: &str) -> Option<f64> {
        Some(self.get(of)? / self.get(to)?).filter(|ratio| ratio.is_finite())
    }
}

/// Every target, whether it was measured or not: losses are shown too.
pub(crate) fn judge(measures: &[Measure]) -> Vec<Row> {
    let figures = Figures::of(measures);
    TARGETS.iter().map(|target| target.judge(&figures)).collect()
}

impl Target {
    fn judge(&self, figures: &Figures) -> Row {
        let found = (self.of)(figures);
        let verdict = match found {
            None => Verdict::NotMeasured,
            Some(found) if self.bound.is_kept(found) => Verdict::Kept,
            Some(_) => Verdict::Missed,
        };
        Row {
            title: self.title,
            unit: self.unit,
            found,
            target: self.bound.in_words(),
            margin: found.and_then(|found| self.bound.margin(found)),
            verdict,
        }
    }
}

impl Bound {
    fn is_kept(self, found: f64) -> bool {
        match self {
            Self::Most(most) => found <= most,
            Self::Least(least) => found >= least,
        }
    }

    /// None where nothing can be divided.
    fn margin(self, found: f64) -> Option<f64> {
        let margin = match self {
            Self::Most(most) => most / found,
            Self::Least(least) => found / least,
        };
        margin.is_finite().then_some(margin)
    }

    fn in_words(self) -> String {
        match self {
            Self::Most(most) => format!("≤ {}", short(most)),
            Self::Least(least) => format!("≥ {}", short(least)),
        }
    }
}

impl Verdict {
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Missed => "**missed**",
            Self::NotMeasured => "not measured",
        }
    }
}

/// With as many digits as say something.
pub(crate) fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if size >= 1_000.0 => thousands(number),
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The table as Markdown, which a terminal shows as well.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut table = "| what | found | target | margin | |\n|---|---:|---:|---:|---|\n".to_owned();
    for row in rows {
        let number = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), short);
        let (found, margin) = (number(row.found), number(row.margin));
        let words = row.verdict.in_words();
        writeln!(
            table,
            "| {} | {found} {} | {} | {margin} | {words} |",
            row.title, row.unit, row.target
        )
        .expect("writing into memory cannot fail");
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figure(name: &str, value: f64) -> Measure {
        Measure::new(name, "", value, json!({}))
    }

    fn row(measures: &[Measure], title: &str) -> Row {
        judge(measures).into_iter().find(|row| row.title.starts_with(title)).unwrap()
    }

    #[test]
    fn a_ratio_is_of_two_figures_of_one_run() {
        let both = [figure("house-many-cpu", 12.0), figure("naive-many-cpu", 20.0)];
        let found = row(&both, "the same, of what the naive relay needs");
        assert_eq!((found.found, found.verdict), (Some(0.6), Verdict::Kept));
        assert!((found.margin.unwrap() - 0.8 / 0.6).abs() < 1e-9);
        let alone = row(&both[..1], "the same, of what the naive relay needs");
        assert_eq!((alone.found, alone.verdict), (None, Verdict::NotMeasured));
    }

    #[test]
    fn a_loss_is_shown_and_nothing_lost_is_kept() {
        let missed = row(&[figure("house-saturated-rate", 175_000.0)], "8 pairs");
        assert_eq!((missed.verdict, missed.margin), (Verdict::Missed, Some(0.5)));
        assert!(
            table(&[missed]).contains("| 175,000 messages/s | ≥ 350,000 | 0.50 | **missed** |")
        );
        assert_eq!(
            row(&[figure("house-open-lost", 0.0)], "the same: words").verdict,
            Verdict::Kept
        );
        assert_eq!(
            row(&[figure("house-open-lost", 1.0)], "the same: words").verdict,
            Verdict::Missed
        );
    }

    #[test]
    fn latencies_are_held_against_those_of_the_same_minute() {
        let figures = [
            figure("house-open-p50", 300.0),
            figure("house-open-p999", 6_500.0),
            figure("raw-nats-ask-p50", 190.0),
            figure("raw-echo-p50", 60.0),
        ];
        assert_eq!(row(&figures, "5,000 words/s").found, Some(1.2));
        assert_eq!(row(&figures, "the same: p99.9").found, Some(1.0));
    }

    #[test]
    fn every_target_has_a_row_even_if_nothing_was_measured() {
        let rows = judge(&[]);
        assert_eq!(rows.len(), TARGETS.len());
        assert!(rows.iter().all(|row| row.verdict == Verdict::NotMeasured));
    }

    #[test]
    fn numbers_have_the_digits_that_say_something() {
        let shown = [0.0, 0.584, 12.34, 640.4, 1_234_567.0].map(short);
        assert_eq!(shown, ["0", "0.58", "12.3", "640", "1,234,567"]);
    }
}
