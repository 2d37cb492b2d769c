//! The house in its form for many: a broker, the actors and edges as processes of their own, with
//! everything on but TLS. Limits that hold people back are raised, and only those; see
//! [`RAISED`].

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Broker, Deployment, Process, ROOT_KEY, Running, Site, free_port, until_ready};
use crate::door::Door;
use crate::people::People;

/// Limits that are meant for people and would hold a load generator back, which comes from one
/// network and says more on one connection than anybody types. Everything else is as shipped.
pub(crate) const RAISED: [(&str, &str); 5] = [
    ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "1000000"),
    ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "1000000"),
    ("DHCHAT_LIMIT_PAIR_PER_MINUTE", "1000000"),
    ("DHCHAT_TALK_FRAMES_PER_SECOND", "1000000"),
    ("DHCHAT_TALK_FRAMES_BURST", "1000000"),
];

/// How it is started.
pub(crate) struct House<'a> {
    pub(crate) edges: usize,
    pub(crate) database_url: &'a str,
    /// Where its processes leave their words.
    pub(crate) folder: &'a Path,
}

impl House<'_> {
    /// Starts all of it; returns when every edge is ready.
    pub(crate) async fn start(&self) -> Result<Deployment> {
        std::fs::write(self.folder.join("root.key"), ROOT_KEY)?;
        self.migrate()?;
        let broker = Broker::of_house(self.folder).await?;
        let actors = self.actors(&broker).await?;
        let (mut doors, mut edges) = (Vec::new(), Vec::new());
        for n in 0..self.edges {
            let (door, edge) = self.edge(&broker, n).await?;
            doors.push(door);
            edges.push(edge);
        }
        let site = Site { door: Door::House, edges: doors };
        let people = People::of_house(self.database_url).await;
        let (broker_pid, edge_pids) =
            (broker.process.pid(), edges.iter().map(Process::pid).collect());
        let running = Running(edges.into_iter().chain([actors, broker.process]).collect());
        let database_url = Some(self.database_url.to_owned());
        Ok(Deployment { site, people, broker_pid, edge_pids, database_url, running })
    }

    fn migrate(&self) -> Result<()> {
        let mut migrate = self.dhchat("migrate");
        migrate.env("DHCHAT_DATABASE_URL", self.database_url);
        let status = migrate.stdout(Stdio::null()).stderr(Stdio::null()).status();
        ensure!(status.context("starting dhchat")?.success(), "the database was not migrated");
        Ok(())
    }

    async fn actors(&self, broker: &Broker) -> Result<Process> {
        let pages = free_port()?;
        let mut command = self.dhchat("actors");
        command
            .env("DHCHAT_DATABASE_URL", self.database_url)
            .env("DHCHAT_BUS_URL", broker.url("actors"))
            .env("DHCHAT_ROOT_KEY_FILE", self.folder.join("root.key"))
            .env("AUTH_HTTP_PORT", pages.to_string());
        let mut process = Process::spawn("actors", &mut command, self.folder)?;
        until_ready(([127, 0, 0, 1], pages).into(), &mut process).await?;
        Ok(process)
    }

    async fn edge(&self, broker: &Broker, n: usize) -> Result<(SocketAddr, Process)> {
        let door: SocketAddr = ([127, 0, 0, 1], free_port()?).into();
        let mut command = self.dhchat("edge");
        command
            .env("DHCHAT_LISTEN", door.to_string())
            .env("DHCHAT_PUBLIC_URL", "http://localhost:8080")
            .env("DHCHAT_BUS_URL", broker.url("edge"))
            .env("DHCHAT_ARBITERS", "1")
            .env("DHCHAT_DRAIN_SECONDS", "0")
            .env("CHAT_HTTP_PORT", free_port()?.to_string())
            .envs(RAISED);
        let mut process = Process::spawn(&format!("edge-{n}"), &mut command, self.folder)?;
        until_ready(door, &mut process).await?;
        Ok((door, process))
    }

    fn dhchat(&self, role: &str) -> Command {
        let mut command = Command::new(program());
        command.arg(role).env_clear().current_dir(self.folder);
        command
    }
}

/// The program that is measured.
pub(crate) fn program() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/dhchat");
    std::env::var_os("DHCHAT_BINARY").map_or(built, PathBuf::from)
}
