//! FILE: what a client may send of a file, and when its transfer is over.

use actors_core::session::Event;
use bus_schemas::chat::{Bounce, Presence};
use bus_schemas::fault::Code;
use bus_schemas::frame::{Door, Label, Part, PeerFrame};
use bus_schemas::id::FrameId;
use bus_schemas::limit::{
    CHUNK_BYTES_MAX_TEXT, CHUNK_BYTES_MIN_BINARY, CHUNK_WRITTEN_WAIT_MS, FILE_BYTES_MAX,
    TRANSFER_IDLE_MS, TRANSFERS_MAX, VOICE_BYTES_MAX,
};
use bytes::Bytes;

use super::harness::{Socket, announcement, peer_frame, said};

fn sends(socket: &mut Socket, frame: PeerFrame) -> Vec<String> {
    socket.hears(said(frame))
}

/// What the text door is answered to this announcement, if it is refused.
fn answer_to(announcement: &str) -> Option<String> {
    let mut socket = Socket::live(Door::Text);
    let body = Bytes::copy_from_slice(announcement.as_bytes());
    let done = sends(&mut socket, PeerFrame { body, ..peer_frame(Label::FileStart, "bob", 1) });
    let refusal = done.iter().find_map(|line| line.strip_prefix("send error "));
    assert_eq!(refusal.is_some(), done.iter().all(|line| !line.starts_with("deliver")));
    refusal.map(|refusal| refusal.trim_end_matches(" #1").to_owned())
}

fn announced(mime: &str, size: i64, chunks: i64, chunk_size: u64, mode: &str) -> String {
    format!(
        r#"{{"mime_type":"{mime}","total_size":{size},"total_chunks":{chunks},"chunk_size":{chunk_size},"access_mode":"{mode}"}}"#
    )
}

fn of_file(label: Label, index: u32, count: u32) -> PeerFrame {
    PeerFrame { part: Part { index, count }, ..peer_frame(label, "bob", 1) }
}

fn file_of(count: u32) -> PeerFrame {
    let body = announcement(u64::from(count), count);
    PeerFrame { body, ..of_file(Label::FileStart, 0, count) }
}

/// A Session of the text door that has announced a file of so many chunks; its frame is number 0.
fn sending(count: u32) -> Socket {
    let mut socket = Socket::live(Door::Text);
    assert!(passes(&mut socket, file_of(count)));
    socket
}

/// Whether a frame is handed on.
fn passes(socket: &mut Socket, frame: PeerFrame) -> bool {
    sends(socket, frame).iter().any(|line| line.starts_with("deliver"))
}

/// Sends a chunk that is written at once.
fn chunk(socket: &mut Socket, n: u64, index: u32, count: u32) -> bool {
    let passed = passes(socket, of_file(Label::FileChunk, index, count));
    socket.bounced(n, Bounce::Written);
    passed
}

#[test]
fn file1_an_announcement_is_checked_in_the_order_of_the_original() {
    let mib = CHUNK_BYTES_MAX_TEXT;
    let file = i64::try_from(FILE_BYTES_MAX).unwrap();
    let voice = i64::try_from(VOICE_BYTES_MAX).unwrap();
    let refused = |code: Code| Some(code.to_string());
    let cases = [
        (announced("text/plain", file, 50, mib, ""), None),
        (announced("text/plain", file, 50, mib, "view_only"), None),
        (announced("nonsense", file + 1, 0, 0, "x"), refused(Code::FileSizeExceeded)),
        (announced("audio/webm; codecs=opus", voice, 10, mib, "both"), None),
        (announced("audio/webm", voice + 1, 11, mib, ""), refused(Code::FileSizeExceeded)),
        (announced("nonsense", 0, 0, 0, "x"), refused(Code::InvalidFileSize)),
        (announced("nonsense", -1, 0, 0, "x"), refused(Code::InvalidFileSize)),
        (announced("nonsense", 5, 0, 0, "x"), refused(Code::InvalidTotalChunks)),
        (announced("nonsense", 5, 1_001, 0, "x"), refused(Code::InvalidTotalChunks)),
        (announced("audio/aac", 5, 1, 0, "x"), refused(Code::InvalidMimeType)),
        (announced("application/x-sh", 5, 1, 0, "x"), refused(Code::MimeTypeNotAllowed)),
        (announced("text/plain; charset=x", 5, 1, 5, ""), refused(Code::MimeTypeNotAllowed)),
        (announced("text/plain", 5, 1, 0, "x"), refused(Code::InvalidTotalChunks)),
        (announced("text/plain", 5, 1, mib + 1, "x"), refused(Code::InvalidTotalChunks)),
        (announced("text/plain", 5, 2, 5, "x"), refused(Code::InvalidTotalChunks)),
        (announced("text/plain", 5, 1, 5, "x"), refused(Code::InvalidPayload)),
        ("sealed".to_owned(), refused(Code::InvalidPayload)),
    ];
    for (announcement, expected) in cases {
        assert_eq!(answer_to(&announcement), expected, "{announcement}");
    }
}

