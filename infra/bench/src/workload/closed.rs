//! Closed loop: each pair keeps so many words in flight, and says the next as soon as one was heard.
//! For what a word costs and how many there can be; how long it takes is asked by
//! [`super::open`].

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{BODY_BYTES, Span, each_us, shares};
use crate::clock::Clock;
use crate::door::{Door, Heard};
use crate::latency::Latency;
use crate::measure::Measure;
use crate::number;
use crate::pairs::Pair;
use crate::servers::Deployment;
use crate::word::{Stamp, Word};

/// How long words that are under way at the end may take.
const LAST_WORDS_WAIT: Duration = Duration::from_secs(5);

/// How much is said at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) pairs: usize,
    /// Words in flight in each.
    pub(crate) window: u64,
}

/// Real chat: many who each say one thing at a time.
pub(crate) const MANY: Load = Load { pairs: 256, window: 1 };
/// A few who say much at once.
pub(crate) const SATURATED: Load = Load { pairs: 8, window: 32 };

/// What all pairs share.
struct Tally {
    clock: Clock,
    door: Door,
    said: Cell<u64>,
    heard: Cell<u64>,
    refused: Cell<u64>,
    is_over: Cell<bool>,
    latency: RefCell<Latency>,
}

/// What came out.
pub(crate) struct Outcome {
    pub(crate) per_second: f64,
    pub(crate) edge_and_broker_us: f64,
    pub(crate) lost: u64,
    details: serde_json::Value,
}

impl Outcome {
    /// As figures of this name.
    pub(crate) fn measures(&self, name: &str) -> [Measure; 2] {
        let cpu = format!("{name}-cpu");
        let rate = format!("{name}-rate");
        [
            Measure::new(&cpu, "cpu-us/message", self.edge_and_broker_us, self.details.clone()),
            Measure::new(&rate, "messages/s", self.per_second, json!({ "lost": self.lost })),
        ]
    }
}

/// Lets pairs talk for a while.
pub(crate) async fn run(deployment: &Deployment, load: Load, span: Span) -> Result<Outcome> {
    let tally = Rc::new(Tally {
        clock: Clock::start(),
        door: deployment.site.door,
        said: Cell::new(0),
        heard: Cell::new(0),
        refused: Cell::new(0),
        is_over: Cell::new(false),
        latency: RefCell::new(Latency::new()?),
    });
    let mut pairs = JoinSet::new();
    for pair in deployment.pairs(load.pairs).await? {
        let word = pair.word(&deployment.site, BODY_BYTES);
        pairs.spawn_local(talk(pair, word, load.window, Rc::clone(&tally)));
    }
    sleep(span.warm).await;
    *tally.latency.borrow_mut() = Latency::new()?;
    let (before, heard_before, begun) = (deployment.cpu()?, tally.heard.get(), Instant::now());
    sleep(span.measured).await;
    let cpu = deployment.cpu()?.since(before);
    let (heard, took) = (tally.heard.get() - heard_before, begun.elapsed());
    tally.is_over.set(true);
    if let Ok(ended) = timeout(LAST_WORDS_WAIT, pairs.join_all()).await {
        ended.into_iter().collect::<Result<Vec<()>>>()?;
    }
    if heard == 0 {
        bail!("nothing was heard: {} said, {} refused", tally.said.get(), tally.refused.get());
    }
    let mut details = shares(cpu, heard, took);
    details["refused"] = json!(tally.refused.get());
    details["latency"] = tally.latency.borrow().summary();
    Ok(Outcome {
        per_second: number::of(heard) / took.as_secs_f64(),
        edge_and_broker_us: each_us(cpu.edges + cpu.broker, heard),
        lost: tally.said.get() - tally.heard.get(),
        details,
    })
}

/// Keeps `window` words in flight until it is over, and hears the last of them.
async fn talk(mut pair: Pair, mut word: Word, window: u64, tally: Rc<Tally>) -> Result<()> {
    let mut in_flight = 0;
    let mut come = window;
    loop {
        if !tally.is_over.get() && come > 0 {
            let now = tally.clock.now();
            pair.from.writer.say(|out| (0..come).for_each(|_| word.put(out, now)))?;
            tally.said.set(tally.said.get() + come);
            in_flight += come;
        }
        if in_flight == 0 {
            return Ok(());
        }
        pair.from.writer.flush().await?;
        come = poll_fn(|ctx| poll_heard(&mut pair, &tally, ctx)).await?;
        in_flight = in_flight.saturating_sub(come);
    }
}

/// How many words came. What the speaker hears is read as well: a refusal is a word that is lost.
fn poll_heard(pair: &mut Pair, tally: &Tally, ctx: &mut Context<'_>) -> Poll<Result<u64>> {
    let mut refused = 0;
    while let Poll::Ready(read) = pair.from.reader.poll_frames(ctx, &mut |message: &[u8]| {
        refused += u64::from(matches!(tally.door.read(message), Heard::Refused(_)));
    }) {
        read?;
    }
    tally.refused.set(tally.refused.get() + refused);
    let mut heard = 0;
    let now = tally.clock.now();
    let mut latency = tally.latency.borrow_mut();
    let read = pair.to.reader.poll_frames(ctx, &mut |message: &[u8]| {
        if let Heard::Peer(_, body) = tally.door.read(message)
            && let Some(stamp) = Stamp::of(body)
        {
            heard += 1;
            latency.record(stamp.intended_ns, now);
        }
    });
    match read {
        Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
        Poll::Ready(Ok(())) if heard > 0 => {
            tally.heard.set(tally.heard.get() + heard);
            Poll::Ready(Ok(heard))
        }
        Poll::Ready(Ok(())) => {
            // Part of a frame, or none of a peer's: the rest will wake us.
            ctx.waker().wake_by_ref();
            Poll::Pending
        }
        Poll::Pending => Poll::Pending,
    }
}
