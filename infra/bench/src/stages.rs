//! The parts of a run, each with servers of its own, so that none inherits the memory or the habits
//! of the one before. What fails is written down, and the next one runs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::timeout;

use crate::measure::Measure;
use crate::raw::{echo, nats};
use crate::say;
use crate::servers::{Broker, Deployment, House, Kind, Relay};
use crate::workload::closed::{self, Load, MANY, SATURATED};
use crate::workload::crowd;
use crate::workload::disturbed;
use crate::workload::open::{self, STEADY};
use crate::workload::{Span, files, growth, stalled};

/// No part may take longer.
const STAGE_WAIT: Duration = Duration::from_mins(8);
/// Edges of every deployment but the one that is larger.
const EDGES: usize = 2;
const EDGES_MORE: usize = 4;
/// Fewer at the relays: at the naive one each takes 135 KiB.
const RELAY_STEPS: [usize; 3] = [500, 1_000, 2_000];

/// What every part needs.
pub(crate) struct Run<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) database_url: &'a str,
    pub(crate) span: Span,
}

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Raw,
    Talk,
    Open,
    Crowd,
    Files,
    Stalled,
    Growth,
}

impl Stage {
    pub(crate) const ALL: [Self; 7] =
        [Self::Raw, Self::Talk, Self::Open, Self::Crowd, Self::Files, Self::Stalled, Self::Growth];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Talk => "talk",
            Self::Open => "open",
            Self::Crowd => "crowd",
            Self::Files => "files",
            Self::Stalled => "stalled",
            Self::Growth => "growth",
        }
    }

    pub(crate) fn named(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|stage| stage.name() == name) {
            Some(stage) => Ok(stage),
            None => bail!("there is no part `{name}`"),
        }
    }
}

