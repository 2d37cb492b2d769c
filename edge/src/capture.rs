//! `dhchat capture`: asks edges to record, and puts what they saw into one file.
//!
//! It listens to no chat subject: it asks over `dev.capture` and hears the answers. Edges that are
//! not configured for it do not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actors::bus::nats::{self, BusUser, ConnectError, NatsConfig};
use bus_schemas::bus::Bus;
use bus_schemas::capture::ask::{
    AskCapture, EDGES_MAX, FORGOTTEN_MS, Next, Page, Plan, Taken, Verb, capture,
};
use bus_schemas::capture::file::{self, FileError, Writer};
use bus_schemas::capture::{Bodies, FILE_BYTES_MAX, Record, What};
use bus_schemas::fault::Code;
use bus_schemas::id::{CaptureId, EdgeId, UserId};
use bus_schemas::secret::Secret;
use bus_schemas::verbs::CallError;
use futures_util::StreamExt;
use tokio::time::{Instant, sleep, timeout_at};

use crate::config::variables::{BUS_CA_FILE, BUS_URL, Variable, Variables};
use crate::lifecycle::Signals;

/// How long edges may take to answer. How many there are is not known before.
const BEGIN_WAIT: Duration = Duration::from_secs(1);
/// The same once it is known.
const PAGE_WAIT: Duration = Duration::from_secs(2);
/// How often edges are asked for what they recorded.
const TAKE_EVERY: Duration = Duration::from_millis(200);
/// An edge that has not answered for so long has gone, and has forgotten the capture.
const GONE: Duration = Duration::from_millis(FORGOTTEN_MS);
/// What the file needs besides its records.
const HEAD_BYTES: u64 = 64 * 1024;

/// What to record, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file to make.
    pub file: PathBuf,
    /// How long at most.
    pub seconds: u64,
    /// Of whom; of everybody if nobody is named.
    pub users: Vec<UserId>,
    /// What becomes of ciphertext.
    pub bodies: Bodies,
}