#[test]
fn file1_a_file_has_an_id_that_is_not_in_use() {
    let mut socket = sending(1);
    assert!(!passes(&mut socket, file_of(1)));
    let nameless = PeerFrame { id: FrameId::default(), ..file_of(1) };
    assert!(!passes(&mut socket, nameless));
    assert!(passes(
        &mut socket,
        PeerFrame { peer: peer_frame(Label::Ack, "carol", 1).peer, ..file_of(1) }
    ));
}

#[test]
fn file2_a_chunk_that_does_not_fit_is_refused_and_ends_its_transfer() {
    let large = Bytes::from(vec![0; 600]);
    let wrong = [
        of_file(Label::FileChunk, 1, 3),
        of_file(Label::FileChunk, 0, 2),
        PeerFrame { body: large, ..of_file(Label::FileChunk, 0, 3) },
    ];
    for wrong in wrong {
        let mut socket = sending(3);
        let over = "count transfer: Failed(Tracking) in 0 ms";
        assert_eq!(sends(&mut socket, wrong), [over, "send error INVALID_PAYLOAD #1"]);
        assert!(!chunk(&mut socket, 1, 0, 3), "nothing of it passes any more");
    }
    let mut socket = Socket::live(Door::Text);
    assert!(!passes(&mut socket, of_file(Label::FileChunk, 0, 1)), "nothing was announced");
    let mut socket = sending(1);
    assert!(chunk(&mut socket, 1, 0, 1));
    assert!(!chunk(&mut socket, 2, 1, 1), "there are no more");
}

#[test]
fn file2_a_chunk_of_1_mib_fits_sealed_and_in_base64() {
    let mut socket = Socket::live(Door::Text);
    let body = announcement(CHUNK_BYTES_MAX_TEXT, 1);
    assert!(passes(&mut socket, PeerFrame { body, ..file_of(1) }));
    let body = Bytes::from(vec![b'a'; 1_398_124 + 300]);
    assert!(passes(&mut socket, PeerFrame { body, ..of_file(Label::FileChunk, 0, 1) }));
}

#[test]
fn file3_a_chunk_that_was_refused_may_come_again_out_of_turn() {
    let mut socket = sending(3);
    assert!(passes(&mut socket, of_file(Label::FileChunk, 0, 3)));
    assert!(chunk(&mut socket, 2, 1, 3));
    socket.bounced(1, Bounce::Refused(Code::SlowReader));
    assert!(chunk(&mut socket, 3, 2, 3));
    let early = sends(&mut sending(1), of_file(Label::FileComplete, 0, 0));
    assert!(early.iter().any(|line| line.contains("INVALID_TOTAL_CHUNKS")));
    assert!(chunk(&mut socket, 4, 0, 3));
    assert!(passes(&mut socket, of_file(Label::FileComplete, 0, 0)));
}

#[test]
fn file4_a_file_that_is_not_whole_is_not_passed_on_as_complete() {
    let mut socket = sending(2);
    assert!(chunk(&mut socket, 1, 0, 2));
    let over = "count transfer: Failed(Completing) in 0 ms";
    let complete = of_file(Label::FileComplete, 0, 0);
    let refused = "send error INVALID_TOTAL_CHUNKS #1";
    assert_eq!(sends(&mut socket, complete.clone()), [over, refused]);
    let mut socket = sending(2);
    for index in 0..2 {
        assert!(chunk(&mut socket, u64::from(index) + 1, index, 2));
    }
    socket.waits(40);
    let done = sends(&mut socket, complete.clone());
    assert!(done.contains(&"count transfer: Whole in 40 ms".to_owned()), "{done:?}");
    assert!(!passes(&mut socket, complete), "it is over");
}

#[test]
fn file5_with_two_chunks_on_their_way_the_client_is_not_read() {
    for back in [Bounce::Written, Bounce::Refused(Code::SlowReader), Bounce::NobodyThere] {
        let mut socket = sending(3);
        assert!(passes(&mut socket, of_file(Label::FileChunk, 0, 3)));
        assert!(!socket.is_held_back());
        assert!(passes(&mut socket, of_file(Label::FileChunk, 1, 3)));
        assert!(socket.is_held_back());
        socket.bounced(0, Bounce::Written);
        assert!(socket.is_held_back(), "that was no chunk");
        socket.bounced(1, back);
        assert!(!socket.is_held_back(), "{back:?}");
    }
    let mut socket = sending(2);
    for index in 0..2 {
        assert!(passes(&mut socket, of_file(Label::FileChunk, index, 2)));
    }
    socket.told("bob", Presence::Gone);
    assert!(!socket.is_held_back());
}

#[test]
fn file5_the_binary_door_is_held_by_the_credit_of_the_other_browser() {
    let mut socket = Socket::live(Door::Binary);
    for index in 0..50 {
        assert!(passes(&mut socket, of_file(Label::FileChunk, index, 50)));
        assert!(!socket.is_held_back());
    }
}

