//! A store of one's own for each test: an SQLite file, or a database on the PostgreSQL server
//! that `DHCHAT_TEST_POSTGRES_URL` names.

use std::str::FromStr;
use std::sync::Arc;

use actors::store::{self, Store};
use actors_core::breaker::Settings;
use bus_schemas::id::UserId;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use uuid::Uuid;

use super::proxy::Proxy;

const MISSING: &str = "DHCHAT_TEST_POSTGRES_URL is not set: the rules of the store are to be held \
     on PostgreSQL too. Start a throw-away server whose user may create databases, and set it to \
     postgres://USER@127.0.0.1:PORT/postgres; `make test` does both";

/// Where a store is, and how to make it go away.
pub(crate) struct World {
    pub(crate) url: String,
    place: Place,
}

enum Place {
    Sqlite { _folder: TempDir, lock: Option<SqliteConnection> },
    Postgres { server: String, database: String, proxy: Proxy },
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        store::migrate(&url).await.unwrap();
        Self { url, place: Place::Sqlite { _folder: folder, lock: None } }
    }

    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("DHCHAT_TEST_POSTGRES_URL").expect(MISSING);
        let database = format!("dhchat_test_{}", Uuid::new_v4().simple());
        let create = format!("CREATE DATABASE {database}");
        let mut connection = PgConnection::connect(&server).await.unwrap();
        connection.execute(AssertSqlSafe(create)).await.unwrap();

        let options = PgConnectOptions::from_str(&server).unwrap();
        let proxy = Proxy::to(format!("{}:{}", options.get_host(), options.get_port())).await;
        let login = server.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
        let login = login.map(|(login, _)| format!("{login}@")).unwrap_or_default();
        let url = format!("postgres://{login}{}/{database}?sslmode=disable", proxy.address);
        store::migrate(&url).await.unwrap();
        Self { url, place: Place::Postgres { server, database, proxy } }
    }

    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.url).await.unwrap()
    }

    pub(crate) async fn open_with(&self, settings: Settings) -> Arc<dyn Store> {
        store::open_with(&self.url, settings).await.unwrap()
    }

    /// The same place before its tables were made.
    pub(crate) async fn unmake(&self) {
        match &self.place {
            Place::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                connection.execute("DROP TABLE _sqlx_migrations").await.unwrap();
            }
            Place::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                connection.execute("DROP TABLE _sqlx_migrations").await.unwrap();
            }
        }
    }

    /// From here on nothing can be written.
    pub(crate) async fn cut(&mut self) {
        match &mut self.place {
            Place::Sqlite { lock, .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                connection.execute("BEGIN EXCLUSIVE").await.unwrap();
                *lock = Some(connection);
            }
            Place::Postgres { proxy, .. } => proxy.cut(),
        }
    }

    pub(crate) async fn mend(&mut self) {
        match &mut self.place {
            Place::Sqlite { lock, .. } => lock.take().unwrap().close().await.unwrap(),
            Place::Postgres { proxy, .. } => proxy.mend(),
        }
    }

    /// Says something to the database past the store.
    pub(crate) async fn say(&self, sql: &'static str) {
        let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
        connection.execute(sql).await.unwrap();
    }

    /// What no port tells.
    pub(crate) async fn last_seen(&self, user: UserId) -> Option<i64> {
        match &self.place {
            Place::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar("SELECT last_seen_at FROM users WHERE id = $1")
                    .bind(user.as_uuid())
                    .fetch_one(&mut connection)
                    .await
                    .unwrap()
            }
            Place::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(
                    "SELECT extract(epoch FROM last_seen_at)::bigint FROM users WHERE id = $1",
                )
                .bind(user.as_uuid())
                .fetch_one(&mut connection)
                .await
                .unwrap()
            }
        }
    }

    /// Removes what a test leaves behind on a shared server.
    pub(crate) async fn end(self) {
        if let Place::Postgres { server, database, .. } = self.place {
            let drop = format!("DROP DATABASE {database} WITH (FORCE)");
            let mut connection = PgConnection::connect(&server).await.unwrap();
            connection.execute(AssertSqlSafe(drop)).await.unwrap();
        }
    }
}
