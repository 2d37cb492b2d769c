//! Whatever nobody would say, and much of it: nothing falls over, nothing grows, and what is measured
//! stays within its closed lists. The seed of a run is printed; `DHCHAT_HOSTILE_SEED` repeats it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::memory::kilobytes;
use super::pair::{DOORS, Door, Pair, still_talk};
use crate::support::chance::{Chance, count_panics, from_environment, panics, seed};
use crate::support::raw::{CONTINUATION, FINAL, frame, header};
use crate::support::series::{judge, possible};
use crate::support::{Person, binary};

/// Frames of a run unless `DHCHAT_HOSTILE_FRAMES` says otherwise.
const FRAMES: usize = 20_000;
/// Frames of one connection.
const FRAMES_A_SOCKET: usize = 200;

/// Documents that come close to meaning something.
fn nearly(door: Door, to: &Person, chance: &mut Chance) -> Vec<u8> {
    let depth = 1 + chance.below(5_000);
    match (door, chance.below(6)) {
        (Door::Text, 0) => "[".repeat(depth).into_bytes(),
        (Door::Text, 1) => {
            format!(r#"{{"type":"t{}","payload":{{}}}}"#, chance.next()).into_bytes()
        }
        (Door::Text, 2) => {
            format!(r#"{{"type":"message","payload":{{"to":1e{depth}}}}}"#).into_bytes()
        }
        (Door::Text, 3) => {
            format!(r#"{{"type":"message","type":"typing","payload":{{"to":"{}"}}}}"#, to.id)
                .into_bytes()
        }
        (Door::Binary, 0) => vec![0x91; depth],
        (Door::Binary, 1) => vec![0x95, 0xcc, chance.byte(), 0xdd, 0xff, 0xff, 0xff, 0xff],
        (Door::Binary, 2) => vec![0x95, 0x04, 0x00, 0xc6, 0xff, 0xff, 0xff, 0xff],
        (Door::Binary, 3) => {
            let id = [chance.byte(); 16];
            binary::chunk(&to.id, id, u32::from(chance.byte()), &chance.bytes(500))
        }
        (Door::Text | Door::Binary, _) => door.message(to, 400 + chance.below(2_000)),
    }
}

/// One frame, broken somewhere or nowhere.
fn hostile(door: Door, to: &Person, chance: &mut Chance) -> Vec<u8> {
    let mut document = nearly(door, to, chance);
    for _ in 0..chance.below(4) {
        let place = chance.below(document.len());
        document[place] = chance.byte();
    }
    document.truncate(document.len() - chance.below(document.len().min(4)));
    match chance.below(40) {
        // Most break the document, few the frame: that ends the connection.
        0 => chance.bytes(300),
        1 => frame(chance.byte(), &document[..document.len().min(200)]),
        2 => header(door.first(), chance.below(1 << 40)),
        3 => frame(CONTINUATION, &document),
        4..=8 => {
            let (one, other) = document.split_at(chance.below(document.len()));
            [frame(door.first() & !FINAL, one), frame(CONTINUATION, other)].concat()
        }
        _ => frame(door.first(), &document),
    }
}

/// Opens a socket, says all of it, and hears whatever comes until the end.
async fn say(pair: &Pair, door: Door, who: Option<&Person>, said: &[u8]) {
    let raw = match who {
        Some(person) => door.open_as(&pair.house, person).await,
        None => door.open(&pair.house).await,
    };
    let (mut reading, mut writing) = raw.tcp.into_split();
    let hears = async {
        let mut away = vec![0; 64 * 1024];
        while reading.read(&mut away).await.is_ok_and(|read| read > 0) {}
    };
    let says = async {
        // It may be cut while it speaks.
        drop(writing.write_all(said).await);
        drop(writing.shutdown().await);
    };
    let both = async { tokio::join!(hears, says) };
    timeout(std::time::Duration::from_secs(30), both).await.expect("the connection ends");
}

#[tokio::test]
async fn sock12_hostile_frames_break_nothing_and_leave_nothing() {
    count_panics();
    let frames = from_environment("DHCHAT_HOSTILE_FRAMES", FRAMES);
    let seed = seed();
    let mut chance = Chance::of_this_run();
    for door in DOORS {
        let mut pair = Pair::generous(door).await;
        let possible = possible(&pair.house.metrics().await);
        let stranger = pair.house.person("mallory").await;
        let (mut level, sockets) = (0, frames / 2 / FRAMES_A_SOCKET);
        for n in 0..sockets {
            let said: Vec<u8> =
                (0..FRAMES_A_SOCKET).flat_map(|_| hostile(door, &pair.bob, &mut chance)).collect();
            let who = (chance.below(8) > 0).then_some(&stranger);
            say(&pair, door, who, &said).await;
            // Bob hears what happens to be a message, and has to read it.
            pair.hear_out(door, n).await;
            if n == sockets / 4 {
                level = kilobytes("VmRSS");
            }
        }
        still_talk(door, &mut pair.from_alice, &mut pair.from_bob, &pair.bob).await;
        let after = kilobytes("VmRSS");
        assert!(after * 4 <= level * 5, "seed {seed}: {level} kB became {after} kB");
        judge(&possible, &pair.house.metrics().await);
        pair.house.running.stop().await;
    }
    assert_eq!(panics(), 0, "seed {seed}");
}
