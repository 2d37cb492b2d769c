//! A broker: with the house's own configuration for the house, and bare for what needs no roles. All
//! of a run are told the same of memory, so that a ratio is not merit of what the house tells its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Process, free_port, until_listens};

/// What operators tell a broker of memory, as variables of its environment.
const MEMORY: &str = include_str!("../../../../nats/memory.env");
/// The users in `nats/users.conf`.
const ROLES: [&str; 6] = ["edge", "auth", "identity", "directory", "actors", "capture"];

/// A running broker.
pub(crate) struct Broker {
    pub(crate) port: u16,
    pub(crate) process: Process,
}

impl Broker {
    /// As operators get it.
    pub(crate) async fn of_house(folder: &Path) -> Result<Self> {
        let conf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../nats/nats.conf");
        Self::start(folder, &["--config", &conf.display().to_string(), "--http_port", "-1"]).await
    }

    /// Without roles and limits.
    pub(crate) async fn bare(folder: &Path) -> Result<Self> {
        Self::start(folder, &[]).await
    }

    async fn start(folder: &Path, arguments: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program());
        command.args(arguments).args(["--addr", "127.0.0.1", "--port", &port.to_string()]);
        command.envs(ROLES.map(|role| {
            (format!("NATS_{}_PASSWORD", role.to_uppercase()), format!("{role}-password"))
        }));
        for line in MEMORY.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, value) = line.split_once('=').context("a variable has a value")?;
            command.env(name, value);
        }
        let mut process = Process::spawn(&format!("broker-{port}"), &mut command, folder)?;
        until_listens(port, &mut process).await?;
        Ok(Self { port, process })
    }

    /// The address as this role reaches it.
    pub(crate) fn url(&self, role: &str) -> String {
        format!("nats://{role}:{role}-password@127.0.0.1:{}", self.port)
    }
}

/// The broker's program.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("DHCHAT_TEST_NATS_SERVER").map_or_else(|| "nats-server".into(), PathBuf::from)
}
