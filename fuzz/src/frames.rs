//! Frames of both doors: what is accepted is in its limits, reads the same when it is written again,
//! and is heard by the other side as it was said, under the server's word of whom it is from.

use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{self, ClientFrame, Door, Label, PeerFrame, ServerFrame};
use bus_schemas::id::UserId;
use bus_schemas::limit::{FRAME_BYTES_MAX_BINARY, FRAME_BYTES_MAX_TEXT, FRAME_ID_BYTES_MAX};
use bytes::Bytes;
use serde_json::Value;

use crate::{and_more, browser, shares};

/// Who the server says it is from.
const SENDER: UserId = UserId::from_bytes([0xa1; 16]);

const BINARY_FAULTS: [Code; 4] =
    [Code::FrameTooLarge, Code::MalformedFrame, Code::UnknownMessageType, Code::InvalidAuthPayload];
const TEXT_FAULTS: [Code; 5] = [
    Code::FrameTooLarge,
    Code::MalformedFrame,
    Code::UnknownMessageType,
    Code::InvalidAuthPayload,
    Code::InvalidPayload,
];

/// A frame of the binary door.
pub fn binary(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let frame = match frame::decode(Door::Binary, &bytes) {
        Ok(frame) => frame,
        Err(bad) => return assert!(BINARY_FAULTS.contains(&bad.code), "{bad:?}"),
    };
    assert!(bytes.len() <= FRAME_BYTES_MAX_BINARY);
    assert!(frame::decode(Door::Binary, &and_more(&bytes)).is_err(), "something may follow it");
    let written = browser::write(&frame);
    assert_eq!(frame::decode(Door::Binary, &written).as_ref(), Ok(&frame));
    match frame {
        ClientFrame::Peer(frame) => {
            assert!(shares(&bytes, &frame.body), "the body was copied");
            assert!(written.len() <= bytes.len(), "ours is the shortest way to write it");
            assert_eq!(frame.id.as_bytes().len(), 16);
            let heard = ServerFrame::Peer(PeerFrame { peer: SENDER, ..frame });
            let bytes = frame::encode(Door::Binary, &heard).expect("a frame of this door");
            assert_eq!(browser::read(&bytes), heard);
        }
        ClientFrame::Auth { instance, .. } => assert!(instance.is_some()),
        ClientFrame::Ping => {}
        ClientFrame::Announce { .. } => panic!("the binary door announces nothing in the clear"),
    }
}

/// A frame of the text door.
pub fn text(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    match frame::decode(Door::Text, &bytes) {
        Err(bad) => {
            assert!(TEXT_FAULTS.contains(&bad.code), "{bad:?}");
            assert!(bad.id.is_empty());
        }
        Ok(ClientFrame::Auth { token, instance, attach }) => {
            assert!(!token.expose().is_empty() && instance.is_none() && attach == 0);
        }
        Ok(ClientFrame::Ping) => panic!("the text door has no ping"),
        Ok(ClientFrame::Peer(frame)) => {
            assert_ne!(frame.label, Label::FileStart);
            is_passed_on(&bytes, &frame);
        }
        Ok(ClientFrame::Announce { frame, announcement }) => {
            assert_eq!(frame.label, Label::FileStart);
            assert_eq!(Announcement::of(&frame), Some(announcement));
            is_passed_on(&bytes, &frame);
        }
    }
}

fn is_passed_on(said: &Bytes, frame: &PeerFrame) {
    assert!(said.len() <= FRAME_BYTES_MAX_TEXT);
    assert!(frame.id.as_bytes().len() <= FRAME_ID_BYTES_MAX);
    assert_ne!(frame.label, Label::Declined);
    let body: Value = serde_json::from_slice(&frame.body).expect("a body is JSON");
    assert!(body.get("from").is_none(), "a client said whom it is from");

    let heard = ServerFrame::Peer(PeerFrame { peer: SENDER, ..frame.clone() });
    let heard = frame::encode(Door::Text, &heard).expect("a frame of this door");
    let document: Value = serde_json::from_slice(&heard).expect("JSON");
    assert_eq!(document["type"], frame.label.as_str());
    assert_eq!(document["payload"]["from"], SENDER.to_string());
    assert!(document.as_object().is_some_and(|all| all.len() == 2));

    // Whoever hears it could say it, and it would be the same.
    let again = frame::decode(Door::Text, &heard);
    let Ok(ClientFrame::Peer(again) | ClientFrame::Announce { frame: again, .. }) = again else {
        panic!("another frame: {document}");
    };
    let passes_as_it_is = matches!(frame.label, Label::Ack | Label::SessionEstablished);
    // What passes as it is may hold fractions, which JSON does not always read back to the digit.
    let body = if passes_as_it_is { frame.body.clone() } else { again.body.clone() };
    assert_eq!(PeerFrame { body, ..again }, *frame);
}
