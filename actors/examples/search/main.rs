//! Measures the search among 100,000 users, on PostgreSQL and, for comparison, on SQLite.
//!
//! `make long-search` runs it beside a throw-away server. It ends with 1 if PostgreSQL takes longer
//! than it may.

#![expect(clippy::print_stdout, reason = "its output is the result")]
#![expect(clippy::unwrap_used, reason = "whatever fails here ends the measurement")]

mod names;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actors::clock::Stopwatch;
use actors::store::{self, Store};
use bus_schemas::limit::{SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, query, query_scalar};
use uuid::Uuid;

use names::Chance;

const USERS: usize = 100_000;
/// For each number of characters.
const QUERIES: usize = 2_000;
const SEED: u64 = 1;
/// Characters looked for, and how long the slowest hundredth may take on PostgreSQL.
const PROMISED: [(usize, Duration); 4] = [
    (2, Duration::from_millis(100)),
    (3, Duration::from_millis(20)),
    (4, Duration::from_millis(20)),
    (6, Duration::from_millis(20)),
];
/// One search of so many asks for the largest page, the others for the usual one.
const LARGE_EVERY: usize = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let server = std::env::var("DHCHAT_TEST_POSTGRES_URL")
        .expect("a server whose user may create databases: `make long-search` starts one");
    let people = names::of_people(USERS, &mut Chance(SEED));
    let machines = names::of_machines(USERS);
    println!("{USERS} users, {QUERIES} searches for each number of characters, seed {SEED}");
    let mut kept = true;
    for (whose, names) in [("people", &people), ("machines", &machines)] {
        let database = Database::create(&server).await;
        database.fill(names).await;
        println!("\n{}, names of {whose}", database.version().await);
        let store = store::open(&database.url).await.unwrap();
        kept &= measure(&*store, names, true).await;
        store.close().await;
        database.remove().await;
    }

    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("dhchat.db").display());
    let store = sqlite(&url, &people).await;
    println!("\nSQLite, names of people, for comparison");
    measure(&*store, &people, false).await;
    store.close().await;

    println!("\n{}", if kept { "PostgreSQL keeps what is promised." } else { "Too slow." });
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints a line for each number of characters. Whether each is within what is promised.
async fn measure(store: &dyn Store, names: &[String], promised: bool) -> bool {
    println!("characters      p50      p99  slowest  promised  slowest part (people found)");
    let mut chance = Chance(SEED);
    let mut kept = true;
    for (chars, most) in PROMISED {
        let mut took = Vec::with_capacity(QUERIES);
        for number in 0..QUERIES {
            let part = names::part(names, chars, &mut chance);
            let large = number % LARGE_EVERY == 0;
            let limit = if large { SEARCH_PAGE_MAX } else { SEARCH_PAGE_DEFAULT };
            let watch = Stopwatch::start();
            let found = store.find(&part, limit).await.unwrap().len();
            took.push((watch.elapsed(), part, found));
        }
        took.sort();
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)].0;
        let (slowest, part, found) = took.last().unwrap();
        let ms = |duration: Duration| format!("{:.2}", duration.as_secs_f64() * 1_000.0);
        let most_ms = if promised { ms(most) } else { String::new() };
        println!(
            "{chars:>10} {:>8} {:>8} {:>8} {most_ms:>9}  {part:?} ({found})",
            ms(at(50)),
            ms(at(99)),
            ms(*slowest),
        );
        kept &= !promised || at(99) < most;
    }
    kept
}

/// A database of its own on the server.
struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    async fn create(server: &str) -> Self {
        let name = format!("dhchat_search_{}", Uuid::new_v4().simple());
        let (place, _) = server.rsplit_once('/').unwrap();
        let database = Self { server: server.to_owned(), url: format!("{place}/{name}"), name };
        database.tell_server(format!("CREATE DATABASE {}", database.name)).await;
        store::migrate(&database.url).await.unwrap();
        database
    }

    async fn fill(&self, names: &[String]) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        // In no order: people do not come by the alphabet.
        query(
            "INSERT INTO users (id, username, username_folded, password_hash, made_at)
             SELECT gen_random_uuid(), name, name, '$2b$12$' || repeat('x', 53), now()
             FROM unnest($1::text[]) AS name ORDER BY md5(name)",
        )
        .bind(names)
        .execute(&mut connection)
        .await
        .unwrap();
        connection.execute("VACUUM ANALYZE users").await.unwrap();
    }

    async fn version(&self) -> String {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let version: String =
            query_scalar("SHOW server_version").fetch_one(&mut connection).await.unwrap();
        format!("PostgreSQL {version}")
    }

    async fn remove(self) {
        self.tell_server(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    async fn tell_server(&self, sql: String) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

async fn sqlite(url: &str, names: &[String]) -> Arc<dyn Store> {
    store::migrate(url).await.unwrap();
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    for name in names {
        query(
            "INSERT INTO users (id, username, username_folded, password_hash, made_at)
             VALUES ($1, $2, $2, printf('%60s', ''), 0)",
        )
        .bind(Uuid::new_v4())
        .bind(name)
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    store::open(url).await.unwrap()
}
