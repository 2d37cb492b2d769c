//! Session actors on two arbiters, talking over the embedded bus. The machine's own rules are
//! tested without any of this; here it is the shell that is held: frames in, frames out, queues,
//! subscriptions and the end.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

mod capture;
mod files;
mod silence;
mod world;

use actors::bus::Lane;
use actors::session::Told;
use actors_core::session::Close;
use bus_schemas::fault::Code;
use bus_schemas::frame::binary::control;
use bus_schemas::frame::{Door, Label, PeerFrame, ServerFrame};
use bus_schemas::id::FrameId;
use bus_schemas::limit::OUTBOX_TALK_ITEMS_MAX;
use world::{ALICE, BOB, CAROL, TOLD_WAITING_MAX, World, frame, id, kind};

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
async fn shell26_what_is_said_to_a_socket_that_has_ended_is_answered_as_to_nobody() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let reading_half = world.enter(1, BOB).await.stop_its_writing_half();
    for n in 1..4 {
        let label = if n == 1 { Label::FileStart } else { Label::Message };
        alice.say(&frame(label, BOB, n, b"sealed"));
        alice.hears(&ServerFrame::PeerOffline { peer: BOB, id: id(n) }).await;
    }
    assert!(alice.is_open());
    world.eventually_open(1, 1).await;
    drop(reading_half);
    world.eventually_open(1, 0).await;
    world.stop().await;
}

#[tokio::test]
async fn shell4_a_client_that_does_not_even_read_the_servers_own_words_is_cut() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    for _ in 0..=OUTBOX_TALK_ITEMS_MAX {
        bob.sends_bytes(&[0x92, control::PING, 0x80]);
    }
    bob.eventually_leaves_unread_at_most(0).await;
    assert_eq!(bob.closes().await, Close::SlowReader);
    world.settle(&mut alice).await;
    assert!(alice.is_open());
    world.stop().await;
}

#[tokio::test]
async fn shell22_who_says_too_much_is_refused_and_whoever_else_talks_to_that_client_is_heard() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;
    let mut carol = world.enter(0, CAROL).await;
    let message = Label::Message.code();

    let (mut said, mut refused) = (0, 0);
    for attempt in 0..4 {
        for n in 0..=u8::MAX {
            alice.say(&PeerFrame { attempt, ..frame(Label::Message, BOB, n, b"too much") });
            said += 1;
        }
        world.settle_counting(&mut alice, control::ERROR, &mut refused).await;
    }
    carol.say(&frame(Label::Message, BOB, 1, b"word"));
    world.settle(&mut carol).await;
    // The bus hands over on the arbiters' own turns: what is refused comes back on them.
    refused +=
        alice.eventually_hears(control::ERROR, said - OUTBOX_TALK_ITEMS_MAX / 2 - refused).await;

    assert_eq!(refused, said - OUTBOX_TALK_ITEMS_MAX / 2, "half of the queue is hers");
    assert!(alice.is_open() && bob.is_open() && carol.is_open());
    for n in 0..said - refused {
        let bytes = bob.hears_bytes().await;
        assert!(bytes[1] == message && bytes.ends_with(b"too much"), "word {n}");
    }
    bob.hears(&ServerFrame::Peer(frame(Label::Message, CAROL, 1, b"word"))).await;
    alice.say(&PeerFrame { attempt: 5, ..frame(Label::Message, BOB, 1, b"again") });
    let again = PeerFrame { attempt: 5, ..frame(Label::Message, ALICE, 1, b"again") };
    bob.hears(&ServerFrame::Peer(again)).await;
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

    world.tokens[0].tell_the_end_of(ALICE);
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

#[tokio::test]
async fn shell11_what_an_ended_session_said_is_passed_on_by_nobody_who_knows() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    // Bob's edge knows; Alice's does not yet.
    world.tokens[1].knows_the_end_of(ALICE);
    for label in [Label::Message, Label::FileChunk] {
        alice.say(&frame(label, BOB, 1, b"late"));
        alice.hears(&ServerFrame::Error { code: Code::TokenRevoked, id: id(1) }).await;
    }
    bob.say(&frame(Label::Message, ALICE, 2, b"good"));
    alice.hears(&ServerFrame::Peer(frame(Label::Message, BOB, 2, b"good"))).await;
    world.settle(&mut bob).await;
    world.stop().await;
}

#[tokio::test]
async fn shell12_a_token_that_ends_while_it_is_checked_lets_nobody_in() {
    let world = World::start().await;
    let mut alice = world.connect(0, Door::Binary).await;

    let held = world.tokens[0].hold_checks().await;
    alice.authenticates(&ALICE.to_string());
    // Nobody knows yet on whom the revocation falls.
    world.tokens[0].tell_the_end_of(ALICE);
    drop(held);
    alice.hears(&ServerFrame::NotAuthenticated { code: Code::TokenRevoked }).await;
    assert_eq!(alice.closes().await, Close::NotAuthenticated(Code::TokenRevoked));
    world.stop().await;
}