#[test]
fn file6_a_chunk_that_is_not_written_in_time_is_told_and_ends_its_transfer() {
    let mut socket = sending(3);
    assert!(passes(&mut socket, of_file(Label::FileChunk, 0, 3)));
    socket.told("bob", Presence::Here);
    socket.waits(5_000);
    assert!(passes(&mut socket, of_file(Label::FileChunk, 1, 3)));
    let mut done = Vec::new();
    while socket.is_held_back() {
        done = socket.waits(1_000);
        socket.told("bob", Presence::Here);
    }
    let over = format!("count transfer: Failed(TimeoutOrDisconnect) in {CHUNK_WRITTEN_WAIT_MS} ms");
    assert_eq!(done, [over, "send error SLOW_READER #1".to_owned()]);
    assert!(!chunk(&mut socket, 3, 2, 3));
}

#[test]
fn file7_a_transfer_ends_with_its_silence_its_peer_and_its_connection() {
    let over = |ms| format!("count transfer: Failed(TimeoutOrDisconnect) in {ms} ms");
    let mut socket = sending(1);
    socket.told("bob", Presence::Here);
    let done = socket.waits(TRANSFER_IDLE_MS + 20_000);
    assert!(done.contains(&over(TRANSFER_IDLE_MS)) || done.contains(&over(13_000)), "{done:?}");
    assert!(sending(1).told("bob", Presence::Gone).contains(&over(0)));
    assert!(sending(1).bounced(0, Bounce::NobodyThere).contains(&over(0)));
    assert!(sending(1).hears(Event::SocketClosed).contains(&over(0)));
}

#[test]
fn file8_on_the_binary_door_places_lie_within_a_count_that_a_file_can_have() {
    let most = u32::try_from(FILE_BYTES_MAX / CHUNK_BYTES_MIN_BINARY).unwrap();
    let mut socket = Socket::live(Door::Binary);
    let good = [
        (Label::FileStart, 0, most),
        (Label::FileChunk, most - 1, most),
        (Label::FileComplete, most, most),
    ];
    for (label, index, count) in good {
        assert!(passes(&mut socket, of_file(label, index, count)), "{label:?}");
    }
    let wrong = [
        (Label::FileStart, 0, 0),
        (Label::FileStart, 0, most + 1),
        (Label::FileChunk, 3, 3),
        (Label::FileComplete, 4, 3),
    ];
    for (label, index, count) in wrong {
        let frame = PeerFrame { attempt: 1, ..of_file(label, index, count) };
        let refused = ["send error INVALID_TOTAL_CHUNKS #1"];
        assert_eq!(sends(&mut socket, frame), refused, "{label:?}");
    }
}

#[test]
fn file8_on_the_binary_door_a_transfer_goes_on_over_another_connection() {
    let mut socket = Socket::live(Door::Binary);
    assert!(passes(&mut socket, of_file(Label::FileChunk, 7, 9)));
    socket.told("bob", Presence::Gone);
    socket.told("bob", Presence::Here);
    assert!(passes(&mut socket, of_file(Label::FileChunk, 8, 9)));
    let done = sends(&mut socket, of_file(Label::FileComplete, 9, 9));
    assert!(done.contains(&"count transfer: Whole in 0 ms".to_owned()), "{done:?}");
    assert!(passes(&mut socket, of_file(Label::FileStart, 0, 9)));
    let another = PeerFrame { attempt: 1, ..of_file(Label::FileStart, 0, 4) };
    let done = sends(&mut socket, another);
    assert!(done.contains(&"count transfer: Failed(Tracking) in 0 ms".to_owned()), "{done:?}");
    // It may go on elsewhere, so that its connection ends says nothing of it.
    let done = socket.hears(Event::SocketClosed);
    assert!(!done.iter().any(|line| line.starts_with("count transfer")), "{done:?}");
}

#[test]
fn file9_only_so_many_transfers_are_followed() {
    let mut socket = Socket::live(Door::Text);
    let file = |n: usize| {
        let id = FrameId::new(Bytes::from(format!("file-{n}"))).unwrap();
        PeerFrame { id, ..file_of(1) }
    };
    for n in 0..TRANSFERS_MAX {
        assert!(passes(&mut socket, file(n)));
    }
    assert_eq!(socket.kept().transfers, TRANSFERS_MAX);
    assert_eq!(sends(&mut socket, file(TRANSFERS_MAX)).len(), 1);
    assert_eq!(socket.kept().transfers, TRANSFERS_MAX);
}

#[test]
fn file10_a_chunk_of_the_text_door_is_answered_when_it_is_written() {
    for door in [Door::Text, Door::Binary] {
        let mut socket = Socket::live(door);
        for label in Label::ALL {
            let done = socket.gets(door, *label, "bob", 1);
            let answers = door == Door::Text && *label == Label::FileChunk;
            assert_eq!(done.iter().any(|line| line.ends_with(", then answer")), answers);
        }
    }
}
