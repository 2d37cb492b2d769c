//! Whether the bus can be reached, for whoever wants to know now or from here on.

use bus_schemas::bus::BusStatus;
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

/// The status and who follows it.
pub(super) struct StatusCell(watch::Sender<BusStatus>);

impl StatusCell {
    pub(super) fn new(status: BusStatus) -> Self {
        Self(watch::Sender::new(status))
    }

    pub(super) fn get(&self) -> BusStatus {
        *self.0.borrow()
    }

    pub(super) fn set(&self, status: BusStatus) {
        self.0.send_if_modified(|current| std::mem::replace(current, status) != status);
    }

    /// Returns when the bus is away.
    pub(super) async fn away(&self) {
        let mut follow = self.0.subscribe();
        // The sender is here; it outlives this call.
        drop(follow.wait_for(|status| *status == BusStatus::Away).await);
    }

    /// The status, then each change. One that lasted too short to be seen is told all the same:
    /// whoever follows must know that messages may have been lost.
    pub(super) fn changes(&self) -> BoxStream<'static, BusStatus> {
        let mut follow = self.0.subscribe();
        let first = *follow.borrow_and_update();
        let changes = stream::unfold((follow, first), |(mut follow, told)| async move {
            follow.changed().await.ok()?;
            let status = *follow.borrow_and_update();
            let missed = (status == told).then(|| other(status));
            Some((stream::iter(missed.into_iter().chain([status])), (follow, status)))
        });
        stream::iter([first]).chain(changes.flatten()).boxed()
    }
}

const fn other(status: BusStatus) -> BusStatus {
    match status {
        BusStatus::Up => BusStatus::Away,
        BusStatus::Away => BusStatus::Up,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bus15_a_change_too_short_to_be_seen_is_told() {
        let cell = StatusCell::new(BusStatus::Up);
        let changes = cell.changes();
        cell.set(BusStatus::Up);
        cell.set(BusStatus::Away);
        cell.set(BusStatus::Up);
        drop(cell);
        let told: Vec<BusStatus> = changes.collect().await;
        assert_eq!(told, [BusStatus::Up, BusStatus::Away, BusStatus::Up]);
    }
}
