//! ORIG5, ORIG6, ORIG9 to ORIG13, ORIG15 and ORIG17: what crosses the socket.

use serde_json::{Value, json};

use super::{CHUNK_CHARACTERS, Two, every_frame, file, frame};
use crate::support::socket::Socket;
use crate::support::{House, PASSWORD, given};

#[tokio::test]
async fn orig5_auth_is_answered_in_kind_and_nothing_is_counted_towards_the_client() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut socket = Socket::text(house.doors).await;
    // This frame alone has no number.
    socket.say(&json!({ "type": "auth", "payload": { "token": alice.token } })).await;
    let welcome = json!({ "type": "auth", "payload": { "authenticated": true } });
    assert_eq!(socket.hear().await, welcome);
    let mut stranger = Socket::text(house.doors).await;
    stranger.say(&json!({ "type": "auth", "payload": { "token": "x" } })).await;
    let refusal = stranger.hear().await;
    assert_eq!(refusal["type"], "auth");
    assert_eq!(refusal["payload"]["code"], "INVALID_TOKEN");
}

#[tokio::test]
async fn orig6_orig11_orig12_each_frame_arrives_with_its_fields_and_its_sender() {
    let mut two = Two::meet().await;
    let frames = every_frame(&two.bob.id);
    for (n, (kind, payload)) in (0..).zip(&frames) {
        two.from_alice.say(&frame(kind, n, payload)).await;
        let mut expected = json!({ "type": kind, "payload": payload });
        expected["payload"]["from"] = json!(two.alice.id);
        // One document, on one line, and without a number.
        let text = two.from_bob.hear_text().await;
        assert!(!text.contains('\n'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }
}

#[tokio::test]
async fn orig9_a_key_that_nobody_acknowledged_is_delivered_again() {
    let mut two = Two::meet().await;
    let (kind, payload) = every_frame(&two.bob.id).swap_remove(0);
    for n in 0..3 {
        two.from_alice.say(&frame(kind, n, &payload)).await;
        assert_eq!(two.from_bob.hear().await["payload"]["message_id"], "ephemeral-1-a");
    }
    two.from_bob.close().await;
    assert_eq!(two.from_alice.hear().await["type"], "peer_disconnected");
    two.from_alice.say(&frame(kind, 3, &payload)).await;
    assert_eq!(two.from_alice.hear().await["type"], "peer_offline");
    let mut from_bob = Socket::text_as(two.house.doors, &two.bob.token).await;
    two.from_alice.say(&frame(kind, 4, &payload)).await;
    assert_eq!(from_bob.hear().await["payload"]["message_id"], "ephemeral-1-a");
}

#[tokio::test]
async fn orig10_order_is_kept_among_words_and_in_a_file_of_large_frames() {
    const COUNT: usize = 8;
    let mut two = Two::meet().await;
    let to = two.bob.id.as_str();
    let mut start = file(COUNT << 20, COUNT, "application/octet-stream");
    start["to"] = json!(to);
    let mut said = vec![frame("file_start", 0, &start)];
    for n in 0..COUNT {
        let word = json!({ "to": to, "message_id": format!("msg-1-{n}") });
        let chunk = json!({
            "to": to, "file_id": "file-1-a", "chunk_index": n, "total_chunks": COUNT,
            "ciphertext": "A".repeat(CHUNK_CHARACTERS), "nonce": "AAAAAAAAAAAAAAAA",
        });
        said.extend([frame("message", 1, &word), frame("file_chunk", 2, &chunk)]);
    }
    let (from_alice, from_bob) = (&mut two.from_alice, &mut two.from_bob);
    let saying = async {
        for document in &said {
            from_alice.say(document).await;
        }
    };
    let hearing = async {
        let (mut words, mut file) = (Vec::new(), Vec::new());
        while words.len() + file.len() < said.len() {
            let heard = from_bob.hear().await;
            let lane = if heard["type"] == "message" { &mut words } else { &mut file };
            lane.push(heard);
        }
        assert_eq!(file.remove(0)["type"], "file_start");
        for n in 0..COUNT {
            assert_eq!(words[n]["payload"]["message_id"], format!("msg-1-{n}"));
            assert_eq!(file[n]["payload"]["chunk_index"], n);
        }
    };
    tokio::join!(saying, hearing);
}

#[tokio::test]
async fn orig13_after_any_close_the_client_comes_again_and_of_two_tabs_one_is_told() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    for _ in 0..3 {
        let mut socket = Socket::text_as(house.doors, &alice.token).await;
        socket.say_broken_text(b"\xff").await;
        assert_eq!(socket.hear_close().await.0, 1007);
    }
    let mut one = Socket::text_as(house.doors, &alice.token).await;
    let mut other = Socket::text_as(house.doors, &alice.token).await;
    // The client shows what comes with a code that it does not know, and does not come again:
    // tabs do not fight.
    let told = tokio::select! { told = one.hear() => told, told = other.hear() => told };
    assert_eq!((&told["type"], &told["payload"]["code"]), (&json!("auth"), &json!("SUPERSEDED")));
}

#[tokio::test]
async fn orig15_the_largest_file_passes_and_one_byte_more_does_not() {
    const LARGEST: usize = 52_428_800;
    const CHUNKS: usize = 50;
    let mut two = Two::meet().await;
    let announce = |bytes, chunks| {
        let mut payload = file(bytes, chunks, "application/octet-stream");
        payload["to"] = json!(two.bob.id);
        frame("file_start", 0, &payload)
    };
    let (too_large, largest) = (announce(LARGEST + 1, CHUNKS + 1), announce(LARGEST, CHUNKS));
    two.from_alice.say(&too_large).await;
    assert_eq!(two.from_alice.hear().await["payload"]["code"], "FILE_SIZE_EXCEEDED");
    two.from_alice.say(&largest).await;

    let sealed = "A".repeat(CHUNK_CHARACTERS);
    let (from_alice, from_bob) = (&mut two.from_alice, &mut two.from_bob);
    let to = two.bob.id.as_str();
    // As fast as the socket takes them: the client looks at no buffer.
    let saying = async {
        for index in 0..CHUNKS {
            let payload = json!({
                "to": to, "file_id": "file-1-a", "chunk_index": index, "total_chunks": CHUNKS,
                "ciphertext": sealed, "nonce": "AAAAAAAAAAAAAAAA",
            });
            from_alice.say(&frame("file_chunk", 1, &payload)).await;
        }
        let end = json!({ "to": to, "file_id": "file-1-a" });
        from_alice.say(&frame("file_complete", 2, &end)).await;
    };
    let hearing = async {
        assert_eq!(from_bob.hear().await["type"], "file_start");
        for index in 0..CHUNKS {
            let chunk = from_bob.hear().await;
            assert_eq!(chunk["payload"]["chunk_index"], index);
            assert_eq!(chunk["payload"]["ciphertext"].as_str().unwrap().len(), CHUNK_CHARACTERS);
        }
        assert_eq!(from_bob.hear().await["type"], "file_complete");
    };
    tokio::join!(saying, hearing);
}

#[tokio::test]
async fn orig17_the_limits_that_are_shipped_leave_room_for_the_client() {
    // With nothing raised.
    let house = House::open_with(&[
        ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "5"),
        ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100"),
    ])
    .await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let credentials = json!({ "username": "alice", "password": PASSWORD });
    given(house.post("/api/auth/login").json(&credentials), 200).await;
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    // Long words, a frame for each letter; and whatever is on the screen is read again and again.
    for round in 0..10 {
        let kind = if round % 2 == 0 { "typing" } else { "message_read" };
        for n in 0..100 {
            let payload =
                json!({ "to": bob.id, "is_typing": true, "message_id": format!("msg-1-{n}") });
            from_alice.say(&frame(kind, n, &payload)).await;
        }
        for n in 0..100 {
            assert_eq!(from_bob.hear().await["type"], kind, "{round}: {n}");
        }
    }
}
