//! A user's own key, the first or one that replaces another.

use actors_core::identity::{Publication, judge};
use bus_schemas::fault::Code;
use bus_schemas::identity::Publish;

use super::Identity;
use crate::store::StoredKey;

/// Whoever loses the next version to another publication is judged against that one.
const JUDGED_TIMES_MAX: usize = 2;

impl Identity {
    pub(super) async fn publish(&self, asked: Publish) -> Result<(), Code> {
        for _ in 0..JUDGED_TIMES_MAX {
            let present = self.store.key(asked.user).await?;
            let now = self.clock.now();
            let key = present.as_ref().map(|stored| &stored.key);
            match judge(key, &asked.public_key, asked.authenticated_at, now)? {
                Publication::Keep => return Ok(()),
                Publication::Add => {
                    let version = present.map_or(0, |stored| stored.version) + 1;
                    let next = StoredKey { version, key: asked.public_key.clone() };
                    if self.store.add_key(asked.user, &next, now).await? {
                        return Ok(());
                    }
                }
            }
        }
        Err(Code::ServiceUnavailable)
    }
}
