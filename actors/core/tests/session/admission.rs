//! SES: from an open socket to a live Session and to its end.

use actors_core::session::Event;
use bus_schemas::chat::{Delivery, Presence};
use bus_schemas::fault::Code;
use bus_schemas::frame::{ClientFrame, Door, Label};

use super::harness::{PAGE, Socket, auth, bad, bearer, frame, reply, standing};
use super::words::user;

const DOORS: [Door; 2] = [Door::Binary, Door::Text];

#[test]
fn ses1_a_socket_that_does_not_authenticate_within_5_s_is_closed() {
    let mut socket = Socket::open(Door::Binary);
    assert_eq!(socket.waits(4_999), [""; 0]);
    assert_eq!(socket.waits(1), ["send auth AUTH_TIMEOUT", "close AuthTimeout"]);
    assert_eq!(socket.due_in(), None);
}

#[test]
fn ses2_the_first_frame_is_auth() {
    let told = ["send auth UNAUTHORIZED", "close AuthenticationRequired"];
    for door in DOORS {
        let first = [
            frame(Label::Message, "bob", 1),
            Event::Frame(ClientFrame::Ping),
            bad(Code::MalformedFrame),
            bad(Code::UnknownMessageType),
        ];
        for event in first {
            assert_eq!(Socket::open(door).hears(event), told);
        }
    }
}

#[test]
fn ses2_nothing_is_taken_before_the_answer_to_auth() {
    let told = ["send auth UNAUTHORIZED", "close AuthenticationRequired"];
    let mut checking = Socket::open(Door::Binary);
    checking.hears(auth(0));
    assert_eq!(checking.says(Label::Message, "bob", 1), told);

    let mut subscribing = Socket::open(Door::Text);
    subscribing.hears(auth(0));
    subscribing.hears(Event::TokenChecked(Ok(bearer())));
    assert_eq!(subscribing.says(Label::Message, "bob", 1), told);
}

#[test]
fn ses3_a_bad_auth_is_told_what_is_wrong() {
    assert_eq!(
        Socket::open(Door::Text).hears(bad(Code::InvalidAuthPayload)),
        ["send auth INVALID_AUTH_PAYLOAD", "close InvalidAuthPayload"]
    );
    assert_eq!(
        Socket::open(Door::Binary).hears(bad(Code::FrameTooLarge)),
        ["send auth FRAME_TOO_LARGE", "close FrameTooLarge"]
    );
}

#[test]
fn ses4_a_token_that_is_not_good_is_told_by_its_code() {
    let checked = |code| {
        let mut socket = Socket::open(Door::Binary);
        assert_eq!(socket.hears(auth(0)), ["check token"]);
        socket.hears(Event::TokenChecked(Err(code)))
    };
    assert_eq!(
        checked(Code::TokenExpired),
        ["send auth TOKEN_EXPIRED", "close NotAuthenticated(TokenExpired)"]
    );
    assert_eq!(checked(Code::InternalError), ["send auth INTERNAL_ERROR", "close Internal"]);
    assert_eq!(checked(Code::ServiceUnavailable), ["close BusAway"]);
}

#[test]
fn ses4_who_cannot_be_listened_for_comes_again() {
    let mut socket = Socket::open(Door::Binary);
    socket.hears(auth(0));
    socket.hears(Event::TokenChecked(Ok(bearer())));
    assert_eq!(socket.hears(Event::Listening(Err(Code::BusAway))), ["close BusAway"]);

    let mut unanswered = Socket::open(Door::Binary);
    unanswered.hears(auth(0));
    assert_eq!(unanswered.waits(5_000), ["close BusAway"]);
}

#[test]
fn ses5_the_client_is_answered_when_it_can_be_reached() {
    for door in DOORS {
        let mut socket = Socket::open(door);
        assert_eq!(socket.hears(auth(0)), ["check token"]);
        assert_eq!(socket.hears(Event::TokenChecked(Ok(bearer()))), ["listen as alice"]);
        assert_eq!(
            socket.hears(Event::Listening(Ok(()))),
            ["tell evict", "tell here", "tell seen", "send auth alice for 900000 ms"]
        );
    }
}

#[test]
fn ses6_a_delivery_before_the_session_is_live_is_refused() {
    let mut socket = Socket::open(Door::Binary);
    socket.hears(auth(0));
    socket.hears(Event::TokenChecked(Ok(bearer())));
    assert_eq!(socket.gets(Door::Binary, Label::Message, "bob", 1), ["answer SERVICE_UNAVAILABLE"]);
}

