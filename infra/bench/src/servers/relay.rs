//! The baselines as processes: a bare broker and relays at it, with axum and async-nats or with Bun.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Broker, Deployment, Process, Running, Site, free_port, until_listens};
use crate::door::Door;
use crate::people::People;

/// What Bun runs, its client for NATS, and where the version of that stands.
const BUN_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bun");
const BUN_CLIENT: &str = "@nats-io/transport-node";
const BUN_PACKAGES: &str = include_str!("../../bun/package.json");

/// What a relay is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Naive,
    Bun,
}

/// How it is started.
pub(crate) struct Relay<'a> {
    pub(crate) kind: Kind,
    pub(crate) edges: usize,
    pub(crate) folder: &'a Path,
}

impl Kind {
    const fn door(self) -> Door {
        match self {
            Self::Naive => Door::Naive,
            Self::Bun => Door::Bun,
        }
    }

    fn command(self) -> Result<Command> {
        match self {
            Self::Naive => Ok(Command::new(naive_program()?)),
            Self::Bun => {
                let mut command = Command::new(bun_program());
                command.arg("relay.ts").current_dir(BUN_FOLDER);
                Ok(command)
            }
        }
    }
}

impl Relay<'_> {
    pub(crate) async fn start(&self) -> Result<Deployment> {
        let broker = Broker::bare(self.folder).await?;
        let (mut doors, mut edges) = (Vec::new(), Vec::new());
        for n in 0..self.edges {
            let (door, edge) = self.edge(&broker, n).await?;
            doors.push(door);
            edges.push(edge);
        }
        let (broker_pid, edge_pids) =
            (broker.process.pid(), edges.iter().map(Process::pid).collect());
        let running = Running(edges.into_iter().chain([broker.process]).collect());
        let site = Site { door: self.kind.door(), edges: doors };
        let people = People::Anybody;
        Ok(Deployment { site, people, broker_pid, edge_pids, database_url: None, running })
    }

    async fn edge(&self, broker: &Broker, n: usize) -> Result<(SocketAddr, Process)> {
        let port = free_port()?;
        let mut command = self.kind.command()?;
        command.args([port.to_string(), format!("127.0.0.1:{}", broker.port)]);
        let name = format!("{}-{n}", self.kind.door().name());
        let mut process = Process::spawn(&name, &mut command, self.folder)?;
        until_listens(port, &mut process).await?;
        Ok((([127, 0, 0, 1], port).into(), process))
    }
}

/// It is built beside this program.
fn naive_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().context("a program stands in a folder")?.join("naive"))
}

/// As `scripts/ensure-bun.sh` found it.
pub(crate) fn bun_program() -> PathBuf {
    std::env::var_os("DHCHAT_BUN").map_or_else(|| "bun".into(), PathBuf::from)
}

/// Which client for NATS the relay over Bun has.
pub(crate) fn bun_client() -> Option<String> {
    let packages: serde_json::Value = serde_json::from_str(BUN_PACKAGES).ok()?;
    Some(format!("{BUN_CLIENT} {}", packages["dependencies"][BUN_CLIENT].as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_of_bun_is_named_as_its_packages_name_it() {
        let client = bun_client().unwrap();
        assert!(client.starts_with("@nats-io/transport-node 3."), "{client}");
    }

    #[test]
    fn figures_of_the_two_relays_have_different_names() {
        assert_ne!(Kind::Naive.door().name(), Kind::Bun.door().name());
    }
}
