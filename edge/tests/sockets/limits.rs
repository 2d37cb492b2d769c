//! The limits that are shipped, at the byte.

use bus_schemas::limit::{FRAME_BYTES_MAX_BINARY, FRAME_BYTES_MAX_TEXT};
use tokio::io::AsyncWriteExt;

use super::pair::{DOORS, Door, Pair, still_talk};
use crate::support::House;
use crate::support::raw::{CONTINUATION, FINAL, PING, PONG, Raw, TEXT, frame};

const UNAUTHENTICATED: usize = 4 * 1024;

fn frame_bytes_max(door: Door) -> usize {
    match door {
        Door::Text => 1_536 * 1024,
        Door::Binary => 256 * 1024,
    }
}

/// The fragments of a message.
fn in_fragments(door: Door, message: &[u8], bytes: usize) -> Vec<u8> {
    let mut said = Vec::new();
    let last = message.len().div_ceil(bytes) - 1;
    for (n, part) in message.chunks(bytes).enumerate() {
        let opcode = if n == 0 { door.first() } else { CONTINUATION } & !FINAL;
        said.extend(frame(if n == last { opcode | FINAL } else { opcode }, part));
    }
    said
}

async fn is_told_that_it_was_too_large(door: Door, raw: &mut Raw) {
    let told = raw.hear().await.expect("a word before the close");
    assert_eq!(told.first, door.first());
    let words = String::from_utf8_lossy(&told.payload).into_owned();
    assert!(words.contains("FRAME_TOO_LARGE"), "{words}");
    assert_eq!(raw.hear_close().await, door.code(1008, 4413));
}

#[tokio::test]
async fn sock1_a_frame_of_exactly_the_limit_passes_and_one_byte_more_closes_the_door() {
    assert_eq!((FRAME_BYTES_MAX_TEXT, FRAME_BYTES_MAX_BINARY), (1_536 * 1024, 256 * 1024));
    for door in DOORS {
        let mut pair = Pair::on(door).await;
        let limit = frame_bytes_max(door);
        let message = door.message(&pair.bob, limit);
        pair.from_alice.say(door.first(), &message).await.unwrap();
        let heard = pair.from_bob.hear().await.expect("the message");
        assert!(door.body_length(&heard) > limit - 300, "{door:?}");

        let message = door.message(&pair.bob, limit + 1);
        pair.from_alice.say(door.first(), &message).await.unwrap();
        is_told_that_it_was_too_large(door, &mut pair.from_alice).await;
    }
}

#[tokio::test]
async fn sock1_fragments_add_up() {
    for door in DOORS {
        let mut pair = Pair::on(door).await;
        let limit = frame_bytes_max(door);
        for bytes in [limit / 3, 1_000] {
            let message = door.message(&pair.bob, limit - bytes % 1_000);
            let said = in_fragments(door, &message, bytes);
            pair.from_alice.tcp.write_all(&said).await.unwrap();
            let heard = pair.from_bob.hear().await.expect("the message");
            assert!(door.body_length(&heard) > limit - 1_300, "{door:?}");
        }
        let message = door.message(&pair.bob, limit + 1);
        let said = in_fragments(door, &message, limit / 3);
        pair.from_alice.tcp.write_all(&said).await.unwrap();
        is_told_that_it_was_too_large(door, &mut pair.from_alice).await;
    }
}

#[tokio::test]
async fn sock3_a_stranger_has_one_frame_of_4_kib() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    for door in DOORS {
        // Junk of exactly the limit is judged by what it says, one byte more by its size.
        for (bytes, code) in
            [(UNAUTHENTICATED, "UNAUTHORIZED"), (UNAUTHENTICATED + 1, "FRAME_TOO_LARGE")]
        {
            let mut raw = door.open(&house).await;
            raw.say(door.first(), &vec![b'7'; bytes]).await.unwrap();
            let told = raw.hear().await.expect("an answer");
            let words = String::from_utf8_lossy(&told.payload).into_owned();
            assert!(words.contains(code), "{door:?} {words}");
            let too_large = door.code(1008, 4413);
            let unknown = door.code(1008, 4401);
            let expected = if bytes > UNAUTHENTICATED { too_large } else { unknown };
            assert_eq!(raw.hear_close().await, expected);
        }
        // What follows the first frame before its answer is one frame too many.
        let mut raw = door.open(&house).await;
        let auth = match door {
            Door::Text => {
                format!(r#"{{"type":"auth","payload":{{"token":"{}"}}}}"#, alice.token).into_bytes()
            }
            Door::Binary => crate::support::binary::auth(&alice.token),
        };
        let twice = [frame(door.first(), &auth), frame(door.first(), &auth)].concat();
        raw.tcp.write_all(&twice).await.unwrap();
        assert_eq!(raw.hear_close().await, door.code(1008, 4401), "{door:?}");
    }
}

