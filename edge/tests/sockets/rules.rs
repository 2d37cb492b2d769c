//! What breaks RFC 6455 closes either door with the code that the RFC has for it.

use tokio::io::AsyncWriteExt;

use super::pair::{DOORS, Pair, still_talk};
use crate::support::raw::{CLOSE, CONTINUATION, FINAL, PING, TEXT, frame, header};

const PROTOCOL: u16 = 1002;
const INVALID: u16 = 1007;

/// What is said, the bytes of it, and the code that it is closed with.
fn violations() -> Vec<(&'static str, Vec<u8>, u16)> {
    let close = |code: u16, reason: &[u8]| [&code.to_be_bytes()[..], reason].concat();
    let mut unmasked = frame(TEXT, b"");
    unmasked[1] = 0;
    let mut endless = header(TEXT, 1 << 20);
    endless[2] = 0xff;
    vec![
        ("a close that is too long", frame(CLOSE, &close(1000, &[b'a'; 124])), PROTOCOL),
        ("half a close code", frame(CLOSE, &[3]), PROTOCOL),
        ("a close code that nobody sends", frame(CLOSE, &close(1005, b"")), PROTOCOL),
        ("a close code of nobody", frame(CLOSE, &close(2999, b"")), PROTOCOL),
        ("a close whose reason is no text", frame(CLOSE, &close(1000, b"\xff\xfe")), INVALID),
        ("a ping that is too long", frame(PING, &[0; 126]), PROTOCOL),
        ("a ping in fragments", frame(PING & !FINAL, b""), PROTOCOL),
        ("a deflated ping", frame(PING | 0x40, b""), PROTOCOL),
        ("a reserved bit", frame(TEXT | 0x20, b""), PROTOCOL),
        ("deflate that was not agreed on", frame(TEXT | 0x40, b"\x02\x00"), PROTOCOL),
        ("an opcode of nobody", frame(0x83, b""), PROTOCOL),
        ("a control frame of nobody", frame(0x8b, b""), PROTOCOL),
        ("a frame without a mask", unmasked, PROTOCOL),
        ("the middle of nothing", frame(CONTINUATION, b"a"), PROTOCOL),
        (
            "a message within a message",
            [frame(TEXT & !FINAL, b"a"), frame(TEXT, b"b")].concat(),
            PROTOCOL,
        ),
        ("a text that is none", frame(TEXT, b"\xed\xa0\x80"), INVALID),
        (
            "a text that stops being one",
            [frame(TEXT & !FINAL, b"a\xce"), frame(CONTINUATION, b"a")].concat(),
            INVALID,
        ),
        ("a length with a sign", endless, PROTOCOL),
    ]
}

#[tokio::test]
async fn sock4_what_breaks_the_rules_is_closed_with_its_code_and_nobody_else_notices() {
    for door in DOORS {
        let mut pair = Pair::on(door).await;
        for (n, (what, said, code)) in violations().into_iter().enumerate() {
            let person = pair.house.person(&format!("person-{n}")).await;
            let mut raw = door.open_as(&pair.house, &person).await;
            raw.tcp.write_all(&said).await.unwrap();
            assert_eq!(raw.hear_close().await, code, "{what}, {door:?}");
        }
        still_talk(door, &mut pair.from_alice, &mut pair.from_bob, &pair.bob).await;
    }
}
