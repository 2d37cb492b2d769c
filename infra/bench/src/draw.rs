//! The page docs/performance.md from the JSON of a run: the table of targets, bars for what stands beside
//! each other, and every figure.

use std::fmt::Write;

use anyhow::Result;

use crate::measure::Measure;
use crate::report::Report;
use crate::targets::{Figures, judge, short, table};

/// How long the longest bar is.
const BAR_CHARS: f64 = 40.0;

/// Figures that say something beside each other.
struct Plot {
    title: &'static str,
    unit: &'static str,
    bars: &'static [(&'static str, &'static str)],
}

const PLOTS: &[Plot] = &[
    Plot {
        title: "256 pairs, one word in flight: edges and broker",
        unit: "CPU-µs/message",
        bars: &[
            ("dh-secure-chat", "house-many-cpu"),
            ("naive relay", "naive-many-cpu"),
            ("broker alone, batched", "raw-nats-cpu"),
        ],
    },
    Plot {
        title: "8 pairs, 32 words in flight",
        unit: "messages/s",
        bars: &[
            ("dh-secure-chat", "house-saturated-rate"),
            ("naive relay", "naive-saturated-rate"),
            ("broker alone, batched", "raw-nats-rate"),
        ],
    },
    Plot {
        title: "5,000 words/s, open loop",
        unit: "µs",
        bars: &[
            ("dh-secure-chat p50", "house-open-p50"),
            ("naive relay p50", "naive-open-p50"),
            ("NATS request-reply p50", "raw-nats-ask-p50"),
            ("TCP echo p50", "raw-echo-p50"),
            ("dh-secure-chat p99", "house-open-p99"),
            ("naive relay p99", "naive-open-p99"),
        ],
    },
    Plot {
        title: "memory for each idle connection",
        unit: "KiB",
        bars: &[("dh-secure-chat", "house-idle-slope"), ("naive relay", "naive-idle-slope")],
    },
    Plot {
        title: "files",
        unit: "MiB/s",
        bars: &[
            ("dh-secure-chat, one pair", "house-files-1-rate"),
            ("naive relay, one pair", "naive-files-1-rate"),
            ("dh-secure-chat, four pairs", "house-files-4-rate"),
            ("naive relay, four pairs", "naive-files-4-rate"),
        ],
    },
];

const OPENING: &str = "\
# Performance

`make bench-load` measures the release build in its form for many: two edges, the actors, a broker and a PostgreSQL as processes of their own, with authentication, limits, metrics and logs on and without TLS.
One load generator of one thread speaks the binary door; a bare broker, a TCP echo, and what everybody would write with axum and async-nats (`infra/bench/src/bin/naive.rs`) are measured in the same run.
Figures move with the machine, so ratios within a run are what counts; what a run missed stands here as well.
`infra/bench/README.md` says how each figure comes about.
This page is drawn from a run's JSON by `scripts/bench-load.sh draw`.
";

/// The whole page.
pub(crate) fn page(report: &Report) -> Result<String> {
    let mut page = OPENING.to_owned();
    let machine = &report.machine;
    writeln!(page, "\n## The run\n")?;
    writeln!(page, "- {}", report.date)?;
    writeln!(
        page,
        "- {} cores ({}), {} MiB, Linux {}",
        machine.cores, machine.processor, machine.memory_mib, machine.kernel
    )?;
    writeln!(
        page,
        "- load of the machine before the run {}, after it {}",
        machine.load_before, machine.load_after
    )?;
    if machine.was_shared() {
        writeln!(
            page,
            "- **others were at work on it: times and rates are theirs as much as ours**"
        )?;
    }
    let versions = &report.versions;
    writeln!(page, "- {}; {}; {}", versions.dhchat, versions.broker, versions.naive)?;
    writeln!(page, "- raised for it: {}", report.raised.join(", "))?;
    for failed in &report.failed {
        writeln!(page, "- not measured: {failed}")?;
    }
    writeln!(page, "\n## Targets\n\n{}", table(&judge(&report.measures)))?;
    writeln!(page, "A margin above 1 is better than the target, one below is worse.\n")?;
    writeln!(page, "## Beside each other")?;
    let figures = Figures::of(&report.measures);
    for plot in PLOTS {
        bars(&mut page, plot, &figures)?;
    }
    writeln!(page, "\n## Every figure\n\n| measure | value | unit |\n|---|---:|---|")?;
    for Measure { measure, unit, value, .. } in &report.measures {
        writeln!(page, "| {measure} | {} | {unit} |", short(*value))?;
    }
    Ok(page)
}

fn bars(page: &mut String, plot: &Plot, figures: &Figures) -> Result<()> {
    let found: Vec<(&str, f64)> =
        plot.bars.iter().filter_map(|(title, name)| Some((*title, figures.get(name)?))).collect();
    let most = found.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    if most <= 0.0 {
        return Ok(());
    }
    writeln!(page, "\n{} ({}):\n\n```text", plot.title, plot.unit)?;
    for (title, value) in found {
        let bar = "█".repeat(length(value / most));
        writeln!(page, "{title:<27} {bar} {}", short(value))?;
    }
    writeln!(page, "```")?;
    Ok(())
}

fn length(share: f64) -> usize {
    usize::try_from(crate::number::count((share * BAR_CHARS).round().max(1.0))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::{Machine, Versions};

    fn report(load_before: &str) -> Report {
        let machine = Machine {
            cores: 2,
            processor: "a processor".to_owned(),
            memory_mib: 1_024,
            kernel: "6.18".to_owned(),
            load_before: load_before.to_owned(),
            load_after: "2.0".to_owned(),
        };
        let [dhchat, broker, naive] = ["dhchat 1", "nats 2", "axum"].map(str::to_owned);
        Report {
            date: "2026-11-26T18:00:00Z".to_owned(),
            machine,
            versions: Versions { dhchat, broker, naive },
            raised: vec!["A=1".to_owned()],
            failed: vec!["crowd: the bus was away".to_owned()],
            measures: vec![Measure::new("house-many-cpu", "cpu-us/message", 20.0, json!({}))],
        }
    }

    #[test]
    fn a_page_shows_losses_what_was_not_measured_and_whether_others_were_at_work() {
        let read: Report =
            serde_json::from_str(&serde_json::to_string(&report("4.5")).unwrap()).unwrap();
        let written = page(&read).unwrap();
        for words in
            ["**missed**", "not measured: crowd", "others were at work", "raised for it: A=1"]
        {
            assert!(written.contains(words), "{words}\n{written}");
        }
        assert!(!page(&report("0.10")).unwrap().contains("others were at work"));
    }

    #[test]
    fn the_longest_bar_is_the_largest_figure_and_what_was_not_measured_has_none() {
        let measure = |name: &str, value| Measure::new(name, "", value, json!({}));
        let figures =
            Figures::of(&[measure("house-many-cpu", 10.0), measure("naive-many-cpu", 40.0)]);
        let mut page = String::new();
        bars(&mut page, &PLOTS[0], &figures).unwrap();
        let lengths: Vec<usize> =
            page.lines().map(|line| line.matches('█').count()).filter(|count| *count > 0).collect();
        assert_eq!(lengths, [10, 40]);
        assert!(!page.contains("broker alone"));
    }
}
