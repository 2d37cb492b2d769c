//! A short run for a slow build on a busy machine: it asks whether everything arrives, and nothing
//! else.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::measure::Measure;
use crate::servers::{Deployment, House, Kind, Relay};
use crate::stages::Run;
use crate::workload::closed::{self, Load};
use crate::workload::growth::{self, Crowd};
use crate::workload::{Span, files, open, stalled};

const SPAN: Span = Span { warm: Duration::from_millis(300), measured: Duration::from_secs(1) };
const SHORT: Span = Span { warm: Duration::from_millis(50), measured: Duration::from_millis(200) };
const TALK: Load = Load { pairs: 16, window: 4 };
const CROWD: Crowd = Crowd { talking: 8, there: 40 };
/// A round trip that costs a short run little.
const NEAR_MS: u64 = 4;
const STEADY: open::Load = open::Load { pairs: 20, per_second: 200.0 };

/// Nothing is lost in any workload.
pub(crate) async fn run(run: &Run<'_>) -> Result<Vec<Measure>> {
    let house = House { edges: 2, database_url: run.database_url, folder: run.folder };
    let house = house.start().await?;
    let mut measures = nothing_is_lost(&house).await?;
    measures.push(stalled::run(&house).await?);
    measures.extend(everybody_is_held(&house, run).await?);
    measures.extend(files::from_afar(&house, NEAR_MS, SHORT, run.folder).await?);
    house.stop().await?;
    for kind in [Kind::Naive, Kind::Bun] {
        let relay = Relay { kind, edges: 2, folder: run.folder }.start().await?;
        measures.extend(nothing_is_lost(&relay).await?);
        relay.stop().await?;
    }
    Ok(measures)
}

/// Some who are held by another process are there while others talk.
async fn everybody_is_held(house: &Deployment, run: &Run<'_>) -> Result<Vec<Measure>> {
    let measures = growth::among(house, CROWD, SHORT, run.folder).await?;
    let lost: f64 = measures.iter().filter(|one| one.unit == "messages").map(|one| one.value).sum();
    ensure!(lost == 0.0, "{lost} words were lost among many");
    Ok(measures)
}

async fn nothing_is_lost(deployment: &Deployment) -> Result<Vec<Measure>> {
    let name = deployment.site.door.name();
    let closed = closed::run(deployment, TALK, SPAN).await.context(name)?;
    ensure!(closed.lost == 0, "{name}: {} words were lost in a closed loop", closed.lost);
    let open = open::run(deployment, STEADY, SPAN).await.context(name)?;
    ensure!(open.lost == 0, "{name}: {} words were lost in an open loop", open.lost);
    let mut measures = closed.measures(&format!("{name}-smoke")).to_vec();
    measures.extend(open.measures(&format!("{name}-smoke-open")));
    measures.extend(files::run(deployment, 1, SPAN).await.context(name)?);
    Ok(measures)
}
