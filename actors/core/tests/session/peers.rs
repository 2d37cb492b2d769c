//! PEER: whom this connection talks to, and whether they are there.

use actors_core::session::Event;
use bus_schemas::chat::{Bounce, Delivery, Presence};
use bus_schemas::fault::Code;
use bus_schemas::frame::{Door, Label};

use super::harness::{Socket, reply, standing};
use super::words::user;

/// Alice has sent Bob something.
fn talking_to_bob() -> Socket {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Message, "bob", 1);
    socket
}

#[test]
fn peer1_a_peer_is_watched_from_the_first_frame_to_it() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.says(Label::Message, "bob", 1)[0], "watch bob");
    assert_eq!(socket.bounced(0, Bounce::NobodyThere), ["send peer_offline bob #1"]);
    assert_eq!(socket.told("bob", Presence::Here), ["send peer_online bob"]);
}

#[test]
fn peer1_a_peer_stays_open_for_10_min_after_the_last_frame_to_it() {
    let mut socket = Socket::live(Door::Text);
    socket.says(Label::Message, "bob", 1);
    socket.waits(540_000);
    socket.says(Label::Message, "bob", 2);
    socket.waits(599_999);
    assert_eq!(socket.kept().open_peers, 1);
    socket.waits(1);
    assert_eq!(socket.kept().open_peers, 0);
}

#[test]
fn peer1_a_peer_that_is_not_written_to_is_let_go() {
    let mut socket = talking_to_bob();
    socket.waits(599_999);
    assert_eq!(socket.kept().open_peers, 1);
    assert_eq!(socket.waits(1), ["unwatch bob"]);
    assert_eq!(socket.told("bob", Presence::Gone), [""; 0]);
}

#[test]
fn peer2_the_least_recently_used_of_32_leaves() {
    let mut socket = Socket::live(Door::Binary);
    for n in 0..32u16 {
        socket.says(Label::Message, &n.to_string(), n);
    }
    socket.says(Label::Message, "0", 100);
    assert_eq!(socket.says(Label::Message, "bob", 101)[..2], ["unwatch 1", "watch bob"]);
    assert_eq!(socket.kept().open_peers, 32);
}

#[test]
fn peer3_receiving_opens_nothing() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.gets(Door::Binary, Label::Message, "bob", 1), ["send message #1 from bob"]);
    assert_eq!(socket.told("bob", Presence::Gone), [""; 0]);
    assert_eq!(socket.kept().open_peers, 0);
}

#[test]
fn peer4_the_client_hears_changes_only() {
    let mut socket = talking_to_bob();
    assert_eq!(socket.told("bob", Presence::Here), [""; 0]);
    assert_eq!(socket.told("bob", Presence::Gone), ["send peer_disconnected bob"]);
    assert_eq!(socket.told("bob", Presence::Gone), [""; 0]);
    assert_eq!(socket.told("bob", Presence::Here), ["send peer_online bob"]);
    assert_eq!(socket.told("bob", Presence::Here), [""; 0]);
}

#[test]
fn peer4_a_frame_says_by_itself_that_its_sender_is_here() {
    let mut socket = talking_to_bob();
    socket.told("bob", Presence::Gone);
    assert_eq!(
        socket.gets(Door::Binary, Label::EphemeralKey, "bob", 5),
        ["send ephemeral_key #5 from bob"]
    );
    assert_eq!(socket.told("bob", Presence::Here), [""; 0]);
}

#[test]
fn peer4_to_the_text_door_who_uses_another_client_is_absent() {
    let mut socket = Socket::live(Door::Text);
    socket.says(Label::Message, "bob", 1);
    let refusal = Bounce::Refused(Code::PeerClientDiffers);
    assert_eq!(socket.bounced(0, refusal), ["send peer_offline bob #1"]);
    socket.waits(10_000);
    assert_eq!(socket.bounced(1, Bounce::Here), [""; 0]);
    assert_eq!(socket.told("bob", Presence::Here), ["send peer_online bob"]);
}

#[test]
fn peer5_a_peer_that_moved_is_told_to_nobody() {
    let mut socket = talking_to_bob();
    assert_eq!(socket.told("bob", Presence::Here), [""; 0]);
    assert_eq!(socket.told("bob", Presence::Moved), [""; 0]);
}

#[test]
fn peer5_that_a_peer_moved_does_not_say_that_it_is_here() {
    let mut socket = talking_to_bob();
    socket.told("bob", Presence::Gone);
    assert_eq!(socket.told("bob", Presence::Moved), [""; 0]);
    assert_eq!(socket.told("bob", Presence::Here), ["send peer_online bob"]);
}

#[test]
fn peer6_a_silent_peer_is_probed_after_10_s_and_lost_3_s_later() {
    let mut socket = talking_to_bob();
    assert_eq!(socket.waits(9_999), ["tell evict"]);
    assert_eq!(socket.waits(1), ["deliver 1 to bob: probe from alice"]);
    assert_eq!(socket.waits(2_999), [""; 0]);
    assert_eq!(socket.waits(1), ["send peer_disconnected bob"]);
    assert_eq!(socket.waits(10_000), ["deliver 2 to bob: probe from alice"]);
    assert_eq!(socket.bounced(2, Bounce::Here), ["send peer_online bob"]);
}

#[test]
fn peer6_nobody_there_for_a_probe_is_an_answer_too() {
    let mut socket = talking_to_bob();
    socket.waits(10_000);
    assert_eq!(socket.bounced(1, Bounce::NobodyThere), ["send peer_disconnected bob"]);
    assert_eq!(socket.waits(9_999), [""; 0]);
}

#[test]
fn peer6_any_word_of_a_peer_counts_as_here() {
    let answers = [Bounce::Here, Bounce::Refused(Code::ServiceUnavailable)];
    for bounce in answers {
        let mut socket = talking_to_bob();
        socket.waits(10_000);
        assert_eq!(socket.bounced(1, bounce), [""; 0]);
        assert_eq!(socket.waits(9_999), [""; 0]);
    }
    let mut socket = talking_to_bob();
    socket.waits(9_000);
    socket.gets(Door::Binary, Label::Ack, "bob", 1);
    assert_eq!(socket.waits(9_999), [""; 0]);
}

#[test]
fn peer7_a_probe_is_answered_without_the_client() {
    for door in [Door::Binary, Door::Text] {
        let mut socket = Socket::live(door);
        let delivery = Delivery::Probe { from: user("bob"), standing: standing() };
        assert_eq!(
            socket.hears(Event::Delivered { delivery, reply: Some(reply()) }),
            ["answer here"]
        );
        assert_eq!(socket.kept().open_peers, 0);
    }
}
