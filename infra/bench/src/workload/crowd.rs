//! Many who are there and say nothing: what each costs in memory, what it costs to let them in, and
//! what it costs when all of them leave at once.

use std::time::Instant;

use anyhow::Result;
use serde_json::json;
use tokio::task::JoinSet;

use super::each_us;
use crate::link::Link;
use crate::measure::Measure;
use crate::number;
use crate::pairs::arrive;
use crate::rest::until_at_rest;
use crate::servers::Deployment;
use crate::slope::slope;
use crate::usage;

/// How many are there when memory is looked at.
pub(crate) const STEPS: [usize; 4] = [1_000, 4_000, 7_000, 10_000];
/// The edge that all of them are at.
const EDGE: usize = 0;

/// Lets them come step by step, then drops all connections.
pub(crate) async fn run(deployment: &Deployment, steps: &[usize]) -> Result<Vec<Measure>> {
    let name = deployment.site.door.name();
    let edge = deployment.edge_pids[EDGE];
    let mut there = JoinSet::new();
    let (mut memory, mut arrivals) = (Vec::new(), Vec::new());
    for count in steps {
        let people = deployment.people.come(count.saturating_sub(there.len())).await?;
        let (before, begun) = (deployment.cpu()?, Instant::now());
        for link in arrive(&deployment.site, EDGE, &people).await? {
            there.spawn_local(stay(link));
        }
        let (cpu, took) = (deployment.cpu()?.since(before), begun.elapsed());
        until_at_rest(&[edge]).await?;
        let kib = usage::resident_kib(&[edge])?;
        memory.push((number::len(there.len()), number::of(kib)));
        let came = u64::try_from(people.len())?;
        arrivals.push(json!({
            "count": came,
            "edge_us": each_us(cpu.edges, came),
            "broker_us": each_us(cpu.broker, came),
            "per_second": number::of(came) / took.as_secs_f64(),
        }));
    }
    let connect = arrivals.last().map_or(0.0, |last| last["edge_us"].as_f64().unwrap_or(0.0));
    let came = there.len();
    let before = deployment.cpu()?;
    there.abort_all();
    drop(there);
    until_at_rest(&[edge]).await?;
    let left = deployment.cpu()?.since(before);
    let slope = slope(&memory).unwrap_or(0.0);
    let left_details = json!({ "count": came, "broker_s": left.broker.as_secs_f64() });
    Ok(vec![
        Measure::new(
            &format!("{name}-idle-slope"),
            "KiB",
            slope,
            json!({ "resident_kib": memory }),
        ),
        Measure::new(&format!("{name}-connect"), "cpu-us", connect, json!({ "steps": arrivals })),
        Measure::new(&format!("{name}-leave"), "cpu-s", left.edges.as_secs_f64(), left_details),
    ])
}

/// Is there, and answers pings.
async fn stay(mut link: Link) {
    while link.reader.frames(|_| {}).await.is_ok() {}
}
