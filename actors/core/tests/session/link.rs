//! LINK: the bus away, the edge stopping.

use actors_core::session::Event;
use bus_schemas::frame::{Door, Label};
use bus_schemas::id::Instance;

use super::harness::{CONN, Socket, auth};

#[test]
fn link1_without_a_bus_frames_are_refused() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.hears(Event::BusLost), ["send error BUS_AWAY"]);
    assert_eq!(socket.hears(Event::BusLost), [""; 0]);
    assert_eq!(socket.says(Label::Message, "bob", 1), ["send error BUS_AWAY #1"]);
    socket.hears(Event::BusFound);
    let done = socket.says(Label::Message, "bob", 1);
    assert_eq!(done, ["watch bob", "deliver 0 to bob: message #1 from alice"]);
}

#[test]
fn link6_a_session_knows_whether_it_is_cut_off() {
    let mut socket = Socket::open(Door::Binary);
    socket.hears(Event::BusLost);
    assert!(!socket.is_cut_off(), "it may still come to others");
    let mut socket = Socket::live(Door::Binary);
    assert!(!socket.is_cut_off());
    socket.hears(Event::BusLost);
    assert!(socket.is_cut_off());
    socket.hears(Event::BusFound);
    assert!(!socket.is_cut_off());
}

#[test]
fn link1_without_a_bus_nobody_is_probed() {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Message, "bob", 1);
    socket.waits(8_000);
    socket.hears(Event::BusLost);
    assert_eq!(socket.waits(4_000), [""; 0]);
}

#[test]
fn link2_after_5_s_and_its_own_share_of_5_more_the_session_ends() {
    let mut socket = Socket::live(Door::Binary);
    socket.waits(2_000);
    socket.hears(Event::BusLost);
    let wait = socket.due_in().unwrap();
    assert!((5_000..10_000).contains(&wait), "{wait}");
    socket.stands_still(1);
    socket.hears(Event::BusLost);
    assert_eq!(socket.due_in().unwrap(), wait - 1);
    assert_eq!(socket.waits(wait - 2), [""; 0]);
    assert_eq!(socket.waits(1), ["stop listening", "tell gone", "close BusAway"]);
}

#[test]
fn link3_a_bus_that_is_back_is_told_everything_again() {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Message, "bob", 1);
    socket.waits(2_000);
    socket.hears(Event::BusLost);
    socket.waits(4_000);
    assert_eq!(
        socket.hears(Event::BusFound),
        ["tell evict", "tell here", "deliver 1 to bob: probe from alice"]
    );
    assert_eq!(socket.hears(Event::BusFound), [""; 0]);
    assert_eq!(socket.waits(3_000), ["tell evict", "send peer_disconnected bob"]);
}

#[test]
fn link3_a_session_that_is_back_is_young_again() {
    let mut socket = Socket::live(Door::Binary);
    socket.waits(10_000);
    socket.hears(Event::BusLost);
    socket.waits(1_000);
    socket.hears(Event::BusFound);
    assert_eq!(socket.evicted_by(Instance::from_bytes([0x10; 16]), 0, CONN - 1), ["tell evict"]);
}

#[test]
fn link4_lost_messages_end_the_session() {
    let mut socket = Socket::live(Door::Text);
    assert_eq!(socket.hears(Event::Lagged), ["stop listening", "tell gone", "close BusAway"]);
}

#[test]
fn link5_an_edge_that_stops_gives_time_to_leave() {
    let mut socket = Socket::live(Door::Binary);
    socket.waits(2_000);
    assert_eq!(socket.hears(Event::Draining { after_ms: 3_000 }), ["send going_away in 3000 ms"]);
    assert_eq!(socket.hears(Event::Draining { after_ms: 9_000 }), [""; 0]);
    assert_eq!(socket.says(Label::Message, "bob", 1).len(), 2);
    assert_eq!(socket.waits(2_999), [""; 0]);
    assert_eq!(socket.waits(1), ["stop listening", "tell gone", "close GoingAway"]);
}

#[test]
fn link5_who_is_not_live_is_closed_at_once() {
    let mut socket = Socket::open(Door::Binary);
    socket.hears(auth(0));
    assert_eq!(socket.hears(Event::Draining { after_ms: 3_000 }), ["close GoingAway"]);
}
