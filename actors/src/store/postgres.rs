//! The store of many processes: PostgreSQL. Whoever locks, locks user, Login, token in this order.

mod guesses;
mod keys;
mod logins;
mod revoked;
mod users;

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use bus_schemas::time::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, query, query_scalar};
use time::OffsetDateTime;

use super::{PoolFigures, Store, StoreError, row};

/// Connections of one process: its uses are few and short, and a server has about a hundred.
const CONNECTIONS_MAX: u32 = 16;
/// How long somebody waits for a connection: less than the circuit breaker's patience, so that
/// the reason is known.
const WAIT: Duration = Duration::from_secs(2);

/// The tables, step by step.
static TABLES: Migrator = sqlx::migrate!("migrations/postgres");

/// The database, through a pool of connections.
pub(super) struct PostgresStore {
    pool: PgPool,
}

pub(super) async fn open(url: &str) -> Result<PostgresStore, StoreError> {
    let pool = connect(url).await?;
    let newest = query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&pool).await;
    row::check_tables(&TABLES, newest)?;
    Ok(PostgresStore { pool })
}

pub(super) async fn migrate(url: &str) -> Result<(), StoreError> {
    let pool = connect(url).await?;
    let done = TABLES.run(&pool).await;
    pool.close().await;
    done.map_err(StoreError::Migration)
}

async fn connect(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::BadUrl)?
        .application_name("dhchat")
        .disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(WAIT);
    Ok(pool.connect_with(options).await?)
}

impl PostgresStore {
    /// What its clock says.
    pub(super) async fn clock(&self) -> Result<Timestamp, StoreError> {
        Ok(timestamp(query_scalar("SELECT now()").fetch_one(&self.pool).await?))
    }
}

#[async_trait]
impl Store for PostgresStore {
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

/// The database's word for a moment; the end of its calendar for one beyond it.
fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.0)
        .unwrap_or(time::macros::datetime!(9999-12-31 23:59:59 UTC))
}

fn timestamp(moment: OffsetDateTime) -> Timestamp {
    Timestamp(moment.unix_timestamp())
}
