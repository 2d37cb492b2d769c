//! The keeper: sees that there is a line, opens the next one when it ends, and lets everybody be
//! heard on it before the bus counts as up.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bus_schemas::bus::{self, BusError, BusStatus};
use tokio::time::timeout;

use super::Shared;
use super::config::{ConnectError, Server};
use super::line::Line;
use crate::attempts::Attempts;
use crate::bus::counters;

/// How often the line is looked at even though it has not said that it ended: that word passes
/// through a bounded queue and may be lost.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until it is aborted.
pub(super) async fn keep(shared: Arc<Shared>, servers: Vec<Server>) {
    loop {
        wait_for_the_end(&shared).await;
        lose(&shared);
        let (line, heard) = open_again(&shared, &servers).await;
        shared.set_line(Some(line.clone()));
        leave(&shared, &line, heard);
        shared.status.set(BusStatus::Up);
        tracing::info!(lane = shared.lane.name(), "the bus is back");
    }
}

/// Opens a line at the first address that answers. If none does, the reason is one that may pass,
/// if any of them is.
pub(super) async fn open_any(
    shared: &Arc<Shared>,
    servers: &[Server],
) -> Result<Arc<Line>, ConnectError> {
    let mut reason = ConnectError::BadAddress;
    for server in servers {
        match open(shared, server).await {
            Ok(line) => return Ok(line),
            Err(error) if error.may_pass() || !reason.may_pass() => reason = error,
            Err(error) => tracing::debug!(%error, "one of the brokers cannot be used"),
        }
    }
    Err(reason)
}

async fn open(shared: &Arc<Shared>, server: &Server) -> Result<Arc<Line>, ConnectError> {
    let inboxes = bus::inboxes(shared.user.name(), shared.id);
    let (asker, loser) = (Arc::downgrade(shared), Arc::downgrade(shared));
    let answer = move |message| with(&asker, |shared| shared.answer(message));
    let overrun = move || with(&loser, Shared::mark_gap_everywhere);
    let listeners = shared.listeners.clone();
    Ok(Arc::new(Line::open(server, &inboxes, listeners, answer, overrun).await?))
}

fn with(shared: &Weak<Shared>, act: impl FnOnce(&Shared)) {
    if let Some(shared) = shared.upgrade() {
        act(&shared);
    }
}

async fn wait_for_the_end(shared: &Shared) {
    while let Ok(line) = shared.line() {
        // Whichever comes first, the loop looks again.
        drop(timeout(LOOK_EVERY, line.ended()).await);
    }
}

/// From here on everything is refused, and whoever waits for an answer knows.
fn lose(shared: &Shared) {
    shared.set_line(None);
    shared.status.set(BusStatus::Away);
    shared.lose_answers();
    counters::disconnected(shared.lane);
    tracing::warn!(lane = shared.lane.name(), "the bus is away");
}

/// A line on which everybody is heard, and who that is.
async fn open_again(shared: &Arc<Shared>, servers: &[Server]) -> (Arc<Line>, Vec<u64>) {
    let mut attempts = Attempts::to_reach(super::AWAITED);
    loop {
        match open_any(shared, servers).await {
            Ok(line) => match listen_again(shared, &line).await {
                Ok(heard) => return (line, heard),
                Err(_) => attempts.failed(&"the new line ended at once").await,
            },
            Err(error) => attempts.failed(&error).await,
        }
    }
}

/// Takes every listener over to a new line, and returns when they are heard there.
async fn listen_again(shared: &Arc<Shared>, line: &Line) -> Result<Vec<u64>, BusError> {
    let listeners = shared.listeners.all();
    for (number, listener) in &listeners {
        line.subscribe(*number, listener)?;
    }
    super::confirm(line).await?;
    Ok(listeners.into_iter().map(|(number, _)| number).collect())
}

/// Whoever left while the line was opened could not tell the broker. From here on everybody can, and
/// to say it twice does no harm.
fn leave(shared: &Shared, line: &Line, heard: Vec<u64>) {
    for number in heard.into_iter().filter(|number| !shared.listeners.has(*number)) {
        line.unsubscribe(number);
    }
}