/// Why there is no capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It is not known where the edges are.
    #[error("{} is needed: nats://capture:PASSWORD@HOST:PORT", BUS_URL.name)]
    NoBus,
    /// They cannot be asked.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Nobody answers.
    #[error("no edge answers: start those to be recorded with DHCHAT_CAPTURE=allowed")]
    NoEdge,
    /// Somebody else records.
    #[error("edge {0} is being recorded already")]
    Busy(&'static str),
    /// An edge does not record so.
    #[error("an edge refuses: {0}")]
    Refused(Code),
    /// The question cannot be asked.
    #[error("the edges cannot be asked: {0}")]
    Call(#[from] CallError),
    /// The file cannot be made.
    #[error("the file cannot be made: {0}")]
    File(#[from] FileError),
    /// Neither can something else.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Records until the time is over or a signal comes.
pub fn run(options: &Options, variables: &dyn Variables) -> Result<(), CaptureError> {
    // Whoever installed one before installed the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let main = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    main.block_on(async {
        let given = |variable: Variable| variables.get(variable.name).filter(|it| !it.is_empty());
        let url = Secret::new(given(BUS_URL).ok_or(CaptureError::NoBus)?);
        let ca_file = given(BUS_CA_FILE).map(PathBuf::from);
        // Found out first: what was recorded must find its place.
        let out = File::create_new(&options.file)?;
        let mut signals = Signals::listen()?;
        let config = NatsConfig { ca_file, ..NatsConfig::new(url, BusUser::Capture) };
        let outcome = record(options, Arc::new(nats::connect(config).await?), &mut signals, &out);
        let outcome = outcome.await;
        if outcome.is_err() {
            // An empty file is of use to nobody.
            drop(std::fs::remove_file(&options.file));
        }
        outcome
    })
}

async fn record(
    options: &Options,
    bus: Arc<dyn Bus>,
    signals: &mut Signals,
    out: &File,
) -> Result<(), CaptureError> {
    let mut collector = Collector::begin(bus, options).await?;
    say(&format!(
        "recording {} edges for {} s at most; SIGINT ends it",
        collector.edges.len(),
        options.seconds
    ));
    let over = Instant::now() + Duration::from_secs(options.seconds);
    loop {
        let is_more = collector.take(Wanted::More).await;
        if collector.is_over() || collector.is_full() || Instant::now() >= over {
            break;
        }
        tokio::select! {
            biased;
            () = signals.next() => break,
            () = sleep(if is_more { Duration::ZERO } else { TAKE_EVERY }) => {}
        }
    }
    let patience = Instant::now() + GONE;
    while !collector.is_over() && Instant::now() < patience {
        if !collector.take(Wanted::Rest).await {
            sleep(TAKE_EVERY).await;
        }
    }
    collector.write(out)?;
    say(&collector.summary(options));
    Ok(())
}

/// What the edges are asked for.
#[derive(Clone, Copy)]
enum Wanted {
    More,
    Rest,
}

/// Collects pages.
struct Collector {
    bus: Arc<dyn Bus>,
    capture: CaptureId,
    edges: BTreeMap<EdgeId, Edge>,
    records: Vec<Record>,
    bytes: u64,
}

struct Edge {
    page: u64,
    heard_at: Instant,
    state: EdgeState,
    /// Records for which the file has no room.
    dropped: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EdgeState {
    Recording,
    /// Everything was taken.
    Over,
    /// It went away without having given everything.
    Gone,
}

impl Collector {
    async fn begin(bus: Arc<dyn Bus>, options: &Options) -> Result<Self, CaptureError> {
        let (mut capture, mut veil) = ([0; 16], [0; 16]);
        for bytes in [&mut capture, &mut veil] {
            getrandom::fill(bytes).map_err(io::Error::other)?;
        }
        let (users, bodies) = (options.users.clone(), options.bodies);
        let plan = Plan { for_ms: options.seconds * 1_000, users, bodies, veil };
        let capture = CaptureId::from_bytes(capture);
        let edges = BTreeMap::new();
        let mut collector = Self { bus, capture, edges, records: Vec::new(), bytes: 0 };
        for answer in collector.ask(Verb::Begin(plan), EDGES_MAX, BEGIN_WAIT).await? {
            match answer {
                Ok(page) => {
                    let state = EdgeState::Recording;
                    let edge = Edge { page: 0, heard_at: Instant::now(), state, dropped: 0 };
                    collector.edges.insert(page.edge, edge);
                }
                Err(CallError::Refused(refusal)) if refusal.code == Code::TooManyRequests => {
                    return Err(CaptureError::Busy("of another developer"));
                }
                Err(CallError::Refused(refusal)) => {
                    return Err(CaptureError::Refused(refusal.code));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if collector.edges.is_empty() { Err(CaptureError::NoEdge) } else { Ok(collector) }
    }

    /// Asks for pages; whether there is more at once.
    async fn take(&mut self, wanted: Wanted) -> bool {
        let taken = self.edges.iter();
        let taken = taken.map(|(id, edge)| Taken { edge: *id, page: edge.page }).collect();
        let verb = match wanted {
            Wanted::More => Verb::Take { taken },
            Wanted::Rest => Verb::End { taken },
        };
        let expected =
            self.edges.values().filter(|edge| edge.state == EdgeState::Recording).count();
        // While the bus is away edges go on recording; they are asked again.
        let answers = self.ask(verb, expected, PAGE_WAIT).await.unwrap_or_default();
        let mut is_more = false;
        // Whoever has no capture of this name has begun or forgotten meanwhile: not ours.
        for page in answers.into_iter().flatten() {
            is_more |= page.next == Next::More;
            self.keep(&page);
        }
        for edge in self.edges.values_mut() {
            if edge.state == EdgeState::Recording && edge.heard_at.elapsed() > GONE {
                edge.state = EdgeState::Gone;
            }
        }
        is_more
    }

    fn keep(&mut self, page: &Page) {
        let Some(edge) = self.edges.get_mut(&page.edge) else { return };
        edge.heard_at = Instant::now();
        if page.number <= edge.page {
            return;
        }
        edge.page = page.number;
        if page.next == Next::Nothing {
            edge.state = EdgeState::Over;
        }
        for bytes in &page.records {
            let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX) + 5;
            match file::decode(bytes) {
                // The last word of an edge always finds room.
                Ok(record) if is_end(&record) => self.records.push(record),
                Ok(record) if self.bytes + more + HEAD_BYTES <= FILE_BYTES_MAX => {
                    self.bytes += more;
                    self.records.push(record);
                }
                Ok(_) | Err(_) => edge.dropped += 1,
            }
        }
    }

    fn is_over(&self) -> bool {
        self.edges.values().all(|edge| edge.state != EdgeState::Recording)
    }

    fn is_full(&self) -> bool {
        self.edges.values().any(|edge| edge.dropped > 0)
    }

    /// All records in the order of their time; what had no room is a gap at the end.
    fn write(&mut self, out: &File) -> Result<(), CaptureError> {
        self.records.sort_by_key(|record| record.at_us);
        let at_us = self.records.last().map_or(0, |record| record.at_us);
        for (id, edge) in &self.edges {
            if edge.dropped > 0 {
                let what = What::Gap { lost: edge.dropped };
                self.records.push(Record { edge: *id, at_us, bodies: Bodies::Random, what });
            }
        }
        let mut writer = Writer::begin(io::BufWriter::new(out))?;
        for record in &self.records {
            writer.write(record)?;
        }
        writer.finish()?;
        Ok(())
    }

    fn summary(&self, options: &Options) -> String {
        let gone = self.edges.values().filter(|edge| edge.state == EdgeState::Gone).count();
        let lost: u64 = self.records.iter().map(|record| record.what.lost()).sum();
        format!(
            "{}: {} records of {} edges; {lost} are missing, and {gone} edges went away",
            options.file.display(),
            self.records.len(),
            self.edges.len()
        )
    }

    /// Asks every edge; what they answer, at most one each, until so many have or time is over.
    async fn ask(
        &self,
        verb: Verb,
        expected: usize,
        wait: Duration,
    ) -> Result<Vec<Result<Page, CallError>>, CaptureError> {
        let over = Instant::now() + wait;
        let question = AskCapture { capture: self.capture, verb };
        let mut answers = self.bus.ask_every(&capture(), &question, EDGES_MAX).await?;
        let (mut heard, mut pages) = (BTreeSet::new(), Vec::new());
        while heard.len() < expected
            && let Ok(Some(item)) = timeout_at(over, answers.next()).await
        {
            // A gap: whoever's answer was lost gives it again.
            let Ok(answer) = item else { continue };
            if let Ok(page) = &answer {
                let was_recording = self
                    .edges
                    .get(&page.edge)
                    .is_none_or(|edge| edge.state == EdgeState::Recording);
                if was_recording {
                    heard.insert(page.edge);
                }
            }
            pages.push(answer);
        }
        Ok(pages)
    }
}

fn is_end(record: &Record) -> bool {
    matches!(record.what, What::Ended { .. })
}

/// Tells whoever records; the file is what counts.
fn say(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

#[cfg(test)]
mod tests {
    use actors::bus::embedded::Broker;
    use bus_schemas::capture::file::Reader;
    use bus_schemas::capture::{RECORD_BYTES_MAX, Why};
    use bus_schemas::id::ConnId;
    use bus_schemas::time::Millis;
    use bytes::Bytes;

    use super::*;

    const EDGE: EdgeId = EdgeId::from_bytes([1; 16]);

    fn record(at_us: u64, what: What) -> Bytes {
        file::encode(&Record { edge: EDGE, at_us, bodies: Bodies::Kept, what }).unwrap()
    }

    fn large(at_us: u64) -> Bytes {
        let config = Bytes::from(vec![0; RECORD_BYTES_MAX - 1_000]);
        record(at_us, What::Opened { conn: ConnId::from_bytes([2; 16]), now: Millis(0), config })
    }

    #[test]
    fn cap4_cap5_what_has_no_room_in_the_file_is_counted_at_its_end() {
        let state = EdgeState::Recording;
        let edge = Edge { page: 0, heard_at: Instant::now(), state, dropped: 0 };
        let mut collector = Collector {
            bus: Arc::new(Broker::new().connect()),
            capture: CaptureId::from_bytes([3; 16]),
            edges: [(EDGE, edge)].into(),
            records: Vec::new(),
            bytes: 0,
        };
        let count = FILE_BYTES_MAX / RECORD_BYTES_MAX as u64 + 3;
        for number in 1..=count {
            assert!(!collector.is_full() || number + 3 > count, "{number} of {count}");
            // Later ones come first; each comes twice.
            let records = vec![large(count - number)];
            for _ in 0..2 {
                let next = Next::Later;
                collector.keep(&Page { edge: EDGE, number, records: records.clone(), next });
            }
        }
        let ended = record(u64::MAX, What::Ended { lost: 7, why: Why::Asked });
        let (number, records, next) = (count + 1, vec![ended], Next::Nothing);
        collector.keep(&Page { edge: EDGE, number, records, next });
        assert!(collector.is_over() && collector.is_full());

        let path = tempfile::NamedTempFile::new().unwrap();
        collector.write(path.as_file()).unwrap();
        let kept = Reader::open(File::open(path.path()).unwrap()).unwrap().read_all().unwrap();
        let times: Vec<u64> = kept.iter().map(|(_, record)| record.at_us).collect();
        assert!(times.is_sorted());
        let opened = kept.iter().filter(|(_, record)| matches!(record.what, What::Opened { .. }));
        let dropped = count - opened.count() as u64;
        let last = &kept.last().unwrap().1.what;
        assert!(dropped > 0 && *last == What::Gap { lost: dropped }, "{last:?}");
        assert!(matches!(kept[kept.len() - 2].1.what, What::Ended { lost: 7, .. }));
    }
}
