//! The page docs/performance.md from the JSON of a run: the table of targets, plots of what stands
//! beside each other, and every figure.

mod plots;
mod svg;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use plots::PLOTS;

use crate::measure::Measure;
use crate::report::Report;
use crate::targets::{Figures, judge, short, table};

const OPENING: &str = "\
# Performance

`make bench-load` measures the release build in its form for many: two edges, the actors, a broker and a PostgreSQL as processes of their own, with authentication, limits, metrics and logs on and without TLS.
One load generator of one thread speaks the binary door; a bare broker, a TCP echo, and what everybody would write with axum and async-nats (`infra/bench/src/bin/naive.rs`) or with Bun (`infra/bench/bun/relay.ts`) are measured in the same run.
Figures move with the machine, so ratios within a run are what counts; what a run missed stands here as well.
`infra/bench/README.md` says how each figure comes about.
This page is drawn from a run's JSON by `scripts/bench-load.sh draw`.
";

/// Writes the page, and its plots into the folder of the same name beside it.
pub(crate) fn write(report: &Report, page: &Path) -> Result<()> {
    let folder = page.with_extension("");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let figures = Figures::of(&report.measures);
    for plot in PLOTS {
        let (file, bars) = (folder.join(format!("{}.svg", plot.name)), plot.found(&figures));
        if !bars.is_empty() {
            fs::write(file, svg::draw(plot, &bars))?;
        } else if file.exists() {
            // It would show another run.
            fs::remove_file(file)?;
        }
    }
    let name = folder.file_name().context("a page has a name")?.to_string_lossy();
    Ok(fs::write(page, self::page(report, &name)?)?)
}

/// The page, for plots in this folder beside it.
fn page(report: &Report, folder: &str) -> Result<String> {
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
    let all = [&versions.dhchat, &versions.broker, &versions.naive, &versions.bun];
    let known: Vec<&str> =
        all.map(String::as_str).into_iter().filter(|of| !of.is_empty()).collect();
    writeln!(page, "- {}", known.join("; "))?;
    writeln!(page, "- raised for it: {}", report.raised.join(", "))?;
    for failed in &report.failed {
        writeln!(page, "- not measured: {failed}")?;
    }
    writeln!(page, "\n## Targets\n\n{}", table(&judge(&report.measures)))?;
    writeln!(page, "A margin above 1 is better than the target, one below is worse.\n")?;
    writeln!(page, "## Beside each other")?;
    let figures = Figures::of(&report.measures);
    for plot in PLOTS {
        let bars = plot.found(&figures);
        if !bars.is_empty() {
            let words = svg::in_words(plot, &bars);
            writeln!(page, "\n![{words}]({folder}/{}.svg)", plot.name)?;
        }
    }
    writeln!(page, "\n## Every figure\n\n| measure | value | unit |\n|---|---:|---|")?;
    for Measure { measure, unit, value, .. } in &report.measures {
        writeln!(page, "| {measure} | {} | {unit} |", short(*value))?;
    }
    Ok(page)
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
        let [dhchat, broker, naive, bun] =
            ["dhchat 1", "nats 2", "axum", "Bun 1"].map(str::to_owned);
        Report {
            date: "2026-11-26T18:00:00Z".to_owned(),
            machine,
            versions: Versions { dhchat, broker, naive, bun },
            raised: vec!["A=1".to_owned()],
            failed: vec!["crowd: the bus was away".to_owned()],
            measures: vec![Measure::new("house-many-cpu", "cpu-us/message", 20.0, json!({}))],
        }
    }

    #[test]
    fn a_page_shows_losses_what_was_not_measured_and_whether_others_were_at_work() {
        let read: Report =
            serde_json::from_str(&serde_json::to_string(&report("4.5")).unwrap()).unwrap();
        let written = page(&read, "speed").unwrap();
        for words in
            ["**missed**", "not measured: crowd", "others were at work", "raised for it: A=1"]
        {
            assert!(written.contains(words), "{words}\n{written}");
        }
        assert!(!page(&report("0.10"), "speed").unwrap().contains("others were at work"));
    }

    #[test]
    fn plots_stand_beside_the_page_that_shows_them_and_none_is_left_of_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("speed.md");
        fs::create_dir(folder.path().join("speed")).unwrap();
        fs::write(folder.path().join("speed/memory.svg"), "of another run").unwrap();
        write(&report("0.10"), &place).unwrap();
        let written = fs::read_to_string(&place).unwrap();
        assert!(written.contains("dh-secure-chat: 20.0](speed/many.svg)"), "{written}");
        let drawn: Vec<_> = fs::read_dir(folder.path().join("speed")).unwrap().collect();
        assert_eq!(drawn.len(), 1);
        assert_eq!(drawn[0].as_ref().unwrap().file_name(), "many.svg");
    }
}
