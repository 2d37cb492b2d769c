//! Many who are there and say nothing, held by processes of their own: none may have more than some
//! 20,000 sockets, and the load generator is not to be busy with them.

use std::path::Path;
use std::pin::pin;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::pairs::spread;
use crate::people::Person;
use crate::servers::{Process, Site};

/// As many for each process: a limit of 20,000 files leaves room.
const HELD_MAX: usize = 14_000;
/// How long they may take to arrive.
const ARRIVE_WAIT: Duration = Duration::from_mins(4);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Nobody is held for longer, whoever forgot it.
const LASTS_MAX: Duration = Duration::from_mins(5);
/// What a process says when all of its people are there.
const THERE: &str = "all are there";

/// What a process that holds is told.
#[derive(Debug, Deserialize, Serialize)]
struct Order {
    site: Site,
    people: Vec<Person>,
}

/// The processes, and how many people they hold.
pub(crate) struct Held {
    processes: Vec<Process>,
    pub(crate) count: usize,
}

impl Held {
    /// Returns when all of them are there, spread over the edges.
    pub(crate) async fn gather(site: &Site, people: &[Person], folder: &Path) -> Result<Self> {
        let mut held = Self { processes: Vec::new(), count: people.len() };
        for (n, some) in people.chunks(HELD_MAX).enumerate() {
            held.processes.push(start(site, some, n, folder)?);
        }
        let deadline = Instant::now() + ARRIVE_WAIT;
        while !held.are_there()? {
            if Instant::now() > deadline {
                bail!("{} people do not arrive within {ARRIVE_WAIT:?}", people.len());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(held)
    }

    pub(crate) fn processes(&self) -> usize {
        self.processes.len()
    }

    /// Fails if anybody has left.
    pub(crate) fn are_there(&mut self) -> Result<bool> {
        let mut all = true;
        for process in &mut self.processes {
            process.is_running()?;
            all &= std::fs::read_to_string(process.log())?.contains(THERE);
        }
        Ok(all)
    }

    /// Lets all of them go.
    pub(crate) async fn leave(self) -> Result<()> {
        for process in self.processes {
            process.stop().await?;
        }
        Ok(())
    }
}

fn start(site: &Site, people: &[Person], n: usize, folder: &Path) -> Result<Process> {
    let order = Order { site: site.clone(), people: people.to_vec() };
    let file = folder.join(format!("hold-{n}.json"));
    std::fs::write(&file, serde_json::to_vec(&order)?)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("hold").arg(&file);
    Process::spawn(&format!("hold-{n}"), &mut command, folder)
}

/// Holds those of an order until it is stopped; ends when one of them is cut off.
pub(crate) async fn hold(order: &Path) -> Result<()> {
    let order: Order = serde_json::from_slice(&std::fs::read(order)?)?;
    let mut there = JoinSet::new();
    let mut arriving = pin!(spread(&order.site, &order.people));
    while let Some(mut link) = arriving.try_next().await.context("people arrive everywhere")? {
        there.spawn_local(async move {
            loop {
                // Pings are answered within.
                link.reader.frames(|_| {}).await?;
            }
        });
    }
    crate::say(THERE);
    match timeout(LASTS_MAX, there.join_next()).await {
        Err(_) => bail!("nobody stopped it"),
        Ok(ended) => {
            let ended: std::io::Result<()> = ended.context("there was nobody")??;
            ended.context("somebody was cut off")
        }
    }
}
