//! The original's client, as a script of plain JSON: whatever differs from what it knows, and is
//! not a difference on purpose, fails here.

use serde_json::{Value, json};

use super::support::socket::Socket;
use super::support::{House, PASSWORD, given};

#[tokio::test]
async fn two_clients_of_the_original_talk() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let credentials = json!({ "username": "alice", "password": PASSWORD });
    let login = given(house.post("/api/auth/login").json(&credentials), 200).await;
    assert_eq!(login.as_object().unwrap().keys().collect::<Vec<_>>(), ["token"]);

    let mut from_alice = Socket::text_as(house.doors, login["token"].as_str().unwrap()).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;

    // An offer: `from` is the server's word, unknown fields and `sequence` go.
    from_alice
        .say(&json!({
            "type": "ephemeral_key",
            "sequence": 0,
            "payload": {
                "to": bob.id, "from": bob.id, "public_key": "QUJD", "signature": "REVG",
                "message_id": "ephemeral-1-a", "requires_ack": true, "more": 1,
            },
        }))
        .await;
    assert_eq!(
        from_bob.hear().await,
        json!({
            "type": "ephemeral_key",
            "payload": {
                "to": bob.id, "from": alice.id, "public_key": "QUJD", "signature": "REVG",
                "message_id": "ephemeral-1-a", "requires_ack": true,
            },
        })
    );

    // An acknowledgement passes with whatever it holds, but for who it is from.
    from_bob
        .say(&json!({
            "type": "ack", "sequence": 0,
            "payload": { "to": alice.id, "message_id": "ephemeral-1-a", "more": [1] },
        }))
        .await;
    assert_eq!(
        from_alice.hear().await,
        json!({
            "type": "ack",
            "payload": {
                "from": bob.id, "to": alice.id, "message_id": "ephemeral-1-a", "more": [1],
            },
        })
    );
    from_bob
        .say(&json!({
            "type": "session_established", "payload": { "to": alice.id, "peer_id": bob.id },
        }))
        .await;
    assert_eq!(from_alice.hear().await["type"], "session_established");

    for n in 0..20 {
        from_alice.say(&message(&bob.id, n)).await;
    }
    for n in 0..20 {
        let mut expected = message(&bob.id, n);
        expected["payload"]["from"] = json!(alice.id);
        assert_eq!(from_bob.hear().await, expected);
    }

    // Missing fields appear as nothing, optional ones stay away.
    from_bob.say(&json!({ "type": "typing", "payload": { "to": alice.id } })).await;
    assert_eq!(
        from_alice.hear().await,
        json!({
            "type": "typing",
            "payload": { "to": alice.id, "from": bob.id, "is_typing": false },
        })
    );
}

#[tokio::test]
async fn whoever_talked_to_somebody_hears_that_they_have_gone() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    from_alice.say(&message(&bob.id, 0)).await;
    assert_eq!(from_bob.hear().await["type"], "message");
    from_bob.close().await;
    let gone = json!({ "type": "peer_disconnected", "payload": { "peer_id": bob.id } });
    assert_eq!(from_alice.hear().await, gone);
    // These two are dropped without a word, so the answer to the third comes first.
    from_alice.say(&json!({ "type": "ack", "payload": { "to": bob.id, "message_id": "x" } })).await;
    from_alice.say(&json!({ "type": "session_established", "payload": { "to": bob.id } })).await;
    from_alice.say(&message(&bob.id, 100)).await;
    let offline = json!({ "type": "peer_offline", "payload": { "peer_id": bob.id } });
    assert_eq!(from_alice.hear().await, offline);
    from_alice.say(&json!({ "type": "nonsense", "payload": {} })).await;
    assert_eq!(from_alice.hear().await["payload"]["code"], "UNKNOWN_MESSAGE_TYPE");
}

fn message(to: &str, n: u32) -> Value {
    json!({
        "type": "message",
        "payload": {
            "to": to, "message_id": format!("msg-1-{n}"), "ciphertext": "QUJD",
            "nonce": "AAAAAAAAAAAAAAAA", "reply_to_message_id": "msg-0-0",
        },
    })
}