#[tokio::test]
async fn shell13_behind_a_shut_gate_nothing_is_read_and_nothing_heard() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    // What Alice says is not read; what Bob says is not heard where Alice is.
    world.tokens[0].shut();
    alice.say(&frame(Label::Message, BOB, 1, b"from Alice"));
    bob.say(&frame(Label::Message, ALICE, 2, b"from Bob"));
    world.settle(&mut bob).await;
    // Whatever comes through from here on finds that its sender has ended.
    world.tokens[1].knows_the_end_of(ALICE);
    world.tokens[0].knows_the_end_of(BOB);
    world.tokens[0].open();
    alice.hears(&ServerFrame::Error { code: Code::TokenRevoked, id: id(1) }).await;
    bob.hears(&ServerFrame::Error { code: Code::TokenRevoked, id: id(2) }).await;
    world.stop().await;
}

#[tokio::test]
async fn shell14_a_gate_that_stays_shut_is_told_like_a_bus_that_is_away() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;

    world.tokens[0].shut();
    world.tokens[0].tell(Told::Shut);
    alice.hears(&ServerFrame::Error { code: Code::BusAway, id: FrameId::default() }).await;
    // Cut off, it may be read: everything is refused.
    alice.say(&frame(Label::Message, BOB, 1, b"word"));
    alice.hears(&ServerFrame::Error { code: Code::BusAway, id: id(1) }).await;
    world.tokens[0].open();
    alice.eventually_finds_nobody(BOB).await;
    world.stop().await;
}

#[tokio::test]
async fn shell14_a_bus_that_is_back_counts_only_with_an_open_gate() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;

    world.cut_the_bus();
    alice.hears(&ServerFrame::Error { code: Code::BusAway, id: FrameId::default() }).await;
    world.tokens[0].shut();
    world.mend_the_bus();
    for n in 1..10 {
        alice.say(&frame(Label::Message, BOB, n, b"word"));
        alice.hears(&ServerFrame::Error { code: Code::BusAway, id: id(n) }).await;
    }
    world.tokens[0].open();
    alice.eventually_finds_nobody(BOB).await;
    world.stop().await;
}

#[tokio::test]
async fn shell21_without_its_connection_for_files_or_for_words_an_edge_has_no_bus() {
    for lane in Lane::ALL {
        let world = World::start().await;
        let mut alice = world.enter(0, ALICE).await;

        world.cut_lane(*lane);
        alice.hears(&ServerFrame::Error { code: Code::BusAway, id: FrameId::default() }).await;
        for (n, label) in [(1, Label::Message), (2, Label::FileChunk)] {
            alice.say(&frame(label, BOB, n, b"sealed"));
            alice.hears(&ServerFrame::Error { code: Code::BusAway, id: id(n) }).await;
        }
        world.mend_the_bus();
        alice.eventually_finds_nobody(BOB).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn shell15_when_all_are_let_go_every_socket_closes_and_none_is_read() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;

    world.tokens[0].let_go();
    alice.says_late(&frame(Label::Message, BOB, 1, b"late"));
    assert_eq!(alice.closes().await, Close::BusAway);
    let mut alice = world.enter(0, ALICE).await;
    alice.say(&frame(Label::Message, BOB, 2, b"word"));
    bob.hears(&ServerFrame::Peer(frame(Label::Message, ALICE, 2, b"word"))).await;
    world.stop().await;
}

#[tokio::test]
async fn shell16_who_was_told_too_much_at_once_looks_for_itself() {
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(0, BOB).await;

    let told_at_once = async {
        world.tokens[0].tell_the_end_of(ALICE);
        for _ in 0..2 * TOLD_WAITING_MAX {
            world.tokens[0].tell(Told::Open);
        }
    };
    world.hold(0, told_at_once).await;
    assert_eq!(alice.closes().await, Close::NotAuthenticated(Code::TokenRevoked));
    world.settle(&mut bob).await;
    assert!(bob.is_open());
    world.stop().await;
}

#[tokio::test]
async fn shell25_neither_the_socket_nor_the_bus_keeps_the_other_waiting() {
    const EACH: usize = 400;
    let world = World::start().await;
    let mut alice = world.enter(0, ALICE).await;
    let mut bob = world.enter(1, BOB).await;
    // By then Alice's Session hears.
    bob.say(&frame(Label::Message, ALICE, 1, b"hello"));
    world.settle(&mut bob).await;
    world.settle(&mut alice).await;
    world
        .hold(0, async {
            for n in 0..EACH {
                alice.sends_bytes(&[0x92, control::PING, 0x80]);
                let id = FrameId::short(&[n.to_be_bytes(); 2].concat()).unwrap();
                bob.say(&PeerFrame { id, ..frame(Label::Message, ALICE, 1, b"word") });
            }
            bob.sends_bytes(&[0x92, control::PING, 0x80]);
            bob.hears(&ServerFrame::Pong).await;
        })
        .await;
    let mut words = 0;
    for _ in 0..200 {
        words += usize::from(kind(&alice.hears_bytes().await) == Label::Message.code());
    }
    assert!((64..=136).contains(&words), "{words} words and {} answers", 200 - words);
    world.stop().await;
}
