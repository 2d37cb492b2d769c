//! Blocks of the heap that a server asks for while it relays words, on all of its threads.
//!
//! `DHCHAT_HEAP_PROFILE=FILE` has it written down who asks for each of them.

use std::path::Path;

use edge::compose::Running;
use edge::config::Command;
use serde_json::json;
use tempfile::TempDir;

use crate::figure::PerFrame;
use crate::support::broker::Broker;
use crate::support::raw::Raw;
use crate::support::{House, generous};
use crate::talk::Talk;

/// More than any ring or window of a Session holds: from here on nothing grows.
const WARM: u64 = 4_000;
/// Chores come by time, and on a busy machine more of them while a word is relayed; so the count is
/// that of the round in which there were fewest.
const ROUNDS: u64 = 16;
/// Enough that what is asked for once for many words shows.
const FRAMES: u64 = 500;
/// Enough to see who asks.
const FRAMES_OF_PROFILE: u64 = 400;

/// One thread for each of them, generous with words.
const GIVEN: [(&str, &str); 3] = [
    ("DHCHAT_ARBITERS", "1"),
    ("DHCHAT_TALK_FRAMES_PER_SECOND", "1000000"),
    ("DHCHAT_TALK_FRAMES_BURST", "1000000"),
];

/// What the keys of all that is started here come from.
pub(crate) const ROOT_KEY: [u8; 32] = [7; 32];

/// Alice and Bob at one house.
async fn talk_at(house: &House, body_bytes: usize, window: usize) -> Talk {
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let from_alice = Raw::binary_as(house.doors, &alice.token).await;
    let from_bob = Raw::binary_as(house.doors, &bob.token).await;
    Talk::between(from_alice, from_bob, &bob, body_bytes, window)
}

/// Relays until nothing grows any more, then counts: blocks of each round, for how many words.
async fn count(mut talk: Talk) -> (Vec<u64>, u64) {
    let relayed = tokio::task::spawn_blocking(move || {
        talk.relay(WARM);
        let (profiler, rounds, frames) = match std::env::var_os("DHCHAT_HEAP_PROFILE") {
            Some(file) => (asked_by(Path::new(&file)), 1, FRAMES_OF_PROFILE),
            None => (dhat::Profiler::builder().testing().build(), ROUNDS, FRAMES),
        };
        let mut round = || {
            let before = dhat::HeapStats::get().total_blocks;
            talk.relay(frames);
            dhat::HeapStats::get().total_blocks - before
        };
        let blocks = (0..rounds).map(|_| round()).collect();
        drop(profiler);
        (blocks, frames)
    });
    relayed.await.unwrap()
}

/// Writes down who asks for each block, for the viewer of DHAT; that takes long.
pub(crate) fn asked_by(file: &Path) -> dhat::Profiler {
    dhat::Profiler::builder().file_name(file).trim_backtraces(Some(24)).build()
}

async fn hold(house: House, body_bytes: usize, measure: &'static str, hundredths_max: u64) {
    let talk = talk_at(&house, body_bytes, 1).await;
    let (rounds, frames) = count(talk).await;
    let (count, unit) = (*rounds.iter().min().unwrap(), "blocks");
    PerFrame { measure, unit, count, frames, hundredths_max }
        .hold(&json!({ "body_bytes": body_bytes, "rounds": rounds }));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf1_a_word_inside_one_process_costs_few_blocks() {
    let house = House::open_with(&GIVEN).await;
    hold(house, 256, "heap-blocks-embedded-256", 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf1_so_does_a_word_of_four_kilobytes() {
    let house = House::open_with(&GIVEN).await;
    hold(house, 4_000, "heap-blocks-embedded-4000", 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf1_and_so_does_a_word_over_a_broker() {
    let (broker, folder) = (Broker::start().await, tempfile::tempdir().unwrap());
    let actors = actors(&broker, folder.path()).await;
    hold(edge(&broker, tempfile::tempdir().unwrap()).await, 256, "heap-blocks-nats-256", 10).await;
    actors.stop().await;
}

pub(crate) async fn actors(broker: &Broker, folder: &Path) -> Running {
    let key = folder.join("root.key");
    std::fs::write(&key, ROOT_KEY).unwrap();
    let database = format!("sqlite:{}", folder.join("dhchat.db").display());
    actors::store::migrate(&database).await.unwrap();
    let (url, key) = (broker.url("actors"), key.display().to_string());
    let given = [
        ("DHCHAT_BUS_URL", url.as_str()),
        ("DHCHAT_DATABASE_URL", database.as_str()),
        ("DHCHAT_ROOT_KEY_FILE", key.as_str()),
    ];
    Running::start(generous(Command::Actors, &given)).await.unwrap()
}

pub(crate) async fn edge(broker: &Broker, folder: TempDir) -> House {
    let url = broker.url("edge");
    let given = [&GIVEN[..], &[("DHCHAT_BUS_URL", url.as_str())]].concat();
    House::start(generous(Command::Edge, &given), folder).await
}
