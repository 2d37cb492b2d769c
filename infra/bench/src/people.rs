//! Those who talk: for the house, rows in its database and tokens signed by the run's own key; for
//! the relays a random id is enough.

use anyhow::Result;
use bus_schemas::id::{LoginId, UserId};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

use crate::door::ID_BYTES;
use crate::provision::Provision;
use crate::servers::ROOT_KEY;

/// Accounts that are made at the same time.
const AT_ONCE: usize = 8;
/// What a password hash costs where somebody really signs in: what operators get.
const BCRYPT_COST: u32 = 12;

/// Somebody who may connect.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Person {
    pub(crate) id: [u8; ID_BYTES],
    /// An access token; the relays ask for none.
    pub(crate) token: String,
}

/// Where people come from.
pub(crate) enum People {
    Accounts(Box<Provision>),
    Anybody,
}

impl People {
    /// Those of a house on this database.
    pub(crate) async fn of_house(database_url: &str) -> Self {
        Self::Accounts(Box::new(Provision::open(database_url, &ROOT_KEY).await))
    }

    /// So many new ones.
    pub(crate) async fn come(&self, count: usize) -> Result<Vec<Person>> {
        let Self::Accounts(provision) = self else {
            return (0..count).map(|_| nobody()).collect();
        };
        let prefix = unused_name()?;
        let names = stream::iter((0..count).map(|n| format!("{prefix}-{n}")));
        let made = names.map(|name| async move {
            let resident = provision.resident(&name).await;
            Person { id: *resident.id.as_bytes(), token: resident.token }
        });
        Ok(made.buffered(AT_ONCE).collect().await)
    }

    /// So many who only are there. An edge knows people by their tokens and nobody asks for their
    /// rows, which for tens of thousands take longer to write than all that is measured.
    pub(crate) fn visit(&self, count: usize) -> Result<Vec<Person>> {
        let Self::Accounts(provision) = self else {
            return (0..count).map(|_| nobody()).collect();
        };
        let prefix = unused_name()?;
        let visitor = |n| {
            let Person { id, .. } = nobody()?;
            let login = LoginId::from_bytes(nobody()?.id);
            let token = provision.token(UserId::from_bytes(id), &format!("{prefix}-{n}"), login);
            Ok(Person { id, token })
        };
        (0..count).map(visitor).collect()
    }
}

/// Names of accounts that can sign in with [`crate::provision::PASSWORD`].
pub(crate) async fn with_passwords(database_url: &str, count: usize) -> Result<Vec<String>> {
    let provision = Provision::with_passwords(database_url, &ROOT_KEY, BCRYPT_COST).await;
    let prefix = unused_name()?;
    let residents = provision.residents(&prefix, count).await;
    Ok(residents.into_iter().map(|resident| resident.name).collect())
}

fn nobody() -> Result<Person> {
    let mut id = [0; ID_BYTES];
    getrandom::fill(&mut id)?;
    Ok(Person { id, token: String::new() })
}

fn unused_name() -> Result<String> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes)?;
    Ok(format!("bench-{}", hex::encode(bytes)))
}
