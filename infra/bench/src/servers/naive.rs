//! The baseline as processes: a bare broker and `naive` servers at it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Broker, Deployment, Process, Running, Site, free_port, until_listens};
use crate::door::Door;
use crate::people::People;

/// How it is started.
pub(crate) struct Naive<'a> {
    pub(crate) edges: usize,
    pub(crate) folder: &'a Path,
}

impl Naive<'_> {
    pub(crate) async fn start(&self) -> Result<Deployment> {
        let broker = Broker::bare(self.folder).await?;
        let (mut doors, mut edges) = (Vec::new(), Vec::new());
        for n in 0..self.edges {
            let port = free_port()?;
            let mut command = Command::new(program()?);
            command.args([port.to_string(), format!("127.0.0.1:{}", broker.port)]);
            let mut process = Process::spawn(&format!("naive-{n}"), &mut command, self.folder)?;
            until_listens(port, &mut process).await?;
            doors.push(([127, 0, 0, 1], port).into());
            edges.push(process);
        }
        let (broker_pid, edge_pids) =
            (broker.process.pid(), edges.iter().map(Process::pid).collect());
        let running = Running(edges.into_iter().chain([broker.process]).collect());
        let site = Site { door: Door::Naive, edges: doors };
        let people = People::Anybody;
        Ok(Deployment { site, people, broker_pid, edge_pids, database_url: None, running })
    }
}

/// It is built beside this program.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().context("a program stands in a folder")?.join("naive"))
}
