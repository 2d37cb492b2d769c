//! What is counted when a socket ends.

use std::collections::BTreeMap;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::AsyncWriteExt;

use super::pair::{DOORS, Door};
use crate::support::raw::{CLOSE, PING, TEXT, frame};
use crate::support::{House, until};

const NAME: &str = "chat_websocket_disconnections_total{reason=\"";

/// How many sockets ended for each reason.
async fn counted(house: &House) -> BTreeMap<String, u32> {
    let page = house.metrics().await;
    let lines = page.lines().filter_map(|line| line.strip_prefix(NAME));
    lines
        .map(|line| {
            let (reason, count) = line.split_once("\"} ").unwrap();
            (reason.to_owned(), count.parse().unwrap())
        })
        .collect()
}

/// Opens a socket and ends it so.
async fn end(house: &House, door: Door, reason: &str) {
    let person = house.person(&format!("{reason}-{door:?}")).await;
    let mut raw = door.open_as(house, &person).await;
    match reason {
        "normal" => raw.say(CLOSE, &1000_u16.to_be_bytes()).await.unwrap(),
        "malformed_frame" => raw.say(TEXT | 0x20, b"").await.unwrap(),
        // It is cut while it writes, or after.
        "too_many_frames" => drop(raw.tcp.write_all(&frame(PING, b"!").repeat(5_000)).await),
        "connection_lost" => {
            // Without a word, and without what the system would say in order.
            SockRef::from(&raw.tcp).set_linger(Some(Duration::ZERO)).unwrap();
            return;
        }
        other => panic!("nobody knows how to end by {other}"),
    }
    while raw.hear().await.expect("a close").close_code().is_none() {}
}

#[tokio::test]
async fn shell23_what_ended_a_socket_is_on_the_page_of_figures() {
    let house = House::open().await;
    for door in DOORS {
        for reason in ["normal", "malformed_frame", "too_many_frames", "connection_lost"] {
            let mut expected = counted(&house).await;
            *expected.get_mut(reason).expect("it is there at 0") += 1;
            end(&house, door, reason).await;
            until(&format!("one more {reason}, on {door:?}, and nothing else"), async || {
                counted(&house).await == expected
            })
            .await;
        }
    }
}
