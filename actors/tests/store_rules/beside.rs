//! What a test does to a database past the store.

use std::path::Path;

use bus_schemas::auth::Revoked;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::support::world::World;

/// A connection of the test's own.
pub(crate) enum Beside {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The same words for either database, or words for each.
#[derive(Clone)]
pub(crate) struct Words {
    sqlite: String,
    postgres: String,
}

impl From<&str> for Words {
    fn from(both: &str) -> Self {
        words(both, both)
    }
}

pub(crate) fn words(sqlite: &str, postgres: &str) -> Words {
    Words { sqlite: sqlite.to_owned(), postgres: postgres.to_owned() }
}

impl Beside {
    pub(crate) async fn of(world: &World) -> Self {
        Self::at(&world.url).await
    }

    pub(crate) async fn at(url: &str) -> Self {
        if url.starts_with("sqlite") {
            Self::Sqlite(SqliteConnection::connect(url).await.unwrap())
        } else {
            Self::Postgres(PgConnection::connect(url).await.unwrap())
        }
    }

    pub(crate) async fn say(&mut self, words: impl Into<Words>) {
        let Words { sqlite, postgres } = words.into();
        match self {
            Self::Sqlite(connection) => {
                connection.execute(AssertSqlSafe(sqlite)).await.unwrap();
            }
            Self::Postgres(connection) => {
                connection.execute(AssertSqlSafe(postgres)).await.unwrap();
            }
        }
    }

    /// The one number that is asked for.
    pub(crate) async fn number(&mut self, words: impl Into<Words>) -> i64 {
        let Words { sqlite, postgres } = words.into();
        match self {
            Self::Sqlite(connection) => {
                connection.fetch_one(AssertSqlSafe(sqlite)).await.unwrap().get(0)
            }
            Self::Postgres(connection) => {
                connection.fetch_one(AssertSqlSafe(postgres)).await.unwrap().get(0)
            }
        }
    }

    /// Every edge was seen so much longer ago.
    pub(crate) async fn age_edges(&mut self, seconds: i64) {
        let sqlite = format!("UPDATE edges SET seen_at = seen_at - {seconds} * 1000");
        let postgres =
            format!("UPDATE edges SET seen_at = seen_at - make_interval(secs => {seconds})");
        self.say(words(&sqlite, &postgres)).await;
    }
}

/// A revocation that was begun and is committed when the test says so.
pub(crate) struct Late {
    beside: Beside,
    insert: Words,
}

impl Late {
    /// In PostgreSQL it has its place before whatever comes after it, and nobody sees it. In
    /// SQLite one writer comes after another, so it is written when it is committed.
    pub(crate) async fn begin(world: &World, revoked: &Revoked) -> Self {
        let mut beside = Beside::of(world).await;
        let hex = |id: uuid::Uuid| id.simple().to_string();
        let (user, login) = (hex(revoked.user.as_uuid()), hex(revoked.login.as_uuid()));
        let (token, until) = (hex(revoked.token.unwrap().as_uuid()), revoked.until.0);
        let insert = words(
            &format!(
                "INSERT INTO revoked (user_id, login_id, token_id, until)
                 VALUES (x'{user}', x'{login}', x'{token}', {until})"
            ),
            &format!(
                "INSERT INTO revoked (user_id, login_id, token_id, until)
                 VALUES ('{user}', '{login}', '{token}', to_timestamp({until}))"
            ),
        );
        if let Beside::Postgres(connection) = &mut beside {
            connection.execute("BEGIN").await.unwrap();
            connection.execute(AssertSqlSafe(insert.postgres.clone())).await.unwrap();
        }
        Self { beside, insert }
    }

    pub(crate) async fn commit(mut self) {
        match &mut self.beside {
            Beside::Sqlite(_) => self.beside.say(self.insert).await,
            Beside::Postgres(connection) => {
                connection.execute("COMMIT").await.unwrap();
            }
        }
    }
}

/// A place beside the world's whose tables are as old as this step of them; its URL.
pub(crate) async fn older(world: &World, step: i64) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    match Beside::of(world).await {
        Beside::Sqlite(_) => {
            let url = format!("{}.older", world.url);
            let mut connection =
                SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
            let steps = Migrator::new(folder.join("sqlite")).await.unwrap();
            steps.run_to(step, &mut connection).await.unwrap();
            url
        }
        Beside::Postgres(mut connection) => {
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.unwrap();
            let steps = Migrator::new(folder.join("postgres")).await.unwrap();
            steps.run_to(step, &mut connection).await.unwrap();
            world.url.clone()
        }
    }
}
