//! Whether a word costs the same in a larger house: four edges against two, many people against
//! few, always with as many words a second.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::Span;
use super::hold::Held;
use super::open::{self, Load, Outcome};
use crate::measure::Measure;
use crate::number;
use crate::pairs::meet;
use crate::people::Person;
use crate::servers::Deployment;
use crate::usage;

/// Words a second in each case.
const PER_SECOND: f64 = 5_000.0;
/// Pairs where the number of edges is what differs.
pub(crate) const TALKING: Load = Load { pairs: 200, per_second: PER_SECOND };
/// Where the number of people is.
pub(crate) const EVERYBODY: Crowd = Crowd { talking: 2_500, there: 40_000 };

/// Those who talk, and all who are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    pub(crate) talking: usize,
    pub(crate) there: usize,
}

/// What a word costs there.
pub(crate) async fn run(deployment: &Deployment, load: Load, span: Span) -> Result<Outcome> {
    open::run(deployment, load, span).await
}

/// The same people talk four times: alone, twice while many more are there, and alone again.
pub(crate) async fn among(
    house: &Deployment,
    crowd: Crowd,
    span: Span,
    folder: &Path,
) -> Result<Vec<Measure>> {
    let talking = &house.people.come(crowd.talking).await?;
    let silent = &house.people.visit(crowd.there - crowd.talking)?;
    let mut measures = talk(house, talking, span, crowd.talking).await?;
    let mut held = Held::gather(&house.site, silent, folder).await?;
    for _ in 0..2 {
        measures.extend(talk(house, talking, span, crowd.there).await?);
    }
    measures.push(there(house, &mut held)?);
    held.leave().await?;
    measures.extend(talk(house, talking, span, crowd.talking).await?);
    Ok(measures)
}

async fn talk(
    house: &Deployment,
    people: &[Person],
    span: Span,
    there: usize,
) -> Result<Vec<Measure>> {
    let pairs = meet(&house.site, people).await?;
    let outcome = open::among(house, pairs, PER_SECOND, span).await?;
    Ok(outcome.measures(&format!("{}-people-{there}", house.site.door.name())))
}

/// How many were held without one being cut off, and what the edges were with them.
fn there(house: &Deployment, held: &mut Held) -> Result<Measure> {
    held.are_there()?;
    let edges: Vec<u64> =
        house.edge_pids.iter().map(|&pid| usage::resident_kib(&[pid])).collect::<Result<_>>()?;
    let details = json!({ "resident_kib": edges, "held_by": held.processes() });
    let name = format!("{}-people-held", house.site.door.name());
    Ok(Measure::new(&name, "connections", number::len(held.count), details))
}
