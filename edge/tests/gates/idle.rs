//! What a connection holds of the heap while nothing is said on it: blocks and bytes at rest, one by
//! one for each that came.
//!
//! `DHCHAT_HEAP_PROFILE=FILE` has it written down who asked for each of them.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use actors::clock::{Clock, SystemClock};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use bus_schemas::id::{LoginId, TokenId, UserId};
use serde_json::json;
use tokio::time::sleep;

use crate::blocks::{ROOT_KEY, actors, asked_by, edge};
use crate::support::House;
use crate::support::broker::Broker;
use crate::support::raw::Raw;

/// Whoever comes first has the server make what it has one of.
const FIRST: u8 = 32;
/// Enough that what grows by doubling shows as what it is for each.
const CROWD: u8 = 192;
/// At rest nothing changes for so many looks.
const LOOKS: usize = 30;
const LOOK_EVERY: Duration = Duration::from_millis(10);
const DEADLINE: Duration = Duration::from_mins(1);

/// What grows by doubling, and chores that come by time, move both a little.
const BLOCKS_MAX: u64 = 24;
const BYTES_MAX: u64 = 3_850;

/// Tokens of people of whom no table knows: an edge judges by the token alone.
struct Tokens {
    keys: Keys,
    claims: Claims,
}

impl Tokens {
    async fn of(house: &House) -> Self {
        let alice = house.stranger("alice").await;
        let (keys, now) = (Keys::derive(&ROOT_KEY), SystemClock.now());
        let claims = access::read(&keys.verifying(now), &alice.token, now).unwrap();
        Self { keys, claims }
    }

    fn of_person(&self, number: u8) -> String {
        let bytes = [number; 16];
        let (user, login) = (UserId::from_bytes(bytes), LoginId::from_bytes(bytes));
        let token = TokenId::from_bytes(bytes);
        let claims = Claims { user, login, token, ..self.claims.clone() };
        access::issue(&self.keys.signer(claims.issued_at), &claims)
    }
}

/// These people come and say nothing; what is held of them here is a file.
async fn come(house: &House, tokens: &Tokens, people: std::ops::Range<u8>) -> Vec<TcpStream> {
    let mut there = Vec::with_capacity(people.len());
    for number in people {
        let raw = Raw::binary_as(house.doors, &tokens.of_person(number)).await;
        there.push(raw.tcp.into_std().unwrap());
    }
    there
}

/// Blocks and bytes that are held once nothing changes.
async fn at_rest() -> (usize, usize) {
    let held = || {
        let stats = dhat::HeapStats::get();
        (stats.curr_blocks, stats.curr_bytes)
    };
    let (mut last, mut looks, begun) = (held(), 0, Instant::now());
    while looks < LOOKS {
        assert!(begun.elapsed() < DEADLINE, "an edge on which nothing is said comes to no rest");
        // pause: it is at rest when nothing has changed for a while
        sleep(LOOK_EVERY).await;
        let now = held();
        looks = if now == last { looks + 1 } else { 0 };
        last = now;
    }
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf6_a_socket_on_which_nothing_is_said_holds_little() {
    let (broker, folder) = (Broker::start().await, tempfile::tempdir().unwrap());
    let actors = actors(&broker, folder.path()).await;
    let house = edge(&broker, tempfile::tempdir().unwrap()).await;
    let tokens = Tokens::of(&house).await;
    let first = come(&house, &tokens, 0..FIRST).await;
    let profile = std::env::var_os("DHCHAT_HEAP_PROFILE");
    let profiler = match &profile {
        Some(file) => asked_by(Path::new(file)),
        None => dhat::Profiler::builder().testing().build(),
    };
    let before = at_rest().await;
    let crowd = come(&house, &tokens, FIRST..FIRST + CROWD).await;
    let after = at_rest().await;
    drop(profiler);
    let each = |after: usize, before: usize| {
        u64::try_from(after.saturating_sub(before)).unwrap() / u64::from(CROWD)
    };
    let (blocks, bytes) = (each(after.0, before.0), each(after.1, before.1));
    for (unit, value, value_max) in [("blocks", blocks, BLOCKS_MAX), ("bytes", bytes, BYTES_MAX)] {
        let told = json!({ "measure": "heap-idle", "unit": unit, "value": value });
        // Not being able to tell it is no failure.
        drop(writeln!(std::io::stderr(), "{told}"));
        assert!(value <= value_max, "an idle socket holds {value} {unit}, more than {value_max}");
    }
    drop((first, crowd));
    house.running.stop().await;
    actors.stop().await;
}
