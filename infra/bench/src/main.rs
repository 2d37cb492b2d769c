//! How fast dh-secure-chat is: real servers, one load generator of one thread, baselines in the same
//! run, and a table of ratios with what was promised.
//!
//! ```text
//! bench run [PART…]      all parts, or those that are named; writes DHCHAT_BENCH_FOLDER/load.json
//! bench smoke            a few seconds: nothing is lost
//! bench draw FILE PAGE   the page of a run, and its plots in the folder of that name
//! ```
//!
//! The last line that a run prints is one JSON array of its figures.

mod arrivals;
mod chance;
mod clock;
mod door;
mod draw;
mod frames;
mod latency;
mod line;
mod link;
mod measure;
mod number;
mod pairs;
mod people;
#[path = "../../../edge/tests/provision/mod.rs"]
mod provision;
mod raw;
mod repeats;
mod report;
mod rest;
mod servers;
mod slope;
mod smoke;
mod stages;
mod targets;
mod usage;
mod word;
mod workload;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::measure::Measure;
use crate::report::{Machine, Report, Versions, date, load};
use crate::stages::{Run, Stage};
use crate::workload::Span;

/// A run ends by itself, whatever happens.
const RUN_WAIT: Duration = Duration::from_mins(25);
/// How long a workload is looked at, in seconds; `DHCHAT_BENCH_SECONDS` chooses.
const SECONDS: f64 = 4.0;
const WARM: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let work = async {
        match words.as_slice() {
            ["run", parts @ ..] => run(parts).await,
            ["smoke"] => smoke().await,
            ["draw", file, page] => draw::write(&Report::read(Path::new(file))?, Path::new(page)),
            ["delay", order] => line::delay(Path::new(order)).await,
            ["hold", order] => workload::hold::hold(Path::new(order)).await,
            ["disturb", order] => workload::disturbed::disturb(Path::new(order)).await,
            _ => bail!("bench run [PART…] | smoke | draw FILE PAGE"),
        }
    };
    let work = Box::pin(timeout(RUN_WAIT, work));
    LocalSet::new().run_until(work).await.context("it took too long")?
}

async fn run(parts: &[&str]) -> Result<()> {
    let stages = match parts {
        [] => Stage::ALL.to_vec(),
        named => named.iter().map(|name| Stage::named(name)).collect::<Result<_>>()?,
    };
    open_as_many_files_as_may_be()?;
    let folder = tempfile::tempdir()?;
    let database_url = database_url(folder.path());
    let run = Run { folder: folder.path(), database_url: &database_url, span: span()? };
    let mut machine = Machine::here()?;
    let (mut measures, mut failed) = (Vec::new(), Vec::new());
    for stage in stages {
        match run.stage(stage).await {
            Ok(found) => measures.extend(found),
            Err(error) => {
                say(&format!("{}: {error:#}", stage.name()));
                failed.push(format!("{}: {error:#}", stage.name()));
            }
        }
    }
    machine.load_after = load()?;
    let measures = repeats::settle(&measures);
    let raised = servers::RAISED.map(|(name, value)| format!("{name}={value}")).to_vec();
    let versions = Versions::here();
    let report = Report { date: date()?, machine, versions, raised, failed, measures };
    let place = report.write(&results())?;
    say(&format!("\n{}\nEvery figure is in {}", table(&report), place.display()));
    print_figures(&report.measures)?;
    if report.failed.is_empty() { Ok(()) } else { bail!("{}", report.failed.join("; ")) }
}

async fn smoke() -> Result<()> {
    open_as_many_files_as_may_be()?;
    let folder = tempfile::tempdir()?;
    let database_url = database_url(folder.path());
    let run = Run { folder: folder.path(), database_url: &database_url, span: span()? };
    print_figures(&smoke::run(&run).await?)
}

fn table(report: &Report) -> String {
    targets::table(&targets::judge(&report.measures))
}

fn print_figures(measures: &[Measure]) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string(measures)?))
}

fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// Tells whoever waits how far it is.
pub(crate) fn say(text: &str) {
    // Not being able to tell it is no failure.
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Each connection is a file here and one at an edge; processes that are started inherit the limit.
fn open_as_many_files_as_may_be() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

fn database_url(folder: &Path) -> String {
    let file = || format!("sqlite:{}", folder.join("dhchat.db").display());
    std::env::var("DHCHAT_TEST_POSTGRES_URL").unwrap_or_else(|_| file())
}

fn results() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    std::env::var_os("DHCHAT_BENCH_FOLDER").map_or(usual, PathBuf::from)
}

fn span() -> Result<Span> {
    let seconds = match std::env::var("DHCHAT_BENCH_SECONDS") {
        Ok(text) => text.parse().context("DHCHAT_BENCH_SECONDS")?,
        Err(_) => SECONDS,
    };
    Ok(Span { warm: WARM, measured: Duration::try_from_secs_f64(seconds)? })
}
