//! What an edge needs before it may judge tokens.

use bus_schemas::auth::{AskSnapshot, Snapshot};
use bus_schemas::fault::Code;

use super::Auth;

impl Auth {
    pub(super) async fn snapshot(&self, _asked: AskSnapshot) -> Result<Snapshot, Code> {
        let now = self.clock.now();
        let revoked = self.store.revoked(now).await?;
        Ok(Snapshot { keys: self.keys.verifying(now), revoked })
    }
}
