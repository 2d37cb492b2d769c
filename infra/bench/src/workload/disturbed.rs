//! What people notice of others: the open loop again while somebody sends a file, many sign in, or
//! many connect. Whoever disturbs is a process of its own, so that the generator is not disturbed by
//! what it does itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::Span;
use super::files;
use super::open::{self, STEADY};
use crate::link::Link;
use crate::measure::Measure;
use crate::pairs::{meet, way};
use crate::people::{Person, with_passwords};
use crate::provision::PASSWORD;
use crate::servers::{Deployment, Process, Site};

/// People who come and go.
const VISITORS: usize = 500;
/// Accounts that are signed in to.
const ACCOUNTS: usize = 20;
/// Logins a second: more than two cores can hash at the cost that operators get.
const LOGINS_PER_SECOND: u64 = 20;
/// Connections a second.
const CONNECTS_PER_SECOND: u64 = 500;
/// Nobody disturbs for longer, whoever forgot it.
const LASTS_MAX: Duration = Duration::from_mins(2);

/// What is done meanwhile.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    Transfer,
    Logins,
    Connects,
}

/// What whoever disturbs is told.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Order {
    kind: Kind,
    site: Site,
    people: Vec<Person>,
    names: Vec<String>,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Transfer, Self::Logins, Self::Connects];

    const fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Logins => "logins",
            Self::Connects => "connects",
        }
    }
}

/// The open loop beside this. What is left of it does not disturb the next one: passwords that wait
/// to be hashed are hashed for seconds after everybody has gone.
pub(crate) async fn run(
    deployment: &Deployment,
    kind: Kind,
    span: Span,
    folder: &Path,
) -> Result<Vec<Measure>> {
    let database = deployment.database_url.as_deref().context("a house has a database")?;
    let people = match kind {
        Kind::Transfer => deployment.people.come(2).await?,
        Kind::Connects => deployment.people.come(VISITORS).await?,
        Kind::Logins => Vec::new(),
    };
    let names = match kind {
        Kind::Logins => with_passwords(database, ACCOUNTS).await?,
        Kind::Transfer | Kind::Connects => Vec::new(),
    };
    let order = Order { kind, site: deployment.site.clone(), people, names };
    let file = folder.join(format!("{}.json", kind.name()));
    std::fs::write(&file, serde_json::to_vec(&order)?)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("disturb").arg(&file);
    let mut disturber = Process::spawn(&format!("disturb-{}", kind.name()), &mut command, folder)?;
    let pairs = deployment.pairs(STEADY.pairs).await?;
    let outcome = open::among(deployment, pairs, STEADY.per_second, span).await?;
    disturber.is_running()?;
    disturber.stop().await?;
    deployment.until_at_rest().await?;
    Ok(outcome.measures(&format!("{}-during-{}", deployment.site.door.name(), kind.name())))
}

/// Disturbs by an order until it is stopped.
pub(crate) async fn disturb(order: &Path) -> Result<()> {
    let order: Order = serde_json::from_slice(&std::fs::read(order)?)?;
    let disturbing = async {
        match order.kind {
            Kind::Transfer => {
                let pair = meet(&order.site, &order.people).await?.pop().context("two people")?;
                files::for_ever(pair, &order.site).await
            }
            Kind::Logins => logins(&order).await,
            Kind::Connects => connects(&order).await,
        }
    };
    match tokio::time::timeout(LASTS_MAX, disturbing).await {
        Ok(ended) => ended,
        Err(_) => bail!("nobody stopped it"),
    }
}

/// Asks again whether or not there was an answer.
async fn logins(order: &Order) -> Result<()> {
    let mut asked = JoinSet::new();
    let mut again = beat(LOGINS_PER_SECOND);
    for name in order.names.iter().cycle() {
        again.tick().await;
        let edge = order.site.edges[asked.len() % order.site.edges.len()];
        let body = json!({ "username": name, "password": PASSWORD }).to_string();
        let request = format!(
            "POST /api/auth/login HTTP/1.1\r\nhost: {edge}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        asked.spawn_local(async move {
            let mut stream = TcpStream::connect(edge).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await
        });
        while asked.try_join_next().is_some() {}
    }
    Ok(())
}

/// Comes, and goes as soon as it was let in.
async fn connects(order: &Order) -> Result<()> {
    let mut visits = JoinSet::new();
    let mut again = beat(CONNECTS_PER_SECOND);
    for (n, person) in order.people.iter().enumerate().cycle() {
        again.tick().await;
        let (way, door, person) = (way(&order.site, n, n), order.site.door, person.clone());
        visits.spawn_local(async move { Link::open(way, door, &person).await.map(drop) });
        while visits.try_join_next().is_some() {}
    }
    Ok(())
}

fn beat(per_second: u64) -> tokio::time::Interval {
    let mut beat = interval(Duration::from_nanos(1_000_000_000 / per_second));
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    beat
}