#[test]
fn ses7_every_end_stops_listening_then_says_gone_then_closes() {
    let ends = [
        (Event::SocketClosed, "close Normal"),
        (Event::OutboxFull, "close SlowReader"),
        (Event::Lagged, "close BusAway"),
    ];
    for (event, close) in ends {
        let mut socket = Socket::live(Door::Binary);
        assert_eq!(socket.hears(event), ["stop listening", "tell gone", close]);
        assert_eq!(socket.hears(Event::SocketClosed), [""; 0]);
        assert_eq!(socket.hears(Event::Tick), [""; 0]);
    }
}

#[test]
fn ses7_a_socket_that_was_not_live_just_closes() {
    let mut socket = Socket::open(Door::Binary);
    assert_eq!(socket.hears(Event::SocketClosed), ["close Normal"]);
}

#[test]
fn ses8_a_late_delivery_finds_nobody() {
    let mut socket = Socket::live(Door::Binary);
    socket.hears(Event::SocketClosed);
    assert_eq!(socket.gets(Door::Binary, Label::Message, "bob", 1), ["answer nobody there"]);
    let probe = Delivery::Probe { from: user("bob"), standing: standing() };
    assert_eq!(
        socket.hears(Event::Delivered { delivery: probe, reply: Some(reply()) }),
        ["answer nobody there"]
    );
}

#[test]
fn ses8_a_late_delivery_is_left_to_the_successor() {
    let mut socket = Socket::live(Door::Binary);
    socket.evicted_by(PAGE, 1, 0x60);
    socket.waits(1_000);
    assert_eq!(socket.gets(Door::Binary, Label::Message, "bob", 1), [""; 0]);
}

#[test]
fn ses9_the_binary_door_closes_on_a_malformed_frame() {
    for code in [Code::MalformedFrame, Code::InvalidAuthPayload] {
        let mut socket = Socket::live(Door::Binary);
        let error = format!("send error {code}");
        assert_eq!(
            socket.hears(bad(code)),
            [&error, "stop listening", "tell gone", "close MalformedFrame"]
        );
    }
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(
        socket.hears(bad(Code::FrameTooLarge)),
        ["send error FRAME_TOO_LARGE", "stop listening", "tell gone", "close FrameTooLarge"]
    );
}

#[test]
fn ses9_the_binary_door_excuses_a_type_it_does_not_know() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.hears(bad(Code::UnknownMessageType)), ["send error UNKNOWN_MESSAGE_TYPE"]);
}

#[test]
fn ses10_the_text_door_explains_and_goes_on() {
    let mut socket = Socket::live(Door::Text);
    for code in [Code::MalformedFrame, Code::InvalidPayload, Code::UnknownMessageType] {
        assert_eq!(socket.hears(bad(code)), [format!("send error {code}")]);
    }
    let unknown = ["send error UNKNOWN_MESSAGE_TYPE"];
    assert_eq!(socket.hears(auth(0)), unknown);
    assert_eq!(socket.hears(bad(Code::InvalidAuthPayload)), unknown);
    assert_eq!(socket.says(Label::Typing, "bob", 1).len(), 2);
}

#[test]
fn ses11_a_ping_is_answered() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.hears(Event::Frame(ClientFrame::Ping)), ["send pong"]);
}

#[test]
fn ses12_a_client_that_does_not_read_is_cut() {
    let mut socket = Socket::live(Door::Text);
    let done = socket.hears(Event::OutboxFull);
    assert_eq!(done.last().unwrap(), "close SlowReader");
}

#[test]
fn ses13_what_was_due_comes_before_what_happens() {
    let mut socket = Socket::live(Door::Binary);
    socket.stands_still(900_000);
    let done = socket.says(Label::Message, "bob", 1);
    assert_eq!(done.last().unwrap(), "close NotAuthenticated(TokenExpired)");
    assert!(!done.iter().any(|line| line.starts_with("deliver")), "{done:?}");
}

#[test]
fn ses14_what_is_kept_has_bounds() {
    for door in DOORS {
        let mut socket = Socket::live(door);
        for n in 0..3_000 {
            socket.stands_still(5);
            socket.says(Label::Message, &(n % 40).to_string(), n);
            socket.told("bob", Presence::Here);
        }
        let kept = socket.kept();
        assert_eq!((kept.open_peers, kept.unanswered_frames), (32, 1_024));
        assert_eq!(kept.remembered_frames, 1_024);
    }
}
