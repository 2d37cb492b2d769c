//! RELAY: what goes from one client to another, and what comes back.

use actors_core::session::{Bearer, Event};
use bus_schemas::chat::{Bounce, Standing};
use bus_schemas::fault::Code;
use bus_schemas::frame::{Door, Label};
use bus_schemas::id::TokenId;

use super::harness::{LOGIN, Socket, auth, bearer, standing};

#[test]
fn relay1_the_sender_is_who_the_token_says() {
    let mut socket = Socket::live(Door::Binary);
    let done = socket.says(Label::Message, "bob", 1);
    assert_eq!(done, ["watch bob", "deliver 0 to bob: message #1 from alice"]);
}

#[test]
fn relay2_a_frame_to_oneself_is_refused() {
    for door in [Door::Binary, Door::Text] {
        let mut socket = Socket::live(door);
        assert_eq!(socket.says(Label::Message, "alice", 1), ["send error FRAME_TO_SELF #1"]);
    }
}

#[test]
fn relay3_an_absent_receiver_is_told_with_the_id_of_the_frame() {
    let mut socket = Socket::live(Door::Binary);
    for (n, label) in [(0, Label::Message), (1, Label::Ack), (2, Label::SessionEstablished)] {
        socket.says(label, "bob", 7);
        assert_eq!(socket.bounced(n, Bounce::NobodyThere), ["send peer_offline bob #7"]);
    }
}

#[test]
fn relay3_the_text_door_is_silent_about_two_types() {
    let mut socket = Socket::live(Door::Text);
    for (n, label) in [(0, Label::Ack), (1, Label::SessionEstablished)] {
        socket.says(label, "bob", 7);
        assert_eq!(socket.bounced(n, Bounce::NobodyThere), [""; 0]);
    }
    socket.says(Label::Typing, "bob", 7);
    assert_eq!(socket.bounced(2, Bounce::NobodyThere), ["send peer_offline bob #7"]);
}

#[test]
fn relay4_a_refused_frame_is_told_with_code_and_id() {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Message, "bob", 7);
    assert_eq!(
        socket.bounced(0, Bounce::Refused(Code::ServiceUnavailable)),
        ["send error SERVICE_UNAVAILABLE #7"]
    );
}

#[test]
fn relay5_a_delivery_of_the_other_door_is_refused() {
    for (own, other) in [(Door::Binary, Door::Text), (Door::Text, Door::Binary)] {
        let mut socket = Socket::live(own);
        assert_eq!(socket.gets(other, Label::Message, "bob", 1), ["answer PEER_CLIENT_DIFFERS"]);
    }
}

#[test]
fn relay5_each_door_tells_its_sender_in_its_own_way() {
    let refusal = Bounce::Refused(Code::PeerClientDiffers);
    let mut binary = Socket::live(Door::Binary);
    binary.says(Label::EphemeralKey, "bob", 1);
    assert_eq!(binary.bounced(0, refusal), ["send error PEER_CLIENT_DIFFERS #1"]);

    let mut text = Socket::live(Door::Text);
    text.says(Label::EphemeralKey, "bob", 1);
    assert_eq!(text.bounced(0, refusal), ["send peer_offline bob #1"]);
    text.says(Label::Ack, "bob", 1);
    assert_eq!(text.bounced(1, refusal), [""; 0]);
}

#[test]
fn relay6_the_server_acknowledges_nothing() {
    let mut sender = Socket::live(Door::Binary);
    let done = sender.says(Label::Message, "bob", 1);
    assert!(!done.iter().any(|line| line.starts_with("send")), "{done:?}");

    let mut receiver = Socket::live(Door::Binary);
    assert_eq!(receiver.gets(Door::Binary, Label::Message, "bob", 1), ["send message #1 from bob"]);
}

#[test]
fn relay7_a_frame_is_answered_once() {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Message, "bob", 7);
    assert_eq!(socket.bounced(0, Bounce::NobodyThere), ["send peer_offline bob #7"]);
    assert_eq!(socket.bounced(0, Bounce::NobodyThere), [""; 0]);
    assert_eq!(socket.bounced(9, Bounce::NobodyThere), [""; 0]);
}

#[test]
fn relay7_the_last_1024_frames_can_be_answered() {
    let mut socket = Socket::live(Door::Binary);
    for n in 0..1_025 {
        socket.stands_still(5);
        socket.says(Label::Message, "bob", n);
    }
    assert_eq!(socket.bounced(0, Bounce::NobodyThere), [""; 0]);
    assert_eq!(socket.bounced(1, Bounce::NobodyThere), ["send peer_offline bob #1"]);
    assert_eq!(socket.bounced(1_024, Bounce::NobodyThere), ["send peer_offline bob #1024"]);
}

#[test]
fn relay8_frames_leave_in_order() {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Typing, "bob", 1);
    for n in 1..50 {
        let done = socket.says(Label::Message, "bob", n);
        assert_eq!(done, [format!("deliver {n} to bob: message #{n} from alice")]);
    }
}

#[test]
fn relay9_a_delivery_says_what_its_session_stands_on() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.standing_said(1), standing());
    let token = TokenId::from_bytes([0x32; 16]);
    socket.hears(auth(0));
    assert_eq!(socket.standing_said(2), standing());
    socket.hears(Event::TokenChecked(Ok(Bearer { token, ..bearer() })));
    assert_eq!(socket.standing_said(3), Standing { login: LOGIN, token });
}
