//! When users were last seen: gathered, and written together.

use std::collections::HashMap;
use std::time::Duration;

use bus_schemas::directory::Seen;
use bus_schemas::id::UserId;
use bus_schemas::time::Timestamp;

use super::Directory;

/// How often a batch is written. The store notes each user once a minute at most.
pub(super) const WRITTEN_EVERY: Duration = Duration::from_secs(5);
/// Users in a batch; a full one is written at once.
const BATCH_USERS_MAX: usize = 1_000;

/// Users and when they were last seen.
pub(super) type Batch = HashMap<UserId, Timestamp>;

impl Directory {
    pub(super) async fn seen(&self, told: Seen) {
        let full = {
            let mut batch = self.batch.borrow_mut();
            let at = batch.entry(told.user).or_insert(told.at);
            *at = told.at.max(*at);
            batch.len() >= BATCH_USERS_MAX
        };
        if full {
            self.write_seen().await;
        }
    }

    /// What cannot be written is forgotten: whoever is still there is seen again soon.
    pub(super) async fn write_seen(&self) {
        let users: Vec<(UserId, Timestamp)> = self.batch.borrow_mut().drain().collect();
        if users.is_empty() {
            return;
        }
        if let Err(error) = self.store.seen(&users).await {
            tracing::warn!(%error, users = users.len(), "when users were last seen was not noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use super::*;
    use crate::bus::embedded::Broker;
    use crate::store;

    #[tokio::test]
    async fn dir5_a_full_batch_is_written_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        store::migrate(&url).await.unwrap();
        let store = store::open(&url).await.unwrap();
        let bus = Arc::new(Broker::new().connect());
        let directory = Directory { bus, store, batch: RefCell::default() };
        let waiting = async |number: u128| {
            let user = UserId::from_bytes(number.to_be_bytes());
            directory.seen(Seen { user, at: Timestamp(0) }).await;
            directory.batch.borrow().len()
        };
        for number in 1..1_000 {
            waiting(number).await;
        }
        assert_eq!(waiting(1).await, 999, "one who is there already takes no room");
        assert_eq!(waiting(1_000).await, 0);
    }
}
