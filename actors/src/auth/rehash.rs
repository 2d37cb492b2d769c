//! Hashes of another cost than the one that is configured are made anew, one account at a time:
//! when its owner signs in, the password is known, and the answer has been given.

use std::cell::Cell;

use bus_schemas::fault::Code;
use bus_schemas::id::UserId;
use bus_schemas::secret::Secret;

use super::Auth;

/// An account whose password was right and whose hash may be outdated.
#[derive(Default)]
pub(super) struct Outdated(Cell<Option<Known>>);

struct Known {
    user: UserId,
    password: Secret<String>,
    hash: Secret<String>,
}

impl Outdated {
    pub(super) fn note(&self, user: UserId, password: Secret<String>, hash: Secret<String>) {
        self.0.set(Some(Known { user, password, hash }));
    }
}

impl Auth {
    /// If it cannot be done at the moment, the next time that its owner signs in will do.
    pub(super) async fn rehash(&self, outdated: Outdated) {
        let Some(known) = outdated.0.take() else { return };
        if self.hasher.is_outdated(&known.hash)
            && let Err(code) = self.make_anew(&known).await
        {
            tracing::warn!(%code, "a password keeps its outdated hash for the time being");
        }
    }

    async fn make_anew(&self, known: &Known) -> Result<(), Code> {
        let place = self.hasher.place()?;
        let hash = self.hasher.hash(place, &known.password).await?;
        Ok(self.store.rehash(known.user, &known.hash, &hash).await?)
    }
}
