//! Files as the house's own client sends them: chunks of 64 KiB, at most half a MiB in flight, and
//! credit from the receiver for every third chunk, over the same two edges; and over lines of some
//! length, where what may be in flight is what counts.

use std::cell::Cell;
use std::future::poll_fn;
use std::path::Path;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bus_schemas::frame::Label;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{BODY_BYTES, Span, shares};
use crate::door::{Door, Heard};
use crate::line::Line;
use crate::measure::Measure;
use crate::number;
use crate::pairs::{Pair, meet};
use crate::servers::{Deployment, Site};
use crate::word::Word;

/// A chunk and its seal.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024 + 16;
/// Chunks of a file of 50 MiB.
pub(crate) const CHUNKS: u32 = 800;
/// Sealed chunks within half a MiB.
const WINDOW: u64 = 7;
/// The same within four MiB: eight times what is shipped.
const WIDE_WINDOW: u64 = 63;
/// There and back between a client and its edge: within a country, and over an ocean.
pub(crate) const ROUND_TRIPS_MS: [u64; 2] = [20, 100];
/// Chunks that the receiver gives credit for at once.
const CREDIT: u64 = 3;
const MIB: f64 = 1024.0 * 1024.0;

/// What all transfers share.
struct Tally {
    door: Door,
    heard: Cell<u64>,
    refused: Cell<u64>,
}

/// One file after the other in so many pairs at once.
pub(crate) async fn run(deployment: &Deployment, pairs: usize, span: Span) -> Result<Vec<Measure>> {
    let name = format!("{}-files-{pairs}", deployment.site.door.name());
    let pairs = deployment.pairs(pairs).await?;
    among(deployment, pairs, WINDOW, span, &name).await
}

/// The same in one pair that is so far from its edges, with the window as shipped and with a wide
/// one.
pub(crate) async fn from_afar(
    deployment: &Deployment,
    round_trip_ms: u64,
    span: Span,
    folder: &Path,
) -> Result<Vec<Measure>> {
    let line = Line::to(&deployment.site, Duration::from_millis(round_trip_ms), folder).await?;
    let mut measures = Vec::new();
    for (window, which) in [(WINDOW, ""), (WIDE_WINDOW, "-wide")] {
        let name = format!("{}-files-rtt-{round_trip_ms}{which}", deployment.site.door.name());
        let pair = meet(&line.site, &deployment.people.come(2).await?).await?;
        measures.extend(among(deployment, pair, window, span, &name).await?);
    }
    line.stop().await?;
    Ok(measures)
}

async fn among(
    deployment: &Deployment,
    pairs: Vec<Pair>,
    window: u64,
    span: Span,
    name: &str,
) -> Result<Vec<Measure>> {
    let tally =
        Rc::new(Tally { door: deployment.site.door, heard: Cell::new(0), refused: Cell::new(0) });
    let mut transfers = JoinSet::new();
    for pair in pairs {
        let transfer = Transfer::new(pair, &deployment.site, window);
        transfers.spawn_local(transfer.run(Rc::clone(&tally)));
    }
    sleep(span.warm).await;
    let (before, heard_before, begun) = (deployment.cpu()?, tally.heard.get(), Instant::now());
    sleep(span.measured).await;
    let cpu = deployment.cpu()?.since(before);
    let (heard, took) = (tally.heard.get() - heard_before, begun.elapsed());
    if let Some(ended) = transfers.try_join_next() {
        ended??;
    }
    ensure!(heard > 0, "no chunk came; {} were refused", tally.refused.get());
    let mib = number::of(heard) * number::len(CHUNK_BYTES) / MIB;
    let mut details = shares(cpu, heard, took);
    details["refused"] = json!(tally.refused.get());
    details["window"] = json!(window);
    let cpu_ms = (cpu.edges + cpu.broker).as_secs_f64() * 1e3 / mib;
    Ok(vec![
        Measure::new(&format!("{name}-rate"), "MiB/s", mib / took.as_secs_f64(), details),
        Measure::new(&format!("{name}-cpu"), "cpu-ms/MiB", cpu_ms, json!({})),
    ])
}

/// Sends for as long as somebody lets it.
pub(crate) async fn for_ever(pair: Pair, site: &Site) -> Result<()> {
    let tally = Tally { door: site.door, heard: Cell::new(0), refused: Cell::new(0) };
    Transfer::new(pair, site, WINDOW).run(Rc::new(tally)).await
}

struct Transfer {
    pair: Pair,
    chunk: Word,
    credit: Word,
    /// Chunks that may still be sent.
    may_send: u64,
    /// Chunks that came and were given no credit for.
    owed: u64,
}

impl Transfer {
    fn new(pair: Pair, site: &Site, window: u64) -> Self {
        let chunk = Word::chunks(site.door, pair.listener.id, CHUNKS, CHUNK_BYTES);
        let credit = Word::new(site.door, Label::Ack, pair.speaker.id, BODY_BYTES);
        Self { pair, chunk, credit, may_send: window, owed: 0 }
    }

    async fn run(mut self, tally: Rc<Tally>) -> Result<()> {
        loop {
            while self.may_send > 0 && self.pair.from.writer.waiting() == 0 {
                self.may_send -= 1;
                self.pair.from.writer.say(|out| self.chunk.put(out, 0))?;
            }
            poll_fn(|ctx| self.poll(&tally, ctx)).await?;
            while self.owed >= CREDIT {
                self.owed -= CREDIT;
                self.pair.to.writer.say(|out| self.credit.put(out, 0))?;
            }
        }
    }

    /// Ready when anything went on.
    fn poll(&mut self, tally: &Tally, ctx: &mut Context<'_>) -> Poll<Result<()>> {
        let (mut credits, mut chunks, mut refused) = (0, 0, 0);
        let mut goes_on = false;
        let heard = self.pair.from.reader.poll_frames(ctx, &mut |message: &[u8]| match tally
            .door
            .read(message)
        {
            Heard::Peer(Label::Ack, _) => credits += CREDIT,
            Heard::Refused(_) => refused += 1,
            Heard::Peer(..) | Heard::Other => {}
        });
        goes_on |= heard.is_ready();
        if let Poll::Ready(read) = heard {
            read?;
        }
        let heard = self.pair.to.reader.poll_frames(ctx, &mut |message: &[u8]| {
            chunks +=
                u64::from(matches!(tally.door.read(message), Heard::Peer(Label::FileChunk, _)));
        });
        goes_on |= heard.is_ready();
        if let Poll::Ready(read) = heard {
            read?;
        }
        for writer in [&self.pair.from.writer, &self.pair.to.writer] {
            if writer.waiting() > 0
                && let Poll::Ready(written) = writer.poll_write(ctx)
            {
                written?;
                goes_on = true;
            }
        }
        // What was refused is not in flight; credit for it never comes.
        self.may_send += credits + refused;
        self.owed += chunks;
        tally.heard.set(tally.heard.get() + chunks);
        tally.refused.set(tally.refused.get() + refused);
        if goes_on { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}
