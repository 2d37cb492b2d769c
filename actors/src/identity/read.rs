//! Anybody's keys and their fingerprints. No user and no key are not told apart.

use actors_core::identity::fingerprint;
use bus_schemas::blob::{Fingerprint, PublicKey};
use bus_schemas::fault::Code;
use bus_schemas::identity::{OfUser, PastKey};

use super::Identity;
use crate::store::KeptKey;

impl Identity {
    pub(super) async fn key(&self, asked: OfUser) -> Result<PublicKey, Code> {
        let stored = self.store.key(asked.user).await?;
        stored.map(|stored| stored.key).ok_or(Code::IdentityKeyNotFound)
    }

    pub(super) async fn fingerprint(&self, asked: OfUser) -> Result<Fingerprint, Code> {
        Ok(fingerprint(&self.key(asked).await?))
    }

    /// Every key a user ever had, so that a key that was swapped for a while is seen.
    pub(super) async fn history(&self, asked: OfUser) -> Result<Vec<PastKey>, Code> {
        let kept = self.store.keys(asked.user).await?;
        if kept.is_empty() {
            return Err(Code::IdentityKeyNotFound);
        }
        kept.into_iter().map(past).collect()
    }
}

fn past(kept: KeptKey) -> Result<PastKey, Code> {
    Ok(PastKey {
        version: u32::try_from(kept.version).map_err(|_| Code::InternalError)?,
        fingerprint: fingerprint(&kept.key),
        public_key: kept.key,
        made_at: kept.made_at,
    })
}
