//! The servers of a run: started for it, on loopback, and stopped with it.

mod broker;
mod house;
mod process;
mod relay;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
pub(crate) use broker::{Broker, program as broker_program};
pub(crate) use house::{House, RAISED, program as house_program};
pub(crate) use process::Process;
pub(crate) use relay::{Kind, Relay, bun_client, bun_program};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::door::Door;
use crate::people::People;
use crate::rest::until_at_rest;
use crate::usage;

/// The root secret of the run: it signs the tokens of everybody here.
pub(crate) const ROOT_KEY: [u8; 32] = [7; 32];
/// How long anything may take to start.
const START_WAIT: Duration = Duration::from_secs(30);
/// How often it is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Where people may connect, and how they speak there.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Site {
    pub(crate) door: Door,
    /// One for each edge.
    pub(crate) edges: Vec<SocketAddr>,
}

/// What is measured: a broker and some edges at it.
pub(crate) struct Deployment {
    pub(crate) site: Site,
    pub(crate) people: People,
    pub(crate) broker_pid: u32,
    pub(crate) edge_pids: Vec<u32>,
    /// Where accounts are, if there are any.
    pub(crate) database_url: Option<String>,
    /// Ends with this value.
    running: Running,
}

/// Processes in the order in which they are stopped.
pub(crate) struct Running(pub(crate) Vec<Process>);

/// Time on a core since the deployment began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cpu {
    pub(crate) edges: Duration,
    pub(crate) broker: Duration,
    pub(crate) own: Duration,
    /// What edges and broker waited for a core.
    pub(crate) waited: Duration,
}

impl Deployment {
    /// What its processes and the load generator used so far.
    pub(crate) fn cpu(&self) -> Result<Cpu> {
        Ok(Cpu {
            edges: usage::cpu(&self.edge_pids)?,
            broker: usage::cpu(&[self.broker_pid])?,
            own: usage::cpu(&[std::process::id()])?,
            waited: usage::waited(&self.edge_pids)? + usage::waited(&[self.broker_pid])?,
        })
    }

    /// Returns when nothing is left to do of what was asked of it, or after 20 s.
    pub(crate) async fn until_at_rest(&self) -> Result<()> {
        let pids: Vec<u32> = self.running.0.iter().map(Process::pid).collect();
        until_at_rest(&pids).await
    }

    /// Stops all of it as an operator would.
    pub(crate) async fn stop(self) -> Result<()> {
        for process in self.running.0 {
            process.stop().await?;
        }
        Ok(())
    }
}

impl Cpu {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            edges: self.edges.saturating_sub(before.edges),
            broker: self.broker.saturating_sub(before.broker),
            own: self.own.saturating_sub(before.own),
            waited: self.waited.saturating_sub(before.waited),
        }
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Returns when a port listens, unless its process has ended.
pub(crate) async fn until_listens(port: u16, process: &mut Process) -> Result<()> {
    until(process, async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await
}

/// Returns when a server says that it is ready.
async fn until_ready(address: SocketAddr, process: &mut Process) -> Result<()> {
    until(process, async || {
        let asked = get(address, "/health/ready");
        matches!(timeout(Duration::from_secs(1), asked).await, Ok(Ok(head)) if head.contains(" 200 "))
    })
    .await
}

async fn until(process: &mut Process, is_so: impl AsyncFn() -> bool) -> Result<()> {
    let deadline = Instant::now() + START_WAIT;
    while !is_so().await {
        process.is_running()?;
        if Instant::now() > deadline {
            bail!("{} does not start; see {}", process.name(), process.log().display());
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// The first line of an answer.
async fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    answer.lines().next().map(str::to_owned).context("no answer")
}
