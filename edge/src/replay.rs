//! `dhchat replay`: gives recorded events to the machine of this program and says whether it does
//! again what it did; prints the transcript; says and asks again on a live bus.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;

use actors::bus::nats::{BusUser, ConnectError, NatsConfig};
use actors_core::capture::replay::{Replay, Stop};
use actors_core::capture::words;
use bus_schemas::bus::BusError;
use bus_schemas::capture::file::{FileError, Reader};
use bus_schemas::capture::{Record, What};
use bus_schemas::secret::Secret;

use crate::config::variables::{BUS_CA_FILE, Variables};

mod live;

/// What to replay, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The capture.
    pub file: PathBuf,
    /// Whether it is printed.
    pub transcript: Transcript,
    /// Where it is said again, if anywhere.
    pub bus: Option<Secret<String>>,
    /// How many times as fast.
    pub speed: u32,
}

/// Whether the capture is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transcript {
    /// A line for each thing.
    Shown,
    /// Only what came out.
    Hidden,
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same.
    Same,
    /// Something else; it was said what and where.
    Differs,
}

/// Why nothing came out.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file is not there.
    #[error("the file cannot be opened: {0}")]
    Open(io::Error),
    /// Whoever reads what is printed has gone.
    #[error("nothing more can be printed: {0}")]
    Print(#[from] io::Error),
    /// It is no capture, or a damaged one.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its records make no sense.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// The live bus cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It takes nothing.
    #[error("the bus: {0}")]
    Bus(#[from] BusError),
}

/// Replays a file.
pub fn run(options: &Options, variables: &dyn Variables) -> Result<Outcome, ReplayError> {
    let input = File::open(&options.file).map_err(ReplayError::Open)?;
    let records = Reader::open(BufReader::new(input))?.read_all()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    if options.transcript == Transcript::Shown {
        for line in records.iter().flat_map(|(_, record)| words::record(record)) {
            writeln!(out, "{line}")?;
        }
    }
    let mut replay = Replay::default();
    for (place, record) in &records {
        match replay.feed(*place, record) {
            Ok(()) => {}
            Err(Stop::Differs(difference)) => {
                writeln!(out, "{difference}")?;
                return Ok(Outcome::Differs);
            }
            Err(stop) => return Err(stop.into()),
        }
    }
    let done = replay.done();
    writeln!(
        out,
        "{} Sessions, {} events, {} effects: the same",
        done.sessions, done.events, done.effects
    )?;
    if done.lost > 0 {
        writeln!(out, "{} records are missing; a Session that lost one ends there", done.lost)?;
    }
    for edge in without_end(&records) {
        writeln!(out, "edge {edge} has no end here: it went away while it was recorded")?;
    }
    out.flush()?;
    match &options.bus {
        Some(url) => {
            let ca_file = variables.get(BUS_CA_FILE.name).filter(|path| !path.is_empty());
            let ca_file = ca_file.map(PathBuf::from);
            let config = NatsConfig { ca_file, ..NatsConfig::new(url.clone(), BusUser::Edge) };
            live::run(&records, config, options.speed, &mut out)
        }
        None => Ok(Outcome::Same),
    }
}

/// Edges that did not say that they record no more.
fn without_end(records: &[(usize, Record)]) -> Vec<String> {
    let mut open: Vec<_> = records.iter().map(|(_, record)| record.edge).collect();
    open.sort_unstable();
    open.dedup();
    let has_ended = |edge| {
        let is_end = |record: &Record| matches!(record.what, What::Ended { .. });
        records.iter().any(|(_, record)| record.edge == edge && is_end(record))
    };
    open.retain(|edge| !has_ended(*edge));
    open.into_iter().map(|edge| words::short(edge.as_bytes())).collect()
}
