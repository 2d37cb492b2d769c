//! BUDGET: how much a client may say.

use actors_core::session::Event;
use bus_schemas::fault::Code;
use bus_schemas::frame::{ClientFrame, Door, Label};

use super::harness::{Socket, auth, bad};

/// Sends messages until the budget is spent; how many were taken.
fn spends(socket: &mut Socket, from: u16) -> usize {
    let closes = |done: &[String]| done.iter().any(|line| line.starts_with("close"));
    let numbers = from..from + 2_000;
    numbers.take_while(|n| !closes(&socket.says(Label::Message, "bob", *n))).count()
}

#[test]
fn budget1_a_burst_of_1000_is_taken() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(spends(&mut socket, 0), 1_000);
}

#[test]
fn budget1_one_more_is_told_and_closes() {
    let mut socket = Socket::live(Door::Binary);
    for n in 0..1_000 {
        socket.says(Label::Message, "bob", n);
    }
    assert_eq!(
        socket.says(Label::Message, "bob", 1_000),
        ["send error TOO_MANY_FRAMES #1000", "stop listening", "tell gone", "close TooManyFrames"]
    );
}

#[test]
fn budget1_200_come_back_every_second() {
    let mut socket = Socket::live(Door::Binary);
    for n in 0..1_000 {
        socket.says(Label::Message, "bob", n);
    }
    socket.stands_still(1_000);
    assert_eq!(spends(&mut socket, 2_000), 200);
}

#[test]
fn budget1_what_is_not_spent_does_not_pile_up() {
    let mut socket = Socket::live(Door::Binary);
    socket.stands_still(600_000);
    assert_eq!(spends(&mut socket, 0), 1_000);
}

#[test]
fn budget2_file_frames_cost_nothing() {
    let mut socket = Socket::live(Door::Binary);
    for n in 0..5_000 {
        assert_ne!(socket.says(Label::FileChunk, "bob", n), [""; 0]);
    }
    assert_eq!(spends(&mut socket, 0), 1_000);
}

#[test]
fn budget3_everything_else_costs_the_same() {
    let others: [fn() -> Event; 3] =
        [|| Event::Frame(ClientFrame::Ping), || bad(Code::UnknownMessageType), || auth(0)];
    for other in others {
        let mut socket = Socket::live(Door::Binary);
        for _ in 0..999 {
            socket.hears(other());
        }
        assert_eq!(spends(&mut socket, 0), 1);
    }
}
