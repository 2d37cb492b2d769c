//! ORIG7, ORIG8 and ORIG14: who is there.

use serde_json::{Value, json};

use super::{Two, every_frame, frame};
use crate::support::House;
use crate::support::socket::Socket;

#[tokio::test]
async fn orig7_whoever_cannot_be_reached_is_told_by_id_but_for_two_types() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let offline = json!({ "type": "peer_offline", "payload": { "peer_id": bob.id } });
    for to in [bob.id.clone(), bob.id.to_uppercase()] {
        for (kind, payload) in every_frame(&to) {
            // A chunk and an end without their beginning are refused before anybody is looked for.
            if kind == "file_chunk" || kind == "file_complete" {
                continue;
            }
            from_alice.say(&frame(kind, 0, &payload)).await;
            if kind != "ack" && kind != "session_established" {
                assert_eq!(from_alice.hear().await, offline, "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn orig8_whoever_talks_to_somebody_hears_that_they_left_and_that_they_came_elsewhere() {
    let mut two = Two::meet().await;
    let gone = json!({ "type": "peer_disconnected", "payload": { "peer_id": two.bob.id } });
    let message = |n| {
        let payload = json!({ "to": two.bob.id, "message_id": format!("msg-1-{n}") });
        frame("message", n, &payload)
    };
    let (first, second) = (message(0), message(1));
    two.from_alice.say(&first).await;
    assert_eq!(two.from_bob.hear().await["type"], "message");
    // Another tab of Bob's: one of the two yields, and Alice has to agree on keys anew.
    let mut other = Socket::text_as(two.house.doors, &two.bob.token).await;
    assert_eq!(known(&mut two.from_alice).await, gone);
    let yields_first = tokio::select! {
        told = two.from_bob.hear() => { assert_eq!(told["type"], "auth"); true }
        told = other.hear() => { assert_eq!(told["type"], "auth"); false }
    };
    let mut stays = if yields_first { other } else { two.from_bob };
    two.from_alice.say(&second).await;
    assert_eq!(stays.hear().await["payload"]["message_id"], "msg-1-1");
    stays.close().await;
    assert_eq!(known(&mut two.from_alice).await, gone);
}

#[tokio::test]
async fn orig14_new_words_of_the_server_have_types_that_the_client_passes_over() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let message = json!({ "to": bob.id, "message_id": "msg-1-0" });
    from_alice.say(&frame("message", 0, &message)).await;
    assert_eq!(from_alice.hear().await["type"], "peer_offline");
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    let came = json!({ "type": "peer_online", "payload": { "peer_id": bob.id } });
    assert_eq!(from_alice.hear().await, came);
    let typing = json!({ "to": alice.id, "is_typing": true });
    from_bob.say(&frame("typing", 0, &typing)).await;
    assert_eq!(from_alice.hear().await["type"], "typing");
}

/// The next document that the client knows.
async fn known(socket: &mut Socket) -> Value {
    loop {
        let heard = socket.hear().await;
        if heard["type"] != "peer_online" {
            return heard;
        }
    }
}
