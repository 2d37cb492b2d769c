//! Two people who talk, each at an edge of their own.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, Result};
use bus_schemas::frame::Label;
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};

use crate::link::{Link, Way};
use crate::people::Person;
use crate::servers::{Deployment, Site};
use crate::word::Word;

/// Connections that are opened at the same time.
const AT_ONCE: usize = 16;
/// Addresses of this machine that connections come from, in turn: one has some 28,000 ports for
/// each server.
const SOURCES: u8 = 8;

/// One who speaks and one who listens.
pub(crate) struct Pair {
    pub(crate) from: Link,
    pub(crate) to: Link,
    pub(crate) speaker: Person,
    pub(crate) listener: Person,
}

impl Pair {
    /// What is said in it, with bodies of so many bytes.
    pub(crate) fn word(&self, site: &Site, bytes: usize) -> Word {
        Word::new(site.door, Label::Message, self.listener.id, bytes)
    }
}

impl Deployment {
    /// So many pairs of new people.
    pub(crate) async fn pairs(&self, count: usize) -> Result<Vec<Pair>> {
        meet(&self.site, &self.people.come(2 * count).await?).await
    }
}

/// These people by twos. Speakers are spread over the edges, and nobody listens where they speak.
pub(crate) async fn meet(site: &Site, people: &[Person]) -> Result<Vec<Pair>> {
    let pairs = stream::iter(people.chunks_exact(2).enumerate()).map(|(n, two)| async move {
        let [speaker, listener] = [&two[0], &two[1]];
        let from = Link::open(way(site, n, n), site.door, speaker).await?;
        let to = Link::open(way(site, n + 1, n), site.door, listener).await?;
        Ok::<_, anyhow::Error>(Pair {
            from,
            to,
            speaker: speaker.clone(),
            listener: listener.clone(),
        })
    });
    pairs.buffered(AT_ONCE).try_collect().await.context("two people meet")
}

/// These people, all at one edge.
pub(crate) async fn arrive(site: &Site, edge: usize, people: &[Person]) -> Result<Vec<Link>> {
    let opening = stream::iter(people.iter().enumerate())
        .map(|(n, person)| async move { Link::open(way(site, edge, n), site.door, person).await });
    opening.buffered(AT_ONCE).try_collect().await.context("people arrive")
}

/// These people, spread over the edges, as they arrive: whoever is there already is pinged.
pub(crate) fn spread(site: &Site, people: &[Person]) -> impl Stream<Item = Result<Link>> {
    let opening = stream::iter(people.iter().enumerate()).map(move |(n, person)| async move {
        Link::open(way(site, n, n), site.door, person).await
    });
    opening.buffered(AT_ONCE)
}

/// To an edge, from one of several addresses.
pub(crate) fn way(site: &Site, edge: usize, n: usize) -> Way {
    let last = u8::try_from(n % usize::from(SOURCES)).unwrap_or(0) + 2;
    let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
    Way { from: Some(from), ..Way::to(site.edges[edge % site.edges.len()]) }
}
