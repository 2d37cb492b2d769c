//! What the original's web client needs of a server, line by line: the rules ORIG of
//! `edge/SPEC.md`, each with a test of its number here or where that table says.

mod frames;
mod http;
mod presence;

use serde_json::{Value, json};

use crate::support::socket::Socket;
use crate::support::{House, Person};

/// The DER form of a P-256 key, as the original's client makes it: this, then a point.
const P256_HEAD: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// What a chunk of 1 MiB becomes when it is sealed and in base64.
const CHUNK_CHARACTERS: usize = 1_398_124;

/// Two people with a socket each.
struct Two {
    house: House,
    alice: Person,
    bob: Person,
    from_alice: Socket,
    from_bob: Socket,
}

impl Two {
    async fn meet() -> Self {
        let house = House::open().await;
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        let from_alice = Socket::text_as(house.doors, &alice.token).await;
        let from_bob = Socket::text_as(house.doors, &bob.token).await;
        Self { house, alice, bob, from_alice, from_bob }
    }
}

/// A frame as that client writes it: it counts its frames.
fn frame(kind: &str, sequence: u32, payload: &Value) -> Value {
    json!({ "type": kind, "sequence": sequence, "payload": payload })
}

/// Every type of frame for another person, with all that the client writes into it.
fn every_frame(to: &str) -> Vec<(&'static str, Value)> {
    let sealed = json!({ "ciphertext": "QUJD", "nonce": "AAAAAAAAAAAAAAAA" });
    let with = |more: Value| {
        let mut all = more;
        all["to"] = json!(to);
        all
    };
    let with_sealed = |more: Value| {
        let mut all = with(more);
        all["ciphertext"].clone_from(&sealed["ciphertext"]);
        all["nonce"].clone_from(&sealed["nonce"]);
        all
    };
    vec![
        (
            "ephemeral_key",
            with(json!({
                "public_key": "QUJD", "signature": "REVG", "message_id": "ephemeral-1-a",
                "requires_ack": true,
            })),
        ),
        ("session_established", with(json!({ "peer_id": to }))),
        ("ack", with(json!({ "message_id": "ephemeral-1-a" }))),
        (
            "message",
            with_sealed(json!({ "message_id": "msg-1-1", "reply_to_message_id": "msg-1-0" })),
        ),
        ("message_edit", with_sealed(json!({ "message_id": "msg-1-1" }))),
        ("message_delete", with(json!({ "message_id": "msg-1-1", "scope": "all" }))),
        ("message_read", with(json!({ "message_id": "msg-1-1" }))),
        ("reaction", with(json!({ "message_id": "msg-1-1", "emoji": "👍", "action": "add" }))),
        ("typing", with(json!({ "is_typing": true, "activity": "voice" }))),
        ("file_start", with(file(3, 1, "text/plain"))),
        (
            "file_chunk",
            with_sealed(json!({ "file_id": "file-1-a", "chunk_index": 0, "total_chunks": 1 })),
        ),
        ("file_complete", with(json!({ "file_id": "file-1-a" }))),
    ]
}

/// The announcement of a file, in chunks of 1 MiB.
fn file(bytes: usize, chunks: usize, mime_type: &str) -> Value {
    json!({
        "file_id": "file-1-a", "filename": "a <b> & c.txt", "mime_type": mime_type,
        "total_size": bytes, "total_chunks": chunks, "chunk_size": 1_048_576,
        "access_mode": "view_only",
    })
}
