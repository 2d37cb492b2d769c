//! Removes what has ended, at the start and then now and then.

use std::time::Duration;

use super::Auth;
use crate::metrics;

/// How often. What has ended is refused long before it is removed.
pub(super) const SWEEP_EVERY: Duration = Duration::from_hours(1);

impl Auth {
    pub(super) async fn sweep(&self) {
        match self.store.sweep(self.clock.now()).await {
            Ok(swept) => metrics::swept(swept),
            Err(error) => tracing::warn!(%error, "nothing was swept; the next sweep will do"),
        }
    }
}
