//! Whether a word costs the same in a larger house: four edges against two, many people against
//! few, always with as many words a second.

use anyhow::Result;

use super::Span;
use super::open::{self, Load, Outcome};
use crate::servers::Deployment;

/// Words a second in each case.
const PER_SECOND: f64 = 5_000.0;
/// Pairs where the number of edges is what differs.
pub(crate) const TALKING: Load = Load { pairs: 200, per_second: PER_SECOND };
/// Where the number of people is: 2,500 and 10,000 of them.
pub(crate) const FEW: Load = Load { pairs: 1_250, per_second: PER_SECOND };
pub(crate) const MANY: Load = Load { pairs: 5_000, per_second: PER_SECOND };

/// What a word costs there.
pub(crate) async fn run(deployment: &Deployment, load: Load, span: Span) -> Result<Outcome> {
    open::run(deployment, load, span).await
}
