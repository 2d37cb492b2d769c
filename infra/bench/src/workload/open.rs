//! Open loop: words are due at times that stand beforehand, whatever becomes of the ones before, and
//! are timed from then.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{BODY_BYTES, Span, each_us, shares};
use crate::arrivals::Arrivals;
use crate::chance::Chance;
use crate::clock::{Clock, Timer};
use crate::door::{Door, Heard};
use crate::latency::Latency;
use crate::link::{Link, Reader, Writer};
use crate::measure::Measure;
use crate::number;
use crate::pairs::Pair;
use crate::servers::{Cpu, Deployment};
use crate::word::{Stamp, Word};

/// How long the last words may take.
const LAST_WORDS_WAIT: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// First words that are under way at the same time.
const GREETED_AT_ONCE: usize = 64;
/// The same words at the same times in every run.
const SEED: u64 = 20;
/// A word counts as sent late if the generator itself was so far behind.
const LATE: Duration = Duration::from_millis(1);

/// How many talk and how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) pairs: usize,
    pub(crate) per_second: f64,
}

/// What people wait for: their words among everybody's.
pub(crate) const STEADY: Load = Load { pairs: 200, per_second: 5_000.0 };

/// What all of them share.
struct Tally {
    clock: Clock,
    door: Door,
    /// Words that were due before count for nothing.
    counts_from_ns: Cell<u64>,
    heard: Cell<u64>,
    refused: Cell<u64>,
    latency: RefCell<Latency>,
}

/// What came out.
pub(crate) struct Outcome {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p999_us: f64,
    pub(crate) lost: u64,
    pub(crate) edge_and_broker_us: f64,
    pub(crate) details: serde_json::Value,
}

impl Outcome {
    /// As figures of this name.
    pub(crate) fn measures(&self, name: &str) -> Vec<Measure> {
        let measure = |what: &str, unit, value| {
            Measure::new(&format!("{name}-{what}"), unit, value, json!({}))
        };
        let p50 = Measure { details: self.details.clone(), ..measure("p50", "us", self.p50_us) };
        vec![
            p50,
            measure("p99", "us", self.p99_us),
            measure("p999", "us", self.p999_us),
            measure("lost", "messages", number::of(self.lost)),
            measure("cpu", "cpu-us/message", self.edge_and_broker_us),
        ]
    }
}

/// The same for new pairs.
pub(crate) async fn run(deployment: &Deployment, load: Load, span: Span) -> Result<Outcome> {
    let pairs = deployment.pairs(load.pairs).await?;
    among(deployment, pairs, load.per_second, span).await
}

/// Lets these talk for a while.
pub(crate) async fn among(
    deployment: &Deployment,
    pairs: Vec<Pair>,
    per_second: f64,
    span: Span,
) -> Result<Outcome> {
    let tally = Rc::new(Tally {
        clock: Clock::start(),
        door: deployment.site.door,
        counts_from_ns: Cell::new(u64::MAX),
        heard: Cell::new(0),
        refused: Cell::new(0),
        latency: RefCell::new(Latency::new()?),
    });
    let mut listening = JoinSet::new();
    let mut speakers = Vec::new();
    for pair in pairs {
        let word = pair.word(&deployment.site, BODY_BYTES);
        let Link { reader, writer } = pair.from;
        listening.spawn_local(listen(reader, Rc::clone(&tally)));
        listening.spawn_local(listen(pair.to.reader, Rc::clone(&tally)));
        speakers.push((writer, word));
    }
    let greeted = greet(&mut speakers, &tally).await?;
    let now = tally.clock.now();
    let counts_from_ns = now + u64::try_from(span.warm.as_nanos())?;
    let ends_ns = counts_from_ns + u64::try_from(span.measured.as_nanos())?;
    tally.counts_from_ns.set(counts_from_ns);
    let arrivals = Arrivals::new(per_second, now, SEED);
    let said = speak(&mut speakers, arrivals, &tally, ends_ns, deployment).await?;
    until_heard(&tally, greeted + said.count).await;
    if let Some(ended) = listening.try_join_next() {
        ended??;
        bail!("a connection ended");
    }
    Ok(outcome(&tally, &said, greeted))
}

