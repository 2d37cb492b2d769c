//! Receivers that stop reading while files are sent to them without regard to credit: what each
//! costs the edge in memory.

use std::time::Duration;

use anyhow::{Result, bail};
use bus_schemas::frame::Label;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::files::{CHUNK_BYTES, CHUNKS};
use crate::door::{Door, Heard};
use crate::link::{Link, Way};
use crate::measure::Measure;
use crate::number;
use crate::pairs::way;
use crate::people::Person;
use crate::servers::{Deployment, Site};
use crate::usage;
use crate::word::Word;

/// How many stall.
const RECEIVERS: usize = 16;
/// Where they are.
const THEIRS: usize = 1;
/// What the system keeps on their side: little, so that what is not read stays with the server.
const OWN_BUFFER_BYTES: u32 = 16 * 1024;
/// Chunks that are sent to each, whatever comes back.
const SENT: usize = 48;
/// How long that may take.
const WAIT: Duration = Duration::from_secs(20);
/// How long a busy machine may take to refuse the last of them.
const ANSWERS_WAIT: Duration = Duration::from_secs(10);
/// The highest of many looks is the figure.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const LOOKS_AFTER: usize = 25;

/// KiB of the edge for each receiver.
pub(crate) async fn run(deployment: &Deployment) -> Result<Measure> {
    let edge = deployment.edge_pids[THEIRS];
    let people = deployment.people.come(2 * RECEIVERS).await?;
    let (mut stalled, mut senders) = (Vec::new(), Vec::new());
    for two in people.chunks_exact(2) {
        let (sender, receiver) = open(&deployment.site, &two[0], &two[1]).await?;
        senders.push((sender, two[1].id));
        stalled.push(receiver);
    }
    let before = usage::resident_kib(&[edge])?;
    let mut sending = JoinSet::new();
    for (link, to) in senders {
        sending.spawn_local(send(link, deployment.site.door, to));
    }
    let mut most = before;
    let mut refused = 0;
    let all = async {
        while !sending.is_empty() {
            most = most.max(usage::resident_kib(&[edge])?);
            while let Some(ended) = sending.try_join_next() {
                refused += ended??;
            }
            sleep(LOOK_EVERY).await;
        }
        for _ in 0..LOOKS_AFTER {
            most = most.max(usage::resident_kib(&[edge])?);
            sleep(LOOK_EVERY).await;
        }
        Ok::<_, anyhow::Error>(())
    };
    timeout(WAIT, all).await??;
    if deployment.site.door == Door::House && refused == 0 {
        bail!("nothing was refused: the queues were not filled");
    }
    let each = number::of(most - before) / number::len(RECEIVERS) / 1024.0;
    let details = json!({
        "receivers": RECEIVERS, "before_kib": before, "most_kib": most, "refused": refused,
        "sent_mib_each": number::len(SENT * CHUNK_BYTES) / 1024.0 / 1024.0,
    });
    Ok(Measure::new(&format!("{}-stalled", deployment.site.door.name()), "MiB", each, details))
}

async fn open(site: &Site, sender: &Person, receiver: &Person) -> Result<(Link, Link)> {
    let from = Link::open(way(site, THEIRS + 1, 0), site.door, sender).await?;
    let little = Way { receive_bytes: Some(OWN_BUFFER_BYTES), ..way(site, THEIRS, 0) };
    Ok((from, Link::open(little, site.door, receiver).await?))
}

/// How many chunks came back.
async fn send(mut link: Link, door: Door, to: [u8; 16]) -> Result<u64> {
    let mut chunks = Word::chunks(door, to, CHUNKS, CHUNK_BYTES);
    for _ in 0..SENT {
        link.writer.say(|out| chunks.put(out, 0))?;
        link.writer.flush().await?;
        // A little at a time: what has no room at the edge of the sender would be refused there.
        sleep(Duration::from_millis(2)).await;
    }
    let mut refused = 0;
    // Whatever is refused has come back by then, and a word of our own comes after it.
    let mut ended = false;
    let mut question = Word::new(door, Label::Message, [0; 16], 16);
    link.writer.say(|out| question.put(out, 0))?;
    let answers = async {
        while !ended {
            link.reader
                .frames(|message| match door.read(message) {
                    Heard::Refused(refusal) if is_offline(refusal) => ended = true,
                    Heard::Refused(_) => refused += 1,
                    Heard::Peer(..) | Heard::Other => {}
                })
                .await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    match timeout(ANSWERS_WAIT, answers).await {
        Ok(answered) => answered?,
        Err(_) if door != Door::House => {}
        Err(_) => bail!("nobody said that nobody is there"),
    }
    Ok(refused)
}

fn is_offline(refusal: &[u8]) -> bool {
    refusal.get(1) == Some(&bus_schemas::frame::binary::control::PEER_OFFLINE)
}
