//! Where a story takes place: a house on one store or the other, with a database of its own.

use std::path::PathBuf;
use std::process::{Command as Program, Stdio};

use edge::config::Command;
use tempfile::TempDir;

use super::{House, generous};

/// The stores that every story is told on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file of its own.
    Sqlite,
    /// A database of its own on the server that `DHCHAT_TEST_POSTGRES_URL` names.
    Postgres,
}

/// Opens houses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(pub(crate) Kind);

impl Place {
    /// Everything generous.
    pub(crate) async fn house(self) -> House {
        self.house_with(&[]).await
    }

    /// Everything generous but for these variables.
    pub(crate) async fn house_with(self, given: &[(&str, &str)]) -> House {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").display().to_string();
        let database = self.database(&folder);
        let own = [("DHCHAT_DATA_DIR", data.as_str()), ("DHCHAT_DATABASE_URL", &database.url)];
        let config = generous(Command::Serve, &[&own[..], given].concat());
        House::start_on(config, folder, Some(database)).await
    }

    /// A database without tables.
    pub(crate) fn database(self, folder: &TempDir) -> Database {
        match self.0 {
            Kind::Sqlite => {
                let url = format!("sqlite:{}", folder.path().join("dhchat.db").display());
                Database { url, server: None }
            }
            Kind::Postgres => Database::on_server(),
        }
    }
}

/// A database that is removed with this value.
pub(crate) struct Database {
    pub(crate) url: String,
    /// The server and the name there, if it is on one.
    server: Option<(String, String)>,
}

const MISSING: &str = "DHCHAT_TEST_POSTGRES_URL is not set: the stories are told on PostgreSQL \
     too. Start a throw-away server whose user may create databases, and set it to \
     postgres://USER@127.0.0.1:PORT/postgres; `make test` does both";

impl Database {
    fn on_server() -> Self {
        let server = std::env::var("DHCHAT_TEST_POSTGRES_URL").expect(MISSING);
        let mut random = [0; 8];
        getrandom::fill(&mut random).unwrap();
        let name = format!("dhchat_story_{}", hex::encode(random));
        run(&server, &format!("CREATE DATABASE {name}"));
        let (address, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{address}/{name}"), server: Some((server, name)) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            run(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Runs a statement with PostgreSQL's own client: this floor names no database.
fn run(server: &str, statement: &str) {
    let mut psql = Program::new(psql());
    psql.args(["--quiet", "--no-psqlrc", server, "--command", statement]);
    let output = psql.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
}

fn psql() -> PathBuf {
    match std::env::var_os("POSTGRES_BIN") {
        Some(bin) => PathBuf::from(bin).join("psql"),
        None => "psql".into(),
    }
}
