//! When processes have nothing left to do of what was asked of them.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use crate::{say, usage};

/// Memory and work have come to rest when they are the same for so long.
const REST: Duration = Duration::from_millis(400);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const REST_WAIT: Duration = Duration::from_secs(20);
/// Less work than this within [`REST`] is a process's own.
const OWN_WORK: Duration = Duration::from_millis(10);

/// Returns when these processes neither work nor grow, or after 20 s.
pub(crate) async fn until_at_rest(pids: &[u32]) -> Result<()> {
    let own_work = OWN_WORK * u32::try_from(pids.len())?;
    let (begun, mut since) = (Instant::now(), Instant::now());
    let mut last = (usage::cpu(pids)?, usage::resident_kib(pids)?);
    while since.elapsed() < REST {
        if begun.elapsed() >= REST_WAIT {
            say("  something is still at work: what comes next is measured beside it");
            break;
        }
        sleep(LOOK_EVERY).await;
        let now = (usage::cpu(pids)?, usage::resident_kib(pids)?);
        if now.0 > last.0 + own_work || now.1.abs_diff(last.1) > last.1 / 500 {
            (last, since) = (now, Instant::now());
        }
    }
    Ok(())
}