#[tokio::test]
async fn sock3_a_stranger_has_8_kib_for_a_frame_however_it_is_cut() {
    let house = House::open().await;
    for door in DOORS {
        for opcode in [door.first() & !FINAL, PING] {
            let mut raw = door.open(&house).await;
            let mut said = 0;
            // The server stops reading and closes; until then everything is taken.
            while said < 1024 * 1024 {
                let opcode =
                    if said > 0 && opcode != PING { CONTINUATION & !FINAL } else { opcode };
                let fragment = frame(opcode, b"0123456789");
                said += fragment.len();
                if raw.tcp.try_write(&fragment).is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            // Of pings that is more than there may be.
            let code = door.code(1008, if opcode == PING { 4429 } else { 4413 });
            assert_eq!(raw.hear_close().await, code, "{door:?} {opcode:x}");
        }
    }
}

#[tokio::test]
async fn sock3_a_stranger_has_five_seconds_whatever_it_does_meanwhile() {
    let house = House::open().await;
    let mut strangers = tokio::task::JoinSet::new();
    for door in DOORS {
        for says in [&[][..], &[PING], &[TEXT & !FINAL, CONTINUATION & !FINAL]] {
            let mut raw = door.open(&house).await;
            strangers.spawn(async move {
                let mut tick = tokio::time::interval(std::time::Duration::from_millis(200));
                let mut opcodes = says.iter().chain(says.last().into_iter().cycle());
                let close = loop {
                    tokio::select! {
                        frame = raw.hear() => match frame.expect("a close before the end") {
                            frame if frame.first == PONG => {}
                            frame => if let Some(code) = frame.close_code() { break code },
                        },
                        _ = tick.tick() => if let Some(opcode) = opcodes.next() {
                            raw.say(*opcode, b"").await.unwrap();
                        },
                    }
                };
                (door, close)
            });
        }
    }
    for (door, close) in strangers.join_all().await {
        assert_eq!(close, door.code(1008, 4401), "{door:?}");
    }
}

#[tokio::test]
async fn sock5_a_storm_of_pings_is_cut() {
    for door in DOORS {
        let mut pair = Pair::on(door).await;
        for opcode in [PING, PONG] {
            let mut stormy = door
                .open_as(&pair.house, &pair.house.person(&format!("storm-{opcode}")).await)
                .await;
            let storm = frame(opcode, b"!").repeat(5_000);
            // It is cut while it writes, or after.
            drop(stormy.tcp.write_all(&storm).await);
            let mut pongs = 0;
            let close = loop {
                let frame = stormy.hear().await.expect("a close before the end");
                match frame.close_code() {
                    Some(code) => break code,
                    None => pongs += 1,
                }
            };
            assert_eq!(close, door.code(1008, 4429), "{door:?}");
            assert!(pongs <= 300, "{pongs}");
        }
        still_talk(door, &mut pair.from_alice, &mut pair.from_bob, &pair.bob).await;
    }
}

#[tokio::test]
async fn sock6_a_message_that_never_ends_is_cut_by_its_bytes() {
    for door in DOORS {
        let mut pair = Pair::on(door).await;
        let mut said = frame(door.first() & !FINAL, b"");
        let empty = frame(CONTINUATION & !FINAL, b"");
        said.extend(empty.repeat(2 * (frame_bytes_max(door) + 256 * 1024) / empty.len()));
        // It is cut while it writes, or after.
        drop(pair.from_alice.tcp.write_all(&said).await);
        let close = pair.from_alice.hear_close().await;
        assert_eq!(close, door.code(1008, 4413), "{door:?}");
        let alice = &pair.alice;
        let mut again = door.open_as(&pair.house, alice).await;
        still_talk(door, &mut again, &mut pair.from_bob, &pair.bob).await;
    }
}
