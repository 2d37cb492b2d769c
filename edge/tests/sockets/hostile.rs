//! Whatever nobody would say, and much of it: nothing falls over, nothing grows, and what is measured
//! stays within its closed lists. The seed of a run is printed; `DHCHAT_HOSTILE_SEED` repeats it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use actors_core::session::{Close, Why};
use bus_schemas::fault::Code;
use bus_schemas::frame::Label;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::memory::kilobytes;
use super::pair::{DOORS, Door, Pair, still_talk};
use crate::support::raw::{CONTINUATION, FINAL, frame, header};
use crate::support::{Person, binary};

/// Frames of a run unless `DHCHAT_HOSTILE_FRAMES` says otherwise.
const FRAMES: usize = 20_000;
/// Frames of one connection.
const FRAMES_A_SOCKET: usize = 200;
/// Series that a process may have at most.
const SERIES_MAX: usize = 3_000;

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Chance that can be repeated: splitmix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.byte()).collect()
    }
}

fn from_environment(name: &str, default: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| text.parse().unwrap())
}

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

/// The values of the labels that what sockets do is counted by.
fn allowed(label: &str) -> BTreeSet<String> {
    let of_types = Label::ALL.iter().map(|label| label.as_str()).chain(["auth", "ping", "other"]);
    match label {
        "message_type" => of_types.map(str::to_owned).collect(),
        "error_type" => Code::ALL.iter().map(|code| code.as_str().to_owned()).collect(),
        "status" => ["completed", "failed"].map(str::to_owned).into(),
        "outcome" => ["published", "refused", "repeated", "late"].map(str::to_owned).into(),
        _ => panic!("nothing is counted by {label}"),
    }
}

/// Holds every series of the page against the closed lists.
fn judge(page: &str) {
    let series: Vec<&str> =
        page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert!(series.len() <= SERIES_MAX, "{} series", series.len());
    let mut reasons = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in series.iter().filter(|line| line.starts_with("chat_websocket_")) {
        let (name, rest) = line.split_once('{').unwrap_or((line, ""));
        let labels = rest.split_once('}').map_or("", |(labels, _)| labels);
        for pair in labels.split(',').filter(|pair| !pair.is_empty()) {
            let (label, value) = pair.split_once('=').unwrap();
            let value = value.trim_matches('"');
            match label {
                "le" => {}
                "reason" => drop(reasons.entry(name).or_default().insert(value)),
                _ => assert!(allowed(label).contains(value), "{line}"),
            }
        }
    }
    for (name, reasons) in reasons {
        let most = if name.contains("file_transfer") { Why::ALL.len() } else { Close::ALL.len() };
        assert!(reasons.len() <= most, "{name}: {reasons:?}");
    }
}

#[test]
#[should_panic(expected = "never heard of")]
fn sock12_a_series_of_no_list_is_found() {
    judge("chat_websocket_messages_total{message_type=\"never heard of\"} 1");
}

#[tokio::test]
async fn sock12_hostile_frames_break_nothing_and_leave_nothing() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        before(panic);
    }));
    let frames = from_environment("DHCHAT_HOSTILE_FRAMES", FRAMES);
    let seed = from_environment("DHCHAT_HOSTILE_SEED", 7);
    let mut chance = Chance(u64::try_from(seed).unwrap());
    for door in DOORS {
        let mut pair = Pair::generous(door).await;
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
        judge(&pair.house.metrics().await);
        pair.house.running.stop().await;
    }
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "seed {seed}");
}
