//! Files on the text door, whose chunks are large: the sender's socket is held back, not the file
//! lost.

use bus_schemas::fault::Code;
use bus_schemas::frame::Door;
use serde_json::{Value, json};

use crate::world::{ALICE, BOB, Client, World};

const CHUNKS: usize = 6;

async fn enter(world: &World, arbiter: usize, user: bus_schemas::id::UserId) -> Client {
    let mut client = world.connect(arbiter, Door::Text).await;
    say(&mut client, "auth", &json!({ "token": user }));
    assert_eq!(hear(&mut client).await["payload"]["authenticated"], true);
    client
}

fn say(client: &mut Client, kind: &str, payload: &Value) {
    client.sends_bytes(json!({ "type": kind, "payload": payload }).to_string().as_bytes());
}

async fn hear(client: &mut Client) -> Value {
    serde_json::from_slice(&client.hears_bytes().await).unwrap()
}

fn say_start(client: &mut Client) {
    let (mime_type, size) = ("text/plain", CHUNKS);
    let file = json!({
        "to": BOB, "file_id": "f", "filename": "n", "mime_type": mime_type,
        "total_size": size, "total_chunks": CHUNKS, "chunk_size": 1,
    });
    say(client, "file_start", &file);
}

fn say_chunk(client: &mut Client, index: usize) {
    let chunk = json!({
        "to": BOB, "file_id": "f", "chunk_index": index, "total_chunks": CHUNKS,
        "ciphertext": "sealed", "nonce": "n",
    });
    say(client, "file_chunk", &chunk);
}

#[tokio::test]
async fn shell18_a_file_is_read_from_its_sender_as_its_receiver_reads() {
    let world = World::start().await;
    let mut alice = enter(&world, 0, ALICE).await;
    let mut bob = enter(&world, 1, BOB).await;

    say_start(&mut alice);
    for index in 0..CHUNKS {
        say_chunk(&mut alice, index);
    }
    say(&mut alice, "file_complete", &json!({ "to": BOB, "file_id": "f" }));
    // The beginning and two chunks are taken; the rest stays in the socket.
    alice.eventually_leaves_unread(CHUNKS - 1).await;

    assert_eq!(hear(&mut bob).await["type"], "file_start");
    for index in 0..CHUNKS {
        assert_eq!(hear(&mut bob).await["payload"]["chunk_index"], index);
        // Who hears a chunk has had the one before written.
        if index + 2 < CHUNKS {
            alice.eventually_leaves_unread(CHUNKS - 1 - index).await;
        }
    }
    assert_eq!(hear(&mut bob).await["type"], "file_complete");
    assert!(alice.is_open());
    world.stop().await;
}

#[tokio::test]
async fn shell18_a_receiver_that_leaves_frees_its_sender() {
    let world = World::start().await;
    let mut alice = enter(&world, 0, ALICE).await;
    let bob = enter(&world, 1, BOB).await;
    say_start(&mut alice);
    for index in 0..CHUNKS {
        say_chunk(&mut alice, index);
    }
    alice.eventually_leaves_unread(CHUNKS - 2).await;
    drop(bob);
    // What was on its way may find that nobody is there; what follows finds that the file is over.
    for _ in 2..CHUNKS {
        let mut answer = hear(&mut alice).await;
        while answer["type"] != "error" {
            let kind = answer["type"].as_str().unwrap();
            assert!(["peer_disconnected", "peer_offline"].contains(&kind), "{answer}");
            answer = hear(&mut alice).await;
        }
        assert_eq!(answer["payload"]["code"], Code::InvalidPayload.as_str());
    }
    world.stop().await;
}
