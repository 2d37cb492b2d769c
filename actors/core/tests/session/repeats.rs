//! DUP: a repeat is dropped and counted, and nothing else is.

use bus_schemas::chat::{Bounce, Presence};
use bus_schemas::fault::Code;
use bus_schemas::frame::{Door, Label, Part, PeerFrame};
use bus_schemas::id::FrameId;

use super::harness::{Socket, peer_frame, said};

/// Whether what was done is the dropping of a repeat.
fn is_dropped(done: &[String]) -> bool {
    done.iter().any(|line| line.starts_with("count repeat of"))
}

fn sends(socket: &mut Socket, frame: PeerFrame) -> Vec<String> {
    socket.hears(said(frame))
}

#[test]
fn dup1_the_binary_door_drops_an_exact_repeat_of_any_type() {
    for label in Label::ALL {
        let mut socket = Socket::live(Door::Binary);
        assert!(!is_dropped(&socket.says(*label, "bob", 1)));
        let counted = format!("count repeat of {}", label.as_str());
        assert_eq!(socket.says(*label, "bob", 1), [counted]);
    }
}

#[test]
fn dup1_whatever_differs_is_no_repeat() {
    let mut socket = Socket::live(Door::Binary);
    let first = peer_frame(Label::FileChunk, "bob", 1);
    let others = [
        PeerFrame { attempt: 1, ..first.clone() },
        PeerFrame { part: Part { index: 1, count: 0 }, ..first.clone() },
        PeerFrame { label: Label::FileStart, ..first.clone() },
        peer_frame(Label::FileChunk, "bob", 2),
        peer_frame(Label::FileChunk, "carol", 1),
    ];
    assert!(!is_dropped(&sends(&mut socket, first.clone())));
    for other in others {
        assert!(!is_dropped(&sends(&mut socket, other)));
    }
    assert!(is_dropped(&sends(&mut socket, first)));
}

#[test]
fn dup2_the_text_door_drops_repeats_of_two_types() {
    for label in Label::ALL {
        let mut socket = Socket::live(Door::Text);
        if *label == Label::FileChunk {
            socket.says(Label::FileStart, "bob", 1);
        }
        socket.says(*label, "bob", 1);
        let dropped = matches!(label, Label::Message | Label::FileChunk);
        assert_eq!(is_dropped(&socket.says(*label, "bob", 1)), dropped, "{label:?}");
    }
}

#[test]
fn dup2_the_text_door_passes_what_has_no_id() {
    let mut socket = Socket::live(Door::Text);
    let nameless = PeerFrame { id: FrameId::default(), ..peer_frame(Label::Message, "bob", 1) };
    sends(&mut socket, nameless.clone());
    assert!(!is_dropped(&sends(&mut socket, nameless)));
}

#[test]
fn dup3_an_ephemeral_key_passes_until_it_is_acknowledged() {
    let mut socket = Socket::live(Door::Text);
    for _ in 0..3 {
        assert!(!is_dropped(&socket.says(Label::EphemeralKey, "bob", 1)));
    }
    socket.gets(Door::Text, Label::Ack, "carol", 1);
    socket.gets(Door::Text, Label::Ack, "bob", 2);
    assert!(!is_dropped(&socket.says(Label::EphemeralKey, "bob", 1)));
    socket.gets(Door::Text, Label::Ack, "bob", 1);
    assert!(is_dropped(&socket.says(Label::EphemeralKey, "bob", 1)));
}

#[test]
fn dup4_a_refused_frame_may_come_again() {
    let bounces = [
        Bounce::NobodyThere,
        Bounce::Refused(Code::ServiceUnavailable),
        Bounce::Refused(Code::PeerClientDiffers),
    ];
    for door in [Door::Binary, Door::Text] {
        for bounce in bounces {
            let mut socket = Socket::live(door);
            socket.says(Label::Message, "bob", 1);
            socket.bounced(0, bounce);
            assert!(!is_dropped(&socket.says(Label::Message, "bob", 1)), "{bounce:?}");
            assert!(is_dropped(&socket.says(Label::Message, "bob", 1)));
        }
    }
}

#[test]
fn dup5_a_change_of_the_peer_forgets_what_was_sent_to_it() {
    for presence in [Presence::Gone, Presence::Here, Presence::Moved] {
        let mut socket = Socket::live(Door::Binary);
        socket.says(Label::Message, "bob", 1);
        socket.says(Label::Message, "carol", 1);
        socket.told("bob", presence);
        assert!(!is_dropped(&socket.says(Label::Message, "bob", 1)), "{presence:?}");
        assert!(is_dropped(&socket.says(Label::Message, "carol", 1)));
    }
}

#[test]
fn dup5_the_answer_to_a_probe_is_no_change() {
    let mut socket = Socket::live(Door::Binary);
    socket.says(Label::Message, "bob", 1);
    socket.waits(10_000);
    socket.bounced(1, Bounce::Here);
    assert!(is_dropped(&socket.says(Label::Message, "bob", 1)));
}

#[test]
fn dup6_the_window_holds_1024_frames() {
    let mut socket = Socket::live(Door::Binary);
    for n in 0..1_024 {
        socket.stands_still(5);
        socket.says(Label::Message, "bob", n);
    }
    assert!(is_dropped(&socket.says(Label::Message, "bob", 0)));
    socket.says(Label::Message, "bob", 1_024);
    assert!(!is_dropped(&socket.says(Label::Message, "bob", 0)));
}
