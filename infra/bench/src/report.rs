//! What a run leaves: the machine, the versions, the date, and every figure, in one JSON file from
//! which tables and bars can be drawn again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::measure::Measure;
use crate::servers::{broker_program, bun_client, bun_program, house_program};

/// With more before a run than this, somebody else had work for a good part of a core.
const LOAD_ALONE_MAX: f64 = 0.5;

/// A run.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Report {
    pub(crate) date: String,
    pub(crate) machine: Machine,
    pub(crate) versions: Versions,
    /// Limits that were raised for it.
    pub(crate) raised: Vec<String>,
    /// What could not be measured, and why.
    #[serde(default)]
    pub(crate) failed: Vec<String>,
    pub(crate) measures: Vec<Measure>,
}

/// Where it ran.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    /// Of the last minute, before the run and after it: with more than nothing before, others were
    /// at work too.
    pub(crate) load_before: String,
    pub(crate) load_after: String,
}

/// What ran.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Versions {
    pub(crate) dhchat: String,
    pub(crate) broker: String,
    pub(crate) naive: String,
    #[serde(default)]
    pub(crate) bun: String,
}

impl Machine {
    pub(crate) fn here() -> Result<Self> {
        let line = |file: &str, key: &str| -> Option<String> {
            let text = fs::read_to_string(file).ok()?;
            let line = text.lines().find(|line| line.starts_with(key))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let memory = line("/proc/meminfo", "MemTotal").context("no memory")?;
        let memory_kib: u64 = memory.trim_end_matches(" kB").parse()?;
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: line("/proc/cpuinfo", "model name").unwrap_or_default(),
            memory_mib: memory_kib / 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            load_before: load()?,
            load_after: String::new(),
        })
    }
}

impl Machine {
    /// Whether others were at work as well.
    pub(crate) fn was_shared(&self) -> bool {
        self.load_before.parse().is_ok_and(|load: f64| load > LOAD_ALONE_MAX)
    }
}

impl Versions {
    pub(crate) fn here() -> Self {
        Self {
            dhchat: says(Command::new(house_program()).arg("--version")),
            broker: says(Command::new(broker_program()).arg("--version")),
            naive: "axum 0.8, async-nats 0.51, one thread for each process".to_owned(),
            bun: bun_version(),
        }
    }
}

fn bun_version() -> String {
    let bun = says(Command::new(bun_program()).arg("--version"));
    format!("Bun {bun}, {}", bun_client().unwrap_or_default())
}

/// The load of the last minute.
pub(crate) fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

/// The present moment, to the second.
pub(crate) fn date() -> Result<String> {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0)?;
    Ok(now.format(&Rfc3339)?)
}

fn says(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}

impl Report {
    /// Writes it where it belongs; returns the place.
    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let place = folder.join("load.json");
        fs::write(&place, serde_json::to_string_pretty(self)?)?;
        Ok(place)
    }

    pub(crate) fn read(place: &Path) -> Result<Self> {
        let text = fs::read_to_string(place).with_context(|| place.display().to_string())?;
        Ok(serde_json::from_str(&text)?)
    }
}
