//! Session actors on two arbiters, talking over the embedded bus. The machine's own rules are
//! tested without any of this; here it is the shell that is held: frames in, frames out, queues,
//! subscriptions and the end.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

mod world;

use actors_core::session::Close;
use bus_schemas::auth::{self, Revoked};
use bus_schemas::fault::Code;
use bus_schemas::frame::binary::control;
use bus_schemas::frame::{Door, Label, PeerFrame, ServerFrame};
use bus_schemas::limit::OUTBOX_TALK_ITEMS_MAX;
use bus_schemas::time::Timestamp;
use world::{ALICE, BOB, World, frame, id, login_of};

#[tokio::test]
async fn shell1_a_word_reaches_the_other_arbiter_with_its_senders_name_and_is_answered() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    alice.say(&frame(Label::Message, BOB, 1, b"sealed"));
    bob.hears(&ServerFrame::Peer(frame(Label::Message, ALICE, 1, b"sealed"))).await;
    bob.say(&frame(Label::Ack, ALICE, 1, b"heard"));
    alice.hears(&ServerFrame::Peer(frame(Label::Ack, BOB, 1, b"heard"))).await;
    world.stop().await;
}

#[tokio::test]
async fn shell2_a_word_to_nobody_comes_back_with_its_id() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;

    alice.say(&frame(Label::Message, BOB, 7, b"sealed"));
    alice.hears(&ServerFrame::PeerOffline { peer: BOB, id: id(7) }).await;
    world.stop().await;
}

#[tokio::test]
async fn shell3_when_a_socket_ends_its_place_is_free_and_the_peer_is_told() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;
    alice.say(&frame(Label::Message, BOB, 1, b"sealed"));
    bob.hears(&ServerFrame::Peer(frame(Label::Message, ALICE, 1, b"sealed"))).await;

    // Alice watches Bob once her subscription is confirmed; until then she may miss his going.
    world.settle(&mut alice).await;
    drop(bob);
    alice.hears(&ServerFrame::PeerDisconnected { peer: BOB }).await;
    world.eventually_open(1, 0).await;
    world.stop().await;
}

#[tokio::test]
async fn shell4_a_client_that_does_not_read_is_cut_and_costs_its_own_connection_only() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    let per_round = u8::try_from(OUTBOX_TALK_ITEMS_MAX / 2).unwrap();
    for round in 0..4 {
        for n in 0..per_round {
            let said = frame(Label::Message, BOB, n, b"word");
            alice.say(&PeerFrame { attempt: round, ..said });
        }
        world.settle(&mut alice).await;
    }
    assert_eq!(bob.closes().await, Close::SlowReader);
    assert!(alice.is_open());
    world.stop().await;
}

#[tokio::test]
async fn shell5_a_chunk_without_room_is_refused_to_its_sender_and_words_still_arrive() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    let chunk = vec![0; 200 * 1024];
    for n in 0..3 {
        alice.say(&frame(Label::FileChunk, BOB, n, &chunk));
    }
    alice.hears(&ServerFrame::Error { code: Code::SlowReader, id: id(2) }).await;
    alice.say(&frame(Label::Message, BOB, 9, b"word"));
    world.settle(&mut alice).await;
    bob.hears(&ServerFrame::Peer(frame(Label::Message, ALICE, 9, b"word"))).await;
    world.stop().await;
}

#[tokio::test]
async fn shell6_a_revoked_login_ends_its_connections() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    let revoked =
        Revoked { user: ALICE, login: login_of(ALICE), token: None, until: Timestamp(i64::MAX) };
    world.bus().tell(&auth::revoked(), &revoked).unwrap();
    assert_eq!(alice.closes().await, Close::NotAuthenticated(Code::TokenRevoked));
    world.settle(&mut bob).await;
    assert!(bob.is_open());
    world.stop().await;
}

#[tokio::test]
async fn shell7_a_draining_edge_tells_its_clients_and_then_closes() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;

    world.drain(0).await;
    alice.hears_kind(control::GOING_AWAY).await;
    assert_eq!(alice.closes().await, Close::GoingAway);
    world.stop().await;
}

#[tokio::test]
async fn shell8_bad_bytes_and_frames_above_the_limit_close_with_their_reason() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(0, BOB).await;

    alice.sends_bytes(b"no frame");
    assert_eq!(alice.closes().await, Close::MalformedFrame);
    bob.sends_too_much();
    assert_eq!(bob.closes().await, Close::FrameTooLarge);
    world.stop().await;
}

#[tokio::test]
async fn shell9_a_wrong_token_is_told_before_the_socket_closes() {
    let world = World::start().await;
    let mut nobody = world.connect(0, Door::Binary).await;

    nobody.authenticates("nobody's token");
    nobody.hears(&ServerFrame::NotAuthenticated { code: Code::InvalidToken }).await;
    assert_eq!(nobody.closes().await, Close::NotAuthenticated(Code::InvalidToken));
    world.stop().await;
}

#[tokio::test]
async fn shell10_words_that_wait_for_a_session_which_ends_are_heard_or_come_back() {
    const WORDS: u8 = 100;
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    let while_held = async {
        for n in 0..WORDS {
            alice.say(&frame(Label::Message, BOB, n, b"word"));
        }
        assert_eq!(alice.eventually_hears(control::PONG, 1).await, 1);
        bob.hangs_up();
    };
    world.hold(1, while_held).await;
    let heard = bob.hears_until_the_close(Label::Message.code()).await;
    let missing = usize::from(WORDS) - heard;
    assert_eq!(alice.eventually_hears(control::PEER_OFFLINE, missing).await, missing);
    world.stop().await;
}
