//! Names of metrics and the functions that count.
//!
//! Every label value comes from a closed list, so that the number of series does not depend on
//! what anybody sends. [`register`] describes each metric and lets its counters exist at 0.

use std::time::Duration;

use actors_core::breaker::State;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use crate::store::{PoolFigures, StoreError, Swept};

const DB_QUERY_SECONDS: &str = "db_query_duration_seconds";
const DB_QUERY_ERRORS: &str = "db_query_errors_total";
const CIRCUIT_STATE: &str = "circuit_breaker_state";
const CIRCUIT_FAILURES: &str = "circuit_breaker_failures_total";

/// Names and meanings of the gauges of the pool.
const POOL: [(&str, &str); 4] = [
    ("db_pool_acquired_connections", "Connections to the database in use."),
    ("db_pool_idle_connections", "Open connections to the database that nobody uses."),
    ("db_pool_max_connections", "Connections to the database there may be."),
    ("db_pool_total_connections", "Open connections to the database."),
];

/// The circuit breakers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CircuitName {
    /// Around every question to the store but those of the others.
    Database,
    /// Around noting when users were last seen.
    LastSeen,
    /// Around the leases of edges.
    Leases,
}

impl CircuitName {
    const ALL: [Self; 3] = [Self::Database, Self::LastSeen, Self::Leases];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::LastSeen => "last_seen",
            Self::Leases => "leases",
        }
    }
}

/// Declares the counters of tokens once: variant, name, meaning.
macro_rules! token_counters {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// What is counted about tokens.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Tokens { $(#[doc = $meaning] $variant,)* }

        impl Tokens {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }
        }
    };
}

token_counters! {
    RefreshIssued = "refresh_tokens_issued_total", "Refresh tokens issued.";
    RefreshUsed = "refresh_tokens_used_total", "Refresh tokens replaced by their successor.";
    RefreshRevoked = "refresh_tokens_revoked_total", "Logins ended before their time.";
    RefreshExpired = "refresh_tokens_expired_total", "Refresh tokens presented after their end.";
    RefreshSwept = "refresh_tokens_cleanup_deleted_total", "Refresh tokens removed after their end.";
    AccessIssued = "access_tokens_issued_total", "Access tokens issued.";
    AccessRevoked = "access_tokens_revoked_total", "Revocations of access tokens, one by one or of a whole Login.";
    RevokedSwept = "revoked_tokens_cleanup_deleted_total", "Revocations removed after their end.";
}

/// Declares the questions to the store once: variant, operation, table.
macro_rules! queries {
    ($($variant:ident = $operation:literal, $table:literal;)*) => {
        /// A question to the store, as its timings name it.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Query { $($variant,)* }

        impl Query {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub(crate) const fn operation(self) -> &'static str {
                match self { $(Self::$variant => $operation),* }
            }

            const fn table(self) -> &'static str {
                match self { $(Self::$variant => $table),* }
            }
        }
    };
}

queries! {
    CreateUser = "create user", "users";
    FindAccount = "find user by username", "users";
    FindAccountById = "find account by id", "users";
    SetPassword = "update password", "users";
    Rehash = "update password hash", "users";
    RemoveUser = "delete user", "users";
    FindPerson = "find user by id", "users";
    SearchUsers = "search users", "users";
    NoteSeen = "batch update last_seen_at", "users";
    FindKey = "find identity key", "identity_keys";
    ListKeys = "list identity keys", "identity_keys";
    AddKey = "create identity key", "identity_keys";
    AddLogin = "create login", "logins";
    EndLogin = "end login", "logins";
    CheckLogin = "check login", "logins";
    ListLogins = "list logins", "logins";
    FindOwner = "find owner of login", "logins";
    FindGuesses = "find guesses", "guesses";
    CountGuess = "count guess", "guesses";
    ForgetGuesses = "delete guesses", "guesses";
    FindRefreshToken = "find refresh token", "refresh_tokens";
    RotateRefreshToken = "rotate refresh token", "refresh_tokens";
    Revoke = "revoke token", "revoked";
    ListRevoked = "list revoked tokens", "revoked";
    Lease = "lease revoked tokens", "revoked";
    ListEdges = "list edges", "edges";
    ForgetEdges = "delete edges", "edges";
    Sweep = "delete expired tokens", "refresh_tokens";
    Ping = "ping", "users";
}

