//! What an edge needs before it may judge tokens.

use bus_schemas::auth::{AskSnapshot, Snapshot};
use bus_schemas::fault::Code;

use super::Auth;

impl Auth {
    pub(super) async fn snapshot(&self, _asked: AskSnapshot) -> Result<Snapshot, Code> {
        let revoked = self.store.revoked(self.clock.now()).await?;
        Ok(Snapshot { keys: vec![self.keys.signer().public().clone()], revoked })
    }
}
