//! Deflate on the text door: what is agreed on, and what it may cost.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use super::memory::{forget_the_peak, kilobytes};
use super::pair::Door;
use crate::support::raw::{CONTINUATION, DEFLATED, FINAL, Frame, Raw, TEXT};
use crate::support::{House, Person};

/// What a deflated message ends with, which is not sent.
const TAIL: &[u8] = &[0, 0, 0xff, 0xff];

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    compress.compress_vec(bytes, &mut out, FlushCompress::Sync).unwrap();
    assert!(out.ends_with(TAIL));
    out.truncate(out.len() - TAIL.len());
    out
}

/// Inflates with a window of so many bits and without anything from before.
fn inflated(bytes: &[u8], window_bits: u8) -> Vec<u8> {
    let mut decompress = Decompress::new_with_window_bits(false, window_bits);
    let mut out = Vec::with_capacity(2 * 1024 * 1024);
    let whole = [bytes, TAIL].concat();
    decompress.decompress_vec(&whole, &mut out, FlushDecompress::Sync).unwrap();
    out
}

/// What a message says, deflated or not.
fn plain(heard: &Frame, window_bits: u8) -> Frame {
    if heard.first & DEFLATED == 0 {
        return heard.clone();
    }
    Frame { first: heard.first & !DEFLATED, payload: inflated(&heard.payload, window_bits) }
}

async fn open(house: &House, person: &Person, offers: &str) -> Raw {
    let raw = Raw::open(house.doors, &[("sec-websocket-extensions", offers)]).await;
    raw.says_who(&person.token).await
}

fn agreed(raw: &Raw) -> Option<String> {
    let mut lines = raw.head.lines();
    lines.find_map(|line| Some(line.strip_prefix("sec-websocket-extensions: ")?.to_owned()))
}

/// The offers, what is agreed on, and the window of what the server deflates.
const NEGOTIATIONS: &[(&str, &str, u8)] = &[
    ("permessage-deflate", "", 15),
    ("permessage-deflate; client_max_window_bits", "", 15),
    (
        "permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover",
        "",
        15,
    ),
    (
        "permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9",
        "; server_max_window_bits=9",
        9,
    ),
    (
        "permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=15",
        "; server_max_window_bits=15",
        15,
    ),
    ("permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9", 9),
    ("permessage-deflate; client_max_window_bits=10", "; client_max_window_bits=10", 15),
    ("permessage-deflate; unknown, x-webkit-deflate-frame, permessage-deflate", "", 15),
    (
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate",
        "; server_max_window_bits=9",
        9,
    ),
];

#[tokio::test]
async fn sock2_each_negotiation_is_kept_to_with_short_messages_and_long_ones() {
    let house = House::open().await;
    let bob = house.person("bob").await;
    let mut from_bob = Raw::text_as(house.doors, &bob.token).await;
    // Whoever leaves is told to those who were talked to.
    let mut still_there = Vec::new();
    for (n, (offers, more, window_bits)) in NEGOTIATIONS.iter().enumerate() {
        let person = house.person(&format!("alice-{n}")).await;
        let mut from_alice = open(&house, &person, offers).await;
        let answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        assert_eq!(agreed(&from_alice), Some(format!("{answer}{more}")), "{offers}");
        for bytes in [200, 250, 256, 300, 1_000, 70_000, 1_000_000] {
            // There deflated, in one piece and in two; back as the server likes.
            let said = deflated(&Door::Text.message(&bob, bytes));
            if bytes % 4 == 0 {
                from_alice.say(TEXT | DEFLATED, &said).await.unwrap();
            } else {
                let (one, other) = said.split_at(said.len() / 2);
                from_alice.say(TEXT & !FINAL | DEFLATED, one).await.unwrap();
                from_alice.say(CONTINUATION, other).await.unwrap();
            }
            let heard = from_bob.hear().await.expect("the message");
            assert!(Door::Text.body_length(&heard) + 200 > bytes, "{offers}, {bytes}");

            from_bob.say(TEXT, &Door::Text.message(&person, bytes)).await.unwrap();
            let heard = from_alice.hear().await.expect("the answer");
            // A word of the server's own stands around it.
            assert_eq!(heard.first & DEFLATED != 0, bytes >= 256 - 50, "{offers}, {bytes}");
            let heard = plain(&heard, *window_bits);
            assert!(Door::Text.body_length(&heard) + 200 > bytes, "{offers}, {bytes}");
        }
        still_there.push(from_alice);
    }
}

#[tokio::test]
async fn sock2_an_offer_that_cannot_be_kept_is_declined_and_so_is_any_on_the_binary_door() {
    let house = House::open().await;
    for offers in [
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=99",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate-2",
        "deflate",
        ";",
    ] {
        let raw = Raw::open(house.doors, &[("sec-websocket-extensions", offers)]).await;
        assert_eq!(agreed(&raw), None, "{offers}");
    }
    let extensions = "sec-websocket-extensions";
    let in_two_lines = [(extensions, "x-unknown"), (extensions, "permessage-deflate")];
    assert!(agreed(&Raw::open(house.doors, &in_two_lines).await).is_some());
    let headers = [
        ("sec-websocket-protocol", "dhchat.2"),
        ("origin", "http://localhost:8080"),
        ("sec-websocket-extensions", "permessage-deflate"),
    ];
    assert_eq!(agreed(&Raw::open(house.doors, &headers).await), None);
}

/// So many zeros in a frame that the door takes.
const BOMB_BYTES: usize = 64 * 1024 * 1024;

/// Throws it, as somebody or as a stranger, and hears the close.
async fn throw(house: &House, person: Option<&Person>, bomb: &[u8]) {
    let headers = [("sec-websocket-extensions", "permessage-deflate")];
    let mut raw = Raw::open(house.doors, &headers).await;
    if let Some(person) = person {
        raw = raw.says_who(&person.token).await;
    }
    let (one, other) = bomb.split_at(bomb.len() / 2);
    raw.say(TEXT & !FINAL | DEFLATED, one).await.unwrap();
    raw.say(CONTINUATION, other).await.unwrap();
    let told = raw.hear().await.expect("a word before the close");
    let words = String::from_utf8_lossy(&plain(&told, 15).payload).into_owned();
    assert!(words.contains("FRAME_TOO_LARGE"), "{words}");
    assert_eq!(raw.hear_close().await, 1008);
}

#[tokio::test]
async fn sock7_a_bomb_costs_no_more_than_the_largest_frame() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let bomb = deflated(&vec![0; BOMB_BYTES]);
    assert!(bomb.len() * 500 < BOMB_BYTES, "{} bytes are no bomb", bomb.len());
    // Before it has said who it is, a client has 8 KiB: ten megabytes of nothing.
    let small = deflated(&vec![0; 6 * 1024 * 1024]);
    for _ in 0..5 {
        throw(&house, Some(&alice), &bomb).await;
        throw(&house, None, &small).await;
    }
    let before = kilobytes("VmRSS");
    forget_the_peak();
    for _ in 0..50 {
        throw(&house, Some(&alice), &bomb).await;
        throw(&house, None, &small).await;
    }
    let (after, most) = (kilobytes("VmRSS"), kilobytes("VmHWM"));
    assert!(after * 10 <= before * 11, "{before} kB became {after} kB");
    assert!(most * 10 <= before * 13, "{before} kB became {most} kB for a moment");
}
