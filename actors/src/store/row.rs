//! What both stores share: rows become our types, errors become ours.

use bus_schemas::blob::PublicKey;
use bus_schemas::directory::Person;
use bus_schemas::id::UserId;
use bus_schemas::name::Username;
use sqlx::error::DatabaseError;
use uuid::Uuid;

use super::{StoreError, StoredKey};

impl From<sqlx::Error> for StoreError {
    /// What the database cannot do at the moment is told from what it should never answer.
    fn from(error: sqlx::Error) -> Self {
        let away = matches!(
            error,
            sqlx::Error::Database(_)
                | sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
        );
        if error.as_database_error().is_some_and(DatabaseError::is_foreign_key_violation) {
            return Self::UnknownUser;
        }
        if away { Self::Away(error) } else { Self::Broken(error) }
    }
}

/// Whether the row was refused because its key exists.
pub(super) fn is_repeat(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}

pub(super) fn username(text: &str) -> Result<Username, StoreError> {
    Username::parse(text).map_err(|code| nonsense(code.as_str()))
}

pub(super) fn person((id, name): (Uuid, String)) -> Result<Person, StoreError> {
    Ok(Person { id: UserId::new(id), username: username(&name)? })
}

pub(super) fn key((version, bytes): (i32, Vec<u8>)) -> Result<StoredKey, StoreError> {
    let key = PublicKey::parse(bytes).map_err(|code| nonsense(code.as_str()))?;
    Ok(StoredKey { version, key })
}

fn nonsense(what: &'static str) -> StoreError {
    StoreError::Broken(sqlx::Error::Decode(what.into()))
}
