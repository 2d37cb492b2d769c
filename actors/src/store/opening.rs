//! Opens stores: which one an address means, how long somebody waits for it, and its tables.

use std::sync::Arc;

use actors_core::breaker;
use bus_schemas::time::Timestamp;

use super::guarded::Guarded;
use super::{Store, StoreError, postgres, sqlite};
use crate::attempts::Attempts;

/// Opens a store behind its circuit breakers. If its tables are not up to date it is refused: see
/// [`migrate`].
///
/// Its connections belong to the thread that opens it.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    open_with(url, breaker::Settings::default()).await
}

/// [`open`] with other numbers for the circuit breakers.
pub async fn open_with(
    url: &str,
    settings: breaker::Settings,
) -> Result<Arc<dyn Store>, StoreError> {
    match Kind::of(url)? {
        Kind::Sqlite => Ok(Arc::new(Guarded::new(sqlite::open(url).await?, settings))),
        Kind::Postgres => Ok(Arc::new(Guarded::new(postgres::open(url).await?, settings))),
    }
}

/// [`open`], however long it takes until the database server is there. Fails on what no waiting mends:
/// a file is there or not.
pub async fn open_patiently(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let mut attempts = Attempts::to_reach("the database");
    loop {
        match (open(url).await, Kind::of(url)?) {
            (Err(error), Kind::Postgres) if may_pass(&error) => {
                attempts.failed(&error).await;
            }
            (outcome, Kind::Postgres | Kind::Sqlite) => return outcome,
        }
    }
}

/// Whether it may be otherwise in a moment without anybody's doing. A wrong password, a database
/// that does not exist and old tables are not.
const fn may_pass(error: &StoreError) -> bool {
    matches!(error, StoreError::Away(_) | StoreError::Timeout)
}

/// Opens a store, and asks what its clock says; a file has none of its own. For whoever wants to
/// know whether it can be used: nothing stays open.
pub async fn clock(url: &str) -> Result<Option<Timestamp>, StoreError> {
    match Kind::of(url)? {
        Kind::Sqlite => {
            sqlite::open(url).await?.close().await;
            Ok(None)
        }
        Kind::Postgres => {
            let store = postgres::open(url).await?;
            let clock = store.clock().await;
            store.close().await;
            clock.map(Some)
        }
    }
}

/// Brings the tables up to date; an SQLite file is made if there is none.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    match Kind::of(url)? {
        Kind::Sqlite => sqlite::migrate(url).await,
        Kind::Postgres => postgres::migrate(url).await,
    }
}

enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    fn of(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            Some(_) | None => Err(StoreError::BadUrl),
        }
    }
}
