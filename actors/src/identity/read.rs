//! Anybody's present key and its fingerprint. No user and no key are not told apart.

use actors_core::identity::fingerprint;
use bus_schemas::blob::{Fingerprint, PublicKey};
use bus_schemas::fault::Code;
use bus_schemas::identity::OfUser;

use super::Identity;

impl Identity {
    pub(super) async fn key(&self, asked: OfUser) -> Result<PublicKey, Code> {
        let stored = self.store.key(asked.user).await?;
        stored.map(|stored| stored.key).ok_or(Code::IdentityKeyNotFound)
    }

    pub(super) async fn fingerprint(&self, asked: OfUser) -> Result<Fingerprint, Code> {
        Ok(fingerprint(&self.key(asked).await?))
    }
}