impl Run<'_> {
    /// What a part found, or why it found nothing.
    pub(crate) async fn stage(&self, stage: Stage) -> Result<Vec<Measure>> {
        let begun = Instant::now();
        let measures = timeout(STAGE_WAIT, self.part(stage)).await??;
        for Measure { measure, unit, value, .. } in &measures {
            say(&format!("  {measure}: {} {unit}", crate::targets::short(*value)));
        }
        say(&format!("{}: {:.0} s", stage.name(), begun.elapsed().as_secs_f64()));
        Ok(measures)
    }

    async fn part(&self, stage: Stage) -> Result<Vec<Measure>> {
        match stage {
            Stage::Raw => self.raw().await,
            Stage::Talk => self.talk().await,
            Stage::Open => self.open().await,
            Stage::Crowd => self.crowd().await,
            Stage::Files => self.files().await,
            Stage::Stalled => self.stalled().await,
            Stage::Growth => self.growth().await,
        }
    }

    async fn house(&self, edges: usize) -> Result<Deployment> {
        House { edges, database_url: self.database_url, folder: self.folder }.start().await
    }

    async fn relay(&self, kind: Kind) -> Result<Deployment> {
        Relay { kind, edges: EDGES, folder: self.folder }.start().await
    }

    async fn all(&self) -> Result<[Deployment; 3]> {
        let (naive, bun) = (self.relay(Kind::Naive).await?, self.relay(Kind::Bun).await?);
        Ok([self.house(EDGES).await?, naive, bun])
    }

    async fn raw(&self) -> Result<Vec<Measure>> {
        let broker = Broker::bare(self.folder).await?;
        let mut measures = nats::run(&broker, self.span.measured)?;
        measures.push(echo::run(self.span.measured)?);
        broker.process.stop().await?;
        let broker = Broker::of_house(self.folder).await?;
        measures.extend(nats::run_like_words(&broker, self.span.measured)?);
        broker.process.stop().await?;
        Ok(measures)
    }

    async fn talk(&self) -> Result<Vec<Measure>> {
        let all = self.all().await?;
        let mut measures = Vec::new();
        for (load, name) in [(MANY, "many"), (SATURATED, "saturated")] {
            for deployment in there_and_back(&all) {
                measures.extend(self.closed(deployment, load, name).await?);
            }
        }
        stop(all).await?;
        Ok(measures)
    }

    async fn closed(&self, on: &Deployment, load: Load, name: &str) -> Result<[Measure; 2]> {
        let outcome = closed::run(on, load, self.span).await?;
        if outcome.lost > 0 {
            say(&format!("  {} words were lost", outcome.lost));
        }
        Ok(outcome.measures(&format!("{}-{name}", on.site.door.name())))
    }

    /// The quiet one before and after what disturbs; what a broker needs, in the same minute.
    async fn open(&self) -> Result<Vec<Measure>> {
        let broker = Broker::bare(self.folder).await?;
        let mut measures = nats::run(&broker, self.span.measured / 2)?;
        measures.push(echo::run(self.span.measured / 2)?);
        broker.process.stop().await?;
        let house = self.house(EDGES).await?;
        measures.extend(open::run(&house, STEADY, self.span).await?.measures("house-open"));
        for kind in disturbed::Kind::ALL {
            measures.extend(disturbed::run(&house, kind, self.span, self.folder).await?);
        }
        measures.extend(open::run(&house, STEADY, self.span).await?.measures("house-open"));
        house.stop().await?;
        for kind in [Kind::Naive, Kind::Bun] {
            let relay = self.relay(kind).await?;
            let name = format!("{}-open", relay.site.door.name());
            measures.extend(open::run(&relay, STEADY, self.span).await?.measures(&name));
            relay.stop().await?;
        }
        Ok(measures)
    }

    async fn crowd(&self) -> Result<Vec<Measure>> {
        let house = self.house(EDGES).await?;
        let mut measures = crowd::run(&house, &crowd::STEPS).await?;
        house.stop().await?;
        for kind in [Kind::Naive, Kind::Bun] {
            let relay = self.relay(kind).await?;
            measures.extend(crowd::run(&relay, &RELAY_STEPS).await?);
            relay.stop().await?;
        }
        Ok(measures)
    }

    async fn files(&self) -> Result<Vec<Measure>> {
        let all = self.all().await?;
        let mut measures = Vec::new();
        for pairs in [1, 4] {
            for deployment in there_and_back(&all) {
                measures.extend(files::run(deployment, pairs, self.span).await?);
            }
        }
        for round_trip_ms in files::ROUND_TRIPS_MS {
            let [house, ..] = &all;
            let far = files::from_afar(house, round_trip_ms, self.span, self.folder).await?;
            measures.extend(far);
        }
        stop(all).await?;
        Ok(measures)
    }

    async fn stalled(&self) -> Result<Vec<Measure>> {
        let house = self.house(EDGES).await?;
        let measure = stalled::run(&house).await?;
        house.stop().await?;
        Ok(vec![measure])
    }

    async fn growth(&self) -> Result<Vec<Measure>> {
        let (two, four) = (self.house(EDGES).await?, self.house(EDGES_MORE).await?);
        let mut measures = Vec::new();
        let both = [(&two, "house-edges-2"), (&four, "house-edges-4")];
        for (house, name) in both.into_iter().chain(both.into_iter().rev()) {
            let outcome = growth::run(house, growth::TALKING, self.span).await?;
            measures.extend(outcome.measures(name));
        }
        two.stop().await?;
        measures.extend(growth::among(&four, growth::EVERYBODY, self.span, self.folder).await?);
        four.stop().await?;
        Ok(measures)
    }
}

/// In the order house, naive, Bun, Bun, naive, house: whatever else the machine does meets all.
fn there_and_back(all: &[Deployment; 3]) -> impl Iterator<Item = &Deployment> {
    all.iter().chain(all.iter().rev())
}

async fn stop(all: [Deployment; 3]) -> Result<()> {
    for deployment in all {
        deployment.stop().await?;
    }
    Ok(())
}