/// Who speaks, and what.
type Speaker = (Writer, Word);

/// The first word to somebody costs more than the next ones, and is said beforehand.
async fn greet(speakers: &mut [Speaker], tally: &Tally) -> Result<u64> {
    let mut greeted = 0;
    for several in speakers.chunks_mut(GREETED_AT_ONCE) {
        for (writer, word) in several {
            writer.say(|out| word.put(out, 0))?;
            greeted += 1;
        }
        until_heard(tally, greeted).await;
    }
    if tally.heard.get() < greeted {
        bail!("of {greeted} greetings {} were heard", tally.heard.get());
    }
    Ok(greeted)
}

/// Returns when so many words have come, or will not come any more.
async fn until_heard(tally: &Tally, count: u64) {
    let all = async {
        while tally.heard.get() < count {
            sleep(LOOK_EVERY).await;
        }
    };
    // Whoever has not come by then is lost, and counted.
    drop(timeout(LAST_WORDS_WAIT, all).await);
}

/// What was said, and what it cost.
struct Said {
    /// The first words included, which count for nothing else.
    count: u64,
    /// Within what counts.
    measured: u64,
    late: u64,
    cpu: Cpu,
    took: Duration,
}

async fn speak(
    speakers: &mut [Speaker],
    mut arrivals: Arrivals,
    tally: &Tally,
    ends_ns: u64,
    deployment: &Deployment,
) -> Result<Said> {
    let (timer, mut chance) = (Timer::new()?, Chance::new(SEED));
    let late_ns = u64::try_from(LATE.as_nanos())?;
    let mut said =
        Said { count: 0, measured: 0, late: 0, cpu: deployment.cpu()?, took: Duration::ZERO };
    let mut begun = None;
    while arrivals.next_at() < ends_ns {
        let now = tally.clock.now();
        if begun.is_none() && now >= tally.counts_from_ns.get() {
            begun = Some(Instant::now());
            said.cpu = deployment.cpu()?;
        }
        while let Some(intended) = arrivals.due(now.min(ends_ns)) {
            let place = chance.below(speakers.len());
            let (writer, word) = &mut speakers[place];
            writer.say(|out| word.put(out, intended))?;
            said.count += 1;
            said.measured += u64::from(intended >= tally.counts_from_ns.get());
            said.late += u64::from(now - intended > late_ns);
        }
        let wait = arrivals.next_at().saturating_sub(tally.clock.now());
        if wait > 0 {
            timer.wait(Duration::from_nanos(wait)).await?;
        } else {
            // Others have something to do as well.
            tokio::task::yield_now().await;
        }
    }
    said.cpu = deployment.cpu()?.since(said.cpu);
    said.took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
    Ok(said)
}

async fn listen(mut reader: Reader, tally: Rc<Tally>) -> Result<()> {
    loop {
        let read = |message: &[u8]| match tally.door.read(message) {
            Heard::Peer(_, body) => {
                let Some(stamp) = Stamp::of(body) else { return };
                tally.heard.set(tally.heard.get() + 1);
                if stamp.intended_ns >= tally.counts_from_ns.get() {
                    tally.latency.borrow_mut().record(stamp.intended_ns, tally.clock.now());
                }
            }
            Heard::Refused(_) => tally.refused.set(tally.refused.get() + 1),
            Heard::Other => {}
        };
        reader.frames(read).await?;
    }
}

fn outcome(tally: &Tally, said: &Said, greeted: u64) -> Outcome {
    let latency = tally.latency.borrow();
    let mut details = shares(said.cpu, said.measured, said.took);
    details["latency"] = latency.summary();
    details["sent_late"] = json!(said.late);
    details["refused"] = json!(tally.refused.get());
    Outcome {
        p50_us: latency.quantile_us(0.5),
        p99_us: latency.quantile_us(0.99),
        p999_us: latency.quantile_us(0.999),
        lost: (greeted + said.count).saturating_sub(tally.heard.get()),
        edge_and_broker_us: each_us(said.cpu.edges + said.cpu.broker, said.measured),
        details,
    }
}
