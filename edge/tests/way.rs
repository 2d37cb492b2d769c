//! One message there and its acknowledgement back, over the whole way.

use super::support::socket::Socket;
use super::support::{House, binary};

const MESSAGE: u8 = 4;
const ACK: u8 = 3;
const PEER_OFFLINE: u8 = 32;

#[tokio::test]
async fn a_message_goes_there_and_its_ack_comes_back() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = greeted(&house, &alice.token).await;
    let mut from_bob = greeted(&house, &bob.token).await;

    from_alice.say_bytes(binary::peer(MESSAGE, &bob.id, [1; 16], b"sealed")).await;
    let heard = from_bob.hear_bytes().await;
    assert_eq!(heard, binary::peer(MESSAGE, &alice.id, [1; 16], b"sealed"));

    from_bob.say_bytes(binary::peer(ACK, &alice.id, [1; 16], b"")).await;
    let heard = from_alice.hear_bytes().await;
    assert_eq!(heard, binary::peer(ACK, &bob.id, [1; 16], b""));
    house.running.stop().await;
}

#[tokio::test]
async fn messages_keep_their_order_both_ways() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = greeted(&house, &alice.token).await;
    let mut from_bob = greeted(&house, &bob.token).await;
    for n in 0..100 {
        from_alice.say_bytes(binary::peer(MESSAGE, &bob.id, [n; 16], &[n])).await;
        from_bob.say_bytes(binary::peer(MESSAGE, &alice.id, [n; 16], &[n])).await;
    }
    for n in 0..100 {
        assert_eq!(from_bob.hear_bytes().await, binary::peer(MESSAGE, &alice.id, [n; 16], &[n]));
        assert_eq!(from_alice.hear_bytes().await, binary::peer(MESSAGE, &bob.id, [n; 16], &[n]));
    }
}

#[tokio::test]
async fn a_frame_for_nobody_comes_back_as_peer_offline() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = greeted(&house, &alice.token).await;
    from_alice.say_bytes(binary::peer(MESSAGE, &bob.id, [1; 16], b"sealed")).await;
    let heard = from_alice.hear_bytes().await;
    assert_eq!(heard[..2], [0x92, PEER_OFFLINE]);
    assert!(heard.windows(16).any(|window| window == binary::uuid(&bob.id)));
}

#[tokio::test]
async fn malformed_frames_on_the_binary_door_close_it_with_a_code() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut socket = greeted(&house, &alice.token).await;
    socket.say_bytes(b"not MessagePack at all".to_vec()).await;
    assert_eq!(socket.hear_close().await.0, 4400);

    let mut socket = Socket::binary(house.doors).await;
    socket.say_bytes(vec![0xff; 64]).await;
    assert_eq!(socket.hear_close().await.0, 4401);
}

#[tokio::test]
async fn a_frame_above_the_limit_closes_the_binary_door_with_4413() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut socket = greeted(&house, &alice.token).await;
    socket.say_bytes(vec![0; 300 * 1024]).await;
    assert_eq!(socket.hear_close().await, (4413, "frame too large".to_owned()));
}

#[tokio::test]
async fn a_stranger_may_send_no_more_than_4_kib() {
    let house = House::open().await;
    for bytes in [4 * 1024 + 1, 100 * 1024] {
        let mut socket = Socket::binary(house.doors).await;
        socket.say_bytes(vec![0; bytes]).await;
        let (code, _) = socket.hear_close().await;
        assert!([4401, 4413].contains(&code), "{code}");
    }
}

#[tokio::test]
async fn a_token_that_is_none_closes_the_binary_door_with_4401() {
    let house = House::open().await;
    let mut socket = Socket::binary(house.doors).await;
    socket.say_bytes(binary::auth("nonsense")).await;
    assert_eq!(socket.hear_close().await.0, 4401);
}

#[tokio::test]
async fn a_foreign_page_gets_no_socket() {
    let house = House::open().await;
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "https://evil.example"), ("sec-websocket-protocol", "dhchat.2")],
        &[("sec-websocket-protocol", "dhchat.2")],
    ] {
        let error = Socket::open(house.doors, headers).await.err().unwrap().to_string();
        assert!(error.contains("403"), "{error}");
    }
}

#[tokio::test]
async fn a_stop_tells_the_client_to_connect_elsewhere_and_closes_with_1012() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let mut socket = greeted(&house, &alice.token).await;
    house.running.drain().await;
    assert_eq!(socket.hear_close().await.0, 1012);
    let error = Socket::open(house.doors, &[]).await.err().unwrap().to_string();
    assert!(error.contains("503"), "{error}");
    house.running.stop().await;
}

/// A socket of the binary door that has said who it is.
async fn greeted(house: &House, token: &str) -> Socket {
    let mut socket = Socket::binary(house.doors).await;
    socket.say_bytes(binary::auth(token)).await;
    let answer = socket.hear_bytes().await;
    assert_eq!(answer[..2], [0x92, 0x00]);
    assert!(answer.windows(14).any(|window| window == b"authenticated\xc3"), "{answer:?}");
    socket
}
