//! What both stores share: rows become our types, errors become ours.

use actors_core::auth::guessing::Guesses;
use bus_schemas::auth::Revoked;
use bus_schemas::blob::PublicKey;
use bus_schemas::directory::Person;
use bus_schemas::id::UserId;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgDatabaseError;
use uuid::Uuid;

use super::{Account, KeptKey, LEASE_REVOKED_MAX, LeaseGiven, StoreError, StoredKey};

/// Classes of SQLSTATE: connection, read-only, deadlock and the like, resources, operator, system.
const POSTGRES_OUTAGES: [&str; 6] = ["08", "25", "40", "53", "57", "58"];
/// Result codes: busy, locked, memory, read-only, input and output, corrupt, full, cannot open,
/// not a database.
const SQLITE_OUTAGES: [i32; 9] = [5, 6, 7, 8, 10, 11, 13, 14, 26];

impl From<sqlx::Error> for StoreError {
    /// What the database cannot do at the moment is told from what it should never answer. An
    /// answer to a strange question must not count as an outage: whoever asks strange questions
    /// could cut everybody off.
    fn from(error: sqlx::Error) -> Self {
        let database = error.as_database_error();
        if database.is_some_and(DatabaseError::is_foreign_key_violation) {
            return Self::UnknownUser;
        }
        let away = database.map_or_else(|| is_outage(&error), is_outage_told);
        if away { Self::Away(error) } else { Self::Broken(error) }
    }
}

/// The way to the database is closed.
fn is_outage(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    )
}

/// The database itself says that it cannot.
fn is_outage_told(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else { return false };
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        return code.get(..2).is_some_and(|class| POSTGRES_OUTAGES.contains(&class));
    }
    let extended: i32 = code.parse().unwrap_or_default();
    SQLITE_OUTAGES.contains(&(extended & 0xff))
}

/// Whether the newest step of the tables that was taken is the newest that we know. Before the
/// first one there is no answer but an error of the database.
pub(super) fn check_tables(
    tables: &Migrator,
    newest: Result<Option<i64>, sqlx::Error>,
) -> Result<(), StoreError> {
    let taken = match newest.map_err(StoreError::from) {
        Err(StoreError::Broken(_)) => None,
        other => other?,
    };
    let known = tables.iter().map(|step| step.version).max();
    if taken < known { Err(StoreError::Outdated) } else { Ok(()) }
}

/// Whether the row was refused because its key exists.
pub(super) fn is_repeat(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}

pub(super) fn username(text: &str) -> Result<Username, StoreError> {
    Username::parse(text).map_err(|code| nonsense(code.as_str()))
}

pub(super) fn account(
    (id, name, hash, password_version): (Uuid, String, String, i64),
) -> Result<Account, StoreError> {
    let (id, username) = (UserId::new(id), username(&name)?);
    Ok(Account { id, username, password_hash: Secret::new(hash), password_version })
}

/// Whether the password that was given is still the one of its user.
pub(super) fn check_password(present: Option<i64>, given: i64) -> Result<(), StoreError> {
    match present {
        None => Err(StoreError::UnknownUser),
        Some(version) if version == given => Ok(()),
        Some(_) => Err(StoreError::PasswordChanged),
    }
}

pub(super) fn person((id, name): (Uuid, String)) -> Result<Person, StoreError> {
    Ok(Person { id: UserId::new(id), username: username(&name)? })
}

pub(super) fn key((version, bytes): (i32, Vec<u8>)) -> Result<StoredKey, StoreError> {
    let key = PublicKey::parse(bytes).map_err(|code| nonsense(code.as_str()))?;
    Ok(StoredKey { version, key })
}

pub(super) fn kept_key(row: (i32, Vec<u8>), made_at: Timestamp) -> Result<KeptKey, StoreError> {
    let StoredKey { version, key } = key(row)?;
    Ok(KeptKey { version, key, made_at })
}

/// Guesses as a database writes them, which knows no number without a sign.
pub(super) fn guesses((failures, next_at): (i64, Timestamp)) -> Result<Guesses, StoreError> {
    let failures = u32::try_from(failures).map_err(|_| nonsense("a count of guesses"))?;
    Ok(Guesses { failures, next_at })
}

/// A page of a lease, of which one row more was read than there may be.
pub(super) fn page(mark: i64, mut rows: Vec<(i64, Revoked)>) -> LeaseGiven {
    let more = rows.len() > LEASE_REVOKED_MAX;
    rows.truncate(LEASE_REVOKED_MAX);
    let next = rows.last().filter(|_| more).map(|(seq, _)| *seq);
    LeaseGiven { mark, revoked: rows.into_iter().map(|(_, revoked)| revoked).collect(), next }
}

/// Rows to be read for a [`page`].
pub(super) fn page_rows() -> i64 {
    i64::try_from(LEASE_REVOKED_MAX + 1).unwrap_or(i64::MAX)
}

fn nonsense(what: &'static str) -> StoreError {
    StoreError::Broken(sqlx::Error::Decode(what.into()))
}
