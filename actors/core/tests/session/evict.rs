//! EVICT: one live Session per user, the newest.

use actors_core::session::Event;
use bus_schemas::frame::{Door, Label};
use bus_schemas::id::Instance;

use super::harness::{CONN, PAGE, Socket, auth, bearer};

const HIGHER_PAGE: Instance = Instance::from_bytes([0x12; 16]);
const LOWER_PAGE: Instance = Instance::from_bytes([0x10; 16]);
const HIGHER: u8 = CONN + 1;
const LOWER: u8 = CONN - 1;

const SUPERSEDED: [&str; 5] =
    ["send superseded", "stop listening", "tell gone", "tell here", "close Superseded"];

/// Live, as the second connection of its page.
fn attached_again() -> Socket {
    let mut socket = Socket::open(Door::Binary);
    socket.hears(auth(1));
    socket.hears(Event::TokenChecked(Ok(bearer())));
    socket.hears(Event::Listening(Ok(())));
    socket
}

#[test]
fn evict1_the_word_is_repeated_once_after_1_s() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.waits(999), [""; 0]);
    assert_eq!(socket.waits(1), ["tell evict"]);
    assert_eq!(socket.waits(60_000), [""; 0]);
}

#[test]
fn evict2_of_one_page_the_lower_attach_yields() {
    for conn in [HIGHER, LOWER] {
        assert_eq!(attached_again().evicted_by(PAGE, 2, conn), ["stop listening", "tell moved"]);
        assert_eq!(attached_again().evicted_by(PAGE, 0, conn), ["tell evict"]);
    }
}

#[test]
fn evict2_age_does_not_matter_within_a_page() {
    let mut socket = attached_again();
    socket.waits(60_000);
    assert_eq!(socket.evicted_by(PAGE, 0, HIGHER), ["tell evict"]);
    assert_eq!(socket.evicted_by(PAGE, 2, LOWER), ["stop listening", "tell moved"]);
}

#[test]
fn evict2_equal_attaches_are_told_apart_by_their_ids() {
    assert_eq!(attached_again().evicted_by(PAGE, 1, LOWER), ["tell evict"]);
    assert_eq!(attached_again().evicted_by(PAGE, 1, HIGHER), ["stop listening", "tell moved"]);
}

#[test]
fn evict3_the_old_connection_of_a_page_may_finish_for_1_s() {
    let mut socket = Socket::live(Door::Binary);
    socket.evicted_by(PAGE, 1, HIGHER);
    assert_eq!(socket.says(Label::Message, "bob", 1)[1], "deliver 0 to bob: message #1 from alice");
    assert_eq!(socket.gets(Door::Binary, Label::Message, "bob", 2), ["send message #2 from bob"]);
    assert_eq!(socket.evicted_by(PAGE, 2, HIGHER), [""; 0]);
    assert_eq!(socket.waits(999), [""; 0]);
    assert_eq!(socket.waits(1), ["close Moved"]);
}

#[test]
fn evict3_who_moved_is_not_gone_when_its_old_socket_ends() {
    let mut socket = Socket::live(Door::Binary);
    socket.evicted_by(PAGE, 1, HIGHER);
    assert_eq!(socket.hears(Event::SocketClosed), ["close Normal"]);
}

#[test]
fn evict4_a_session_older_than_2_s_yields_to_any_page() {
    for page in [HIGHER_PAGE, LOWER_PAGE] {
        let mut socket = Socket::live(Door::Binary);
        socket.waits(2_001);
        assert_eq!(socket.evicted_by(page, 0, LOWER), SUPERSEDED);
    }
}

#[test]
fn evict5_of_two_young_pages_the_lower_one_yields() {
    for conn in [HIGHER, LOWER] {
        let mut socket = Socket::live(Door::Binary);
        socket.waits(2_000);
        assert_eq!(socket.evicted_by(LOWER_PAGE, 0, conn), ["tell evict"]);
        assert_eq!(socket.evicted_by(HIGHER_PAGE, 0, conn), SUPERSEDED);
    }
}

#[test]
fn evict6_the_client_is_told_and_peers_hear_of_the_successor() {
    for door in [Door::Binary, Door::Text] {
        let mut socket = Socket::live(door);
        socket.waits(2_001);
        assert_eq!(socket.evicted_by(LOWER_PAGE, 0, LOWER), SUPERSEDED);
        assert_eq!(socket.hears(Event::SocketClosed), [""; 0]);
    }
}

#[test]
fn evict7_its_own_word_evicts_nobody() {
    let mut socket = Socket::live(Door::Binary);
    socket.waits(60_000);
    assert_eq!(socket.evicted_by(PAGE, 0, CONN), [""; 0]);
}

#[test]
fn evict7_a_session_that_stood_still_does_not_repeat_its_word() {
    let mut socket = Socket::live(Door::Binary);
    socket.stands_still(2_001);
    assert_eq!(socket.hears(Event::Tick), [""; 0]);
}
