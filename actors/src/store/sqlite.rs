//! The store of a single process: one SQLite file. Writers queue by `BEGIN IMMEDIATE`.

mod guesses;
mod keys;
mod logins;
mod revoked;
mod users;

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Sqlite, Transaction, query, query_scalar};

use super::{PoolFigures, Store, StoreError, row};

/// Readers beside the one writer; a household has few.
const CONNECTIONS_MAX: u32 = 4;
/// How long a writer waits for another, and anybody for a connection: less than the circuit
/// breaker's patience, so that the reason is known.
const WAIT: Duration = Duration::from_secs(3);

/// The tables, step by step.
static TABLES: Migrator = sqlx::migrate!("migrations/sqlite");

/// The file, through a pool of connections.
pub(super) struct SqliteStore {
    pool: SqlitePool,
}

pub(super) async fn open(url: &str) -> Result<SqliteStore, StoreError> {
    let pool = connect(options(url)?).await?;
    let newest = query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&pool).await;
    row::check_tables(&TABLES, newest)?;
    Ok(SqliteStore { pool })
}

pub(super) async fn migrate(url: &str) -> Result<(), StoreError> {
    let pool = connect(options(url)?.create_if_missing(true)).await?;
    let done = TABLES.run(&pool).await;
    pool.close().await;
    done.map_err(StoreError::Migration)
}

fn options(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|_| StoreError::BadUrl)?;
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(WAIT)
        .disable_statement_logging())
}

async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(WAIT);
    Ok(pool.connect_with(options).await?)
}

impl SqliteStore {
    /// A transaction that is the only writer from its first statement on.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        query("SELECT 1 FROM users LIMIT 1").fetch_optional(&self.pool).await?;
        Ok(())
    }

    fn pool(&self) -> PoolFigures {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        PoolFigures { total: self.pool.size(), idle, max: CONNECTIONS_MAX }
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