#[tokio::test]
async fn a_socket_that_does_not_say_who_it_is_hears_why_and_is_closed() {
    let house = House::open().await;
    let cases = [
        (
            json!({ "type": "typing", "payload": {} }),
            "UNAUTHORIZED",
            1008,
            "authentication required",
        ),
        (
            json!({ "type": "auth", "payload": {} }),
            "INVALID_AUTH_PAYLOAD",
            1007,
            "invalid auth payload",
        ),
        (
            json!({ "type": "auth", "payload": { "token": "x" } }),
            "INVALID_TOKEN",
            1008,
            "invalid token",
        ),
    ];
    for (said, code, close, reason) in cases {
        let mut socket = Socket::text(house.doors).await;
        socket.say(&said).await;
        let answer = socket.hear().await;
        assert_eq!(answer["type"], "auth");
        assert_eq!(answer["payload"]["authenticated"], false);
        assert_eq!(answer["payload"]["code"], code);
        assert!(answer["payload"]["message"].is_string());
        assert_eq!(socket.hear_close().await, (close, reason.to_owned()));
    }
}

#[tokio::test]
async fn a_revoked_token_opens_no_socket_and_closes_the_one_it_opened() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut open = Socket::text_as(house.doors, &alice.token).await;
    let logout = house.post("/api/auth/logout").header("cookie", &alice.cookie);
    let logout = logout.bearer(&alice.token);
    assert_eq!(logout.send().await.unwrap().status(), 204);
    assert_eq!(open.hear_close().await, (1008, "token revoked".to_owned()));
    let mut socket = Socket::text(house.doors).await;
    socket.say(&json!({ "type": "auth", "payload": { "token": alice.token } })).await;
    assert_eq!(socket.hear().await["payload"]["code"], "TOKEN_REVOKED");
}

#[tokio::test]
async fn a_bad_frame_is_answered_and_nothing_else_is_lost() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    let cases = [
        ("not JSON", "MALFORMED_FRAME"),
        (r#"{"type":"message"}"#, "INVALID_PAYLOAD"),
        (r#"{"type":"message","payload":{"to":"bob"}}"#, "INVALID_PAYLOAD"),
        (r#"{"type":"nonsense","payload":{}}"#, "UNKNOWN_MESSAGE_TYPE"),
    ];
    for (said, code) in cases {
        from_alice.say_text(said).await;
        let answer = from_alice.hear().await;
        assert_eq!((&answer["type"], &answer["payload"]["code"]), (&json!("error"), &json!(code)));
        assert!(answer["payload"]["message"].is_string());
    }
    from_alice.say(&message(&alice.id, 0)).await;
    assert_eq!(from_alice.hear().await["payload"]["code"], "FRAME_TO_SELF");
    from_alice.say(&message(&bob.id, 1)).await;
    assert_eq!(from_bob.hear().await["payload"]["message_id"], "msg-1-1");
}

#[tokio::test]
async fn what_is_no_text_or_too_much_of_it_closes_the_socket_with_a_code() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut socket = Socket::text_as(house.doors, &alice.token).await;
    socket.say_broken_text(b"\xff\xfe").await;
    assert_eq!(socket.hear_close().await.0, 1007);
    let mut socket = Socket::text_as(house.doors, &alice.token).await;
    socket.say_text(&"a".repeat(1_600_000)).await;
    assert_eq!(socket.hear_close().await, (1008, "frame too large".to_owned()));
}

#[tokio::test]
async fn a_chunk_of_the_original_passes() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    let mut long = message(&bob.id, 1);
    long["payload"]["ciphertext"] = json!("A".repeat(1_400_000));
    from_alice.say(&long).await;
    assert_eq!(from_bob.hear().await["payload"]["ciphertext"], long["payload"]["ciphertext"]);
}

#[tokio::test]
async fn of_two_sockets_of_one_person_one_is_superseded() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut one = Socket::text_as(house.doors, &alice.token).await;
    let mut other = Socket::text_as(house.doors, &alice.token).await;
    // Both are young, so chance decides which of them yields.
    let (told, mut yields, mut stays) = tokio::select! {
        told = one.hear() => (told, one, other),
        told = other.hear() => (told, other, one),
    };
    assert_eq!(told["type"], "auth");
    assert_eq!(told["payload"]["authenticated"], false);
    assert_eq!(told["payload"]["code"], "SUPERSEDED");
    assert_eq!(yields.hear_close().await, (1008, "opened elsewhere".to_owned()));
    stays.say(&json!({ "type": "nonsense", "payload": {} })).await;
    assert_eq!(stays.hear().await["payload"]["code"], "UNKNOWN_MESSAGE_TYPE");
}