/// Why a question to the store failed, as the counter names it.
const ERROR_TYPES: [&str; 4] = ["away", "timeout", "conflict", "broken"];

/// Describes every metric of this floor and lets its counters exist at 0. To be called once the
/// process has its recorder.
pub fn register() {
    for tokens in Tokens::ALL {
        describe_counter!(tokens.name(), tokens.meaning());
        counter!(tokens.name()).absolute(0);
    }
    for (name, meaning) in POOL {
        describe_gauge!(name, meaning);
        gauge!(name).set(0.0);
    }
    describe_histogram!(DB_QUERY_SECONDS, Unit::Seconds, "How long the database took to answer.");
    describe_counter!(DB_QUERY_ERRORS, "Questions that the database did not answer as hoped.");
    for query in Query::ALL {
        for error_type in ERROR_TYPES {
            errors(*query, error_type).absolute(0);
        }
    }
    describe_gauge!(CIRCUIT_STATE, "0: closed, 1: open, 2: half-open, one call is being tried.");
    describe_counter!(CIRCUIT_FAILURES, "Calls that failed for reasons of infrastructure.");
    for name in CircuitName::ALL {
        counter!(CIRCUIT_FAILURES, "name" => name.as_str()).absolute(0);
        circuit(name, State::Closed);
    }
}

pub(crate) fn tokens(what: Tokens, how_many: u64) {
    counter!(what.name()).increment(how_many);
}

pub(crate) fn swept(swept: Swept) {
    tokens(Tokens::RefreshSwept, swept.refresh_tokens);
    tokens(Tokens::RevokedSwept, swept.revoked);
}

pub(crate) fn query(query: Query, took: Duration, error: Option<&StoreError>) {
    histogram!(DB_QUERY_SECONDS, "operation" => query.operation(), "table" => query.table())
        .record(took);
    if let Some(error_type) = error.and_then(error_type) {
        errors(query, error_type).increment(1);
    }
}

pub(crate) fn circuit(name: CircuitName, state: State) {
    let value = match state {
        State::Closed => 0.0,
        State::Open => 1.0,
        State::HalfOpen => 2.0,
    };
    gauge!(CIRCUIT_STATE, "name" => name.as_str()).set(value);
}

pub(crate) fn circuit_failure(name: CircuitName) {
    counter!(CIRCUIT_FAILURES, "name" => name.as_str()).increment(1);
}

pub(crate) fn pool(figures: PoolFigures) {
    let acquired = figures.total.saturating_sub(figures.idle);
    let values = [acquired, figures.idle, figures.max, figures.total];
    for ((name, _), value) in POOL.into_iter().zip(values) {
        gauge!(name).set(f64::from(value));
    }
}

fn errors(query: Query, error_type: &'static str) -> metrics::Counter {
    counter!(
        DB_QUERY_ERRORS,
        "operation" => query.operation(), "table" => query.table(), "error_type" => error_type
    )
}

/// A question refused by the circuit breaker was not asked, so it is not counted here.
const fn error_type(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Away(_) => Some("away"),
        StoreError::Timeout => Some("timeout"),
        StoreError::NameTaken | StoreError::UnknownUser | StoreError::PasswordChanged => {
            Some("conflict")
        }
        StoreError::Broken(_)
        | StoreError::Migration(_)
        | StoreError::Outdated
        | StoreError::BadUrl => Some("broken"),
        StoreError::CircuitOpen => None,
    }
}
