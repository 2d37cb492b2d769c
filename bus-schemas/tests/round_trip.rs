//! What is written is read back as it was, whatever it is; what is no payload is refused, and
//! nothing panics.

mod browser;

use bus_schemas::bus::{inbox, inbox_number};
use bus_schemas::chat::{self, BounceTag, Delivery, Standing};
use bus_schemas::codec;
use bus_schemas::fault::Code;
use bus_schemas::frame::binary::control;
use bus_schemas::frame::{self, ClientFrame, Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{BusId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::limit::{
    BUS_PAYLOAD_BYTES_MAX, FRAME_BYTES_MAX_BINARY, FRAME_BYTES_MAX_TEXT, FRAME_ID_BYTES_MAX,
};
use bus_schemas::secret::Secret;
use bus_schemas::sheet::{SHEET_BYTES, Sheet};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

const STANDING: Standing =
    Standing { login: LoginId::from_bytes([0x70; 16]), token: TokenId::from_bytes([0x7c; 16]) };

fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..max).prop_map(Bytes::from)
}

fn user() -> impl Strategy<Value = UserId> {
    any::<[u8; 16]>().prop_map(UserId::from_bytes)
}

fn code() -> impl Strategy<Value = Code> {
    proptest::sample::select(Code::ALL)
}

/// An id as the binary door has it.
fn id() -> impl Strategy<Value = FrameId> {
    any::<[u8; 16]>().prop_map(|id| FrameId::new(Bytes::copy_from_slice(&id)).expect("short"))
}

fn optional_id() -> impl Strategy<Value = FrameId> {
    prop_oneof![Just(FrameId::default()), id()]
}

fn peer_frame() -> impl Strategy<Value = PeerFrame> {
    let label = proptest::sample::select(Label::ALL);
    let header = (label, any::<u32>(), user(), id(), any::<(u32, u32)>());
    (header, bytes(2_000)).prop_map(|((label, attempt, peer, id, (index, count)), body)| {
        let part = if label.is_file() { Part { index, count } } else { Part::default() };
        PeerFrame { label, attempt, peer, id, part, body }
    })
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    let auth = (".{0,400}", any::<[u8; 16]>(), any::<u32>()).prop_map(|(token, page, attach)| {
        let instance = Some(Instance::from_bytes(page));
        ClientFrame::Auth { token: Secret::new(token), instance, attach }
    });
    prop_oneof![auth, Just(ClientFrame::Ping), peer_frame().prop_map(ClientFrame::Peer)]
}

fn server_frame() -> impl Strategy<Value = ServerFrame> {
    prop_oneof![
        (user(), any::<u64>())
            .prop_map(|(user, expires_in_ms)| ServerFrame::Authenticated { user, expires_in_ms }),
        code().prop_map(|code| ServerFrame::NotAuthenticated { code }),
        peer_frame().prop_map(ServerFrame::Peer),
        (user(), optional_id()).prop_map(|(peer, id)| ServerFrame::PeerOffline { peer, id }),
        user().prop_map(|peer| ServerFrame::PeerDisconnected { peer }),
        user().prop_map(|peer| ServerFrame::PeerOnline { peer }),
        (code(), optional_id()).prop_map(|(code, id)| ServerFrame::Error { code, id }),
        any::<u64>().prop_map(|after_ms| ServerFrame::GoingAway { after_ms }),
        Just(ServerFrame::Superseded),
        any::<u64>().prop_map(|in_ms| ServerFrame::TokenExpiring { in_ms }),
        Just(ServerFrame::Pong),
    ]
}

fn delivery() -> impl Strategy<Value = Delivery> {
    let door = prop_oneof![Just(Door::Text), Just(Door::Binary)];
    let id = bytes(FRAME_ID_BYTES_MAX + 1).prop_map(|id| FrameId::new(id).expect("short"));
    let frame = (door, standing(), peer_frame(), id).prop_map(|(door, standing, frame, id)| {
        Delivery::Frame { door, standing, frame: PeerFrame { id, ..frame } }
    });
    let probe =
        (user(), standing()).prop_map(|(from, standing)| Delivery::Probe { from, standing });
    prop_oneof![frame, probe]
}

fn standing() -> impl Strategy<Value = Standing> {
    any::<([u8; 16], [u8; 16])>().prop_map(|(login, token)| Standing {
        login: LoginId::from_bytes(login),
        token: TokenId::from_bytes(token),
    })
}

proptest! {
    #[test]
    fn wire8_a_client_frame_of_the_binary_door_is_read_as_written(value in client_frame()) {
        prop_assert_eq!(frame::decode(Door::Binary, &browser::write(&value)), Ok(value));
    }

    #[test]
    fn wire8_a_server_frame_of_the_binary_door_is_read_as_written(value in server_frame()) {
        let written = frame::encode(Door::Binary, &value).unwrap();
        prop_assert_eq!(browser::read(&written), value);
    }

    #[test]
    fn wire8_a_delivery_is_read_as_written(value in delivery()) {
        prop_assert_eq!(Delivery::decode(&value.encode()).unwrap(), value);
    }

    #[test]
    fn wire8_garbage_is_refused_without_a_panic(garbage in bytes(300)) {
        for door in [Door::Text, Door::Binary] {
            drop(frame::decode(door, &garbage));
        }
        drop(Delivery::decode(&garbage));
        drop(codec::decode::<bus_schemas::auth::Register>(&garbage));
    }

    #[test]
    fn wire8_a_damaged_frame_is_refused_or_another_frame_never_a_panic(
        value in client_frame(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let mut damaged = browser::write(&value).to_vec();
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        drop(frame::decode(Door::Binary, &damaged.into()));
    }

    #[test]
    fn wire9_nothing_may_follow_or_be_missing(
        value in client_frame(), sent in delivery(), more in any::<u8>(),
    ) {
        let whole = browser::write(&value);
        let longer = [&whole[..], &[more]].concat();
        prop_assert!(frame::decode(Door::Binary, &longer.into()).is_err());
        prop_assert!(frame::decode(Door::Binary, &whole.slice(..whole.len() - 1)).is_err());
        let whole = sent.encode();
        let longer = [&whole[..], &[more]].concat();
        prop_assert!(Delivery::decode(&longer.into()).is_err());
        prop_assert!(Delivery::decode(&whole.slice(..whole.len() - 1)).is_err());
        let whole = codec::encode(&chat::Presence::Here).unwrap();
        let longer = [&whole[..], &[more]].concat();
        prop_assert!(codec::decode::<chat::Presence>(&longer).is_err());
        prop_assert!(codec::decode::<chat::Presence>(&whole[..whole.len() - 1]).is_err());
    }

    #[test]
    fn wire10_a_body_is_passed_on_without_a_copy(value in peer_frame()) {
        let written = browser::write(&ClientFrame::Peer(value.clone()));
        let Ok(ClientFrame::Peer(read)) = frame::decode(Door::Binary, &written) else {
            return Err(TestCaseError::fail("not a peer frame"));
        };
        prop_assert!(shares(&written, &read.body));
        let standing = STANDING;
        let written = Delivery::Frame { door: Door::Binary, standing, frame: value }.encode();
        let Ok(Delivery::Frame { frame, .. }) = Delivery::decode(&written) else {
            return Err(TestCaseError::fail("not a frame"));
        };
        prop_assert!(shares(&written, &frame.body));
    }

    #[test]
    fn wire10_a_long_body_is_not_moved_to_stand_behind_what_comes_before_it(
        sent in delivery(), short in any::<bool>(),
    ) {
        let Delivery::Frame { standing, frame, .. } = sent else { return Ok(()) };
        let body = Bytes::from(vec![7; if short { SHEET_BYTES } else { SHEET_BYTES + 1 }]);
        let frame = PeerFrame { body: body.clone(), ..frame };
        let is_moved = |part: &Bytes| part.as_ptr() != body.as_ptr();

        let (head, rest) = frame::encode_apart(Door::Binary, frame.clone()).unwrap();
        prop_assert_eq!(is_moved(&rest), short);
        let peer = ServerFrame::Peer(frame.clone());
        prop_assert_eq!(&[head, rest].concat()[..], &frame::binary::encode(&peer)[..]);

        let delivery = Delivery::Frame { door: Door::Binary, standing, frame };
        let tag = BounceTag { slot: 1, n: 2 };
        let to = UserId::from_bytes([0xb0; 16]);
        let outgoing = delivery.outgoing(to, BusId::from_bytes([1; 16]), tag, &mut Sheet::new());
        prop_assert_eq!(is_moved(&outgoing.body), short);
        prop_assert_eq!(outgoing.whole(), delivery.encode());
        prop_assert_eq!(outgoing.bytes(), delivery.encode().len());
    }

    #[test]
    fn wire13_a_bounce_names_its_frame_and_is_heard_by_its_sender_alone(
        bus in any::<[u8; 16]>(), slot in any::<u64>(), n in any::<u64>(),
    ) {
        let bus = BusId::from_bytes(bus);
        let tag = BounceTag { slot, n };
        let subject = chat::bounce(bus, tag);
        prop_assert_eq!(chat::bounce_tag(&subject), Some(tag));
        let own = chat::bounces(bus);
        prop_assert!(subject.as_str().starts_with(own.as_str().strip_suffix('>').unwrap()));
        prop_assert_eq!(inbox_number(inbox("edge", bus, n).as_str()), Some(n));
    }

    #[test]
    fn wire15_the_server_alone_says_from_whom_a_text_frame_is(
        to in user(), from in user(), forged in ".{0,20}", body in ".{0,60}",
    ) {
        let said = json!({ "type": "message", "payload": {
            "to": to, "from": forged, "message_id": "m-1", "ciphertext": body, "nonce": "bg==",
            "unknown": 1,
        }});
        let heard = relay(&said, from);
        let payload = json!({
            "from": from, "to": to, "message_id": "m-1", "ciphertext": body, "nonce": "bg==",
        });
        prop_assert_eq!(heard, json!({ "type": "message", "payload": payload }));
        // This one passes as it is, but for that.
        let said = json!({ "type": "ack", "payload": { "to": to, "from": forged } });
        let heard = relay(&said, from);
        prop_assert_eq!(&heard["payload"], &json!({ "from": from, "to": to }));
    }
}

/// What the other side hears of a text frame.
fn relay(said: &Value, from: UserId) -> Value {
    let Ok(ClientFrame::Peer(frame)) = frame::decode(Door::Text, &said.to_string().into()) else {
        panic!("not a peer frame: {said}");
    };
    let heard = ServerFrame::Peer(PeerFrame { peer: from, ..frame });
    let heard = frame::encode(Door::Text, &heard).expect("the text door has this frame");
    serde_json::from_slice(&heard).expect("JSON")
}

fn shares(whole: &Bytes, part: &Bytes) -> bool {
    part.is_empty() || whole.as_ptr_range().contains(&part.as_ptr())
}

fn refused(door: Door, bytes: impl Into<Bytes>) -> Code {
    frame::decode(door, &bytes.into()).expect_err("a bad frame").code
}

#[test]
fn wire11_size_is_checked_before_anything_is_read() {
    let garbage = |length| vec![0xc1; length];
    assert_eq!(refused(Door::Binary, garbage(FRAME_BYTES_MAX_BINARY + 1)), Code::FrameTooLarge);
    assert_eq!(refused(Door::Binary, garbage(FRAME_BYTES_MAX_BINARY)), Code::MalformedFrame);
    assert_eq!(refused(Door::Text, garbage(FRAME_BYTES_MAX_TEXT + 1)), Code::FrameTooLarge);
    assert_eq!(refused(Door::Text, garbage(FRAME_BYTES_MAX_TEXT)), Code::MalformedFrame);
    let error = codec::decode::<u8>(&garbage(BUS_PAYLOAD_BYTES_MAX + 1)).unwrap_err();
    assert!(matches!(error, codec::CodecError::TooLarge(_)));
    let text = "a".repeat(BUS_PAYLOAD_BYTES_MAX);
    assert!(matches!(codec::encode(&text).unwrap_err(), codec::CodecError::TooLarge(_)));
}

#[test]
fn wire12_a_bad_frame_is_told_apart_and_named_where_its_id_is_legible() {
    let unknown = rmp_serde::to_vec(&(200u8, 0u8)).unwrap();
    assert_eq!(refused(Door::Binary, unknown), Code::UnknownMessageType);
    for (number, name) in control::ALL {
        let from_client = matches!(*number, control::AUTH | control::PING);
        let frame = rmp_serde::to_vec(&(number, std::collections::BTreeMap::<u8, u8>::new()));
        let code = frame::decode(Door::Binary, &frame.unwrap().into()).err().map(|bad| bad.code);
        let unknown = code == Some(Code::UnknownMessageType);
        assert_eq!(unknown, !from_client, "{name} is for the server to say");
    }
    let ack_without_body = rmp_serde::to_vec(&(
        Label::Ack.code(),
        0u8,
        serde_bytes::Bytes::new(&[0xb0; 16]),
        serde_bytes::Bytes::new(&[0x1d; 16]),
        "text",
    ));
    let bad = frame::decode(Door::Binary, &ack_without_body.unwrap().into()).unwrap_err();
    assert_eq!((bad.code, bad.id.as_bytes()), (Code::MalformedFrame, &[0x1d; 16][..]));
    assert_eq!(refused(Door::Text, "no JSON"), Code::MalformedFrame);
    assert_eq!(refused(Door::Text, r#"{"type":"never_heard"}"#), Code::UnknownMessageType);
    assert_eq!(refused(Door::Text, r#"{"type":"message","payload":[]}"#), Code::InvalidPayload);
    assert_eq!(refused(Door::Text, r#"{"type":"auth","payload":{}}"#), Code::InvalidAuthPayload);
}

#[test]
fn wire14_a_known_text_payload_is_written_anew_and_two_pass_as_they_are() {
    let (to, from) = (UserId::from_bytes([0xb0; 16]), UserId::from_bytes([0xa1; 16]));
    let heard = relay(&json!({ "type": "message", "payload": { "to": to } }), from);
    let missing = json!({
        "from": from, "to": to, "message_id": "", "ciphertext": "", "nonce": "",
    });
    assert_eq!(heard["payload"], missing);
    for kind in ["ack", "session_established"] {
        let payload = json!({ "to": to, "anything": [1, { "deep": true }] });
        let heard = relay(&json!({ "type": kind, "payload": payload }), from);
        assert_eq!(heard["payload"]["anything"], payload["anything"]);
    }
    let wrong_type = json!({ "type": "typing", "payload": { "to": to, "is_typing": "yes" } });
    assert_eq!(refused(Door::Text, wrong_type.to_string()), Code::InvalidPayload);
}

#[test]
fn wire16_the_text_door_has_only_what_its_client_knows() {
    assert_eq!(frame::encode(Door::Text, &ServerFrame::Pong), None);
    assert_eq!(frame::encode(Door::Text, &ServerFrame::TokenExpiring { in_ms: 1 }), None);
    assert_eq!(refused(Door::Text, r#"{"type":"declined"}"#), Code::UnknownMessageType);
    assert_eq!(refused(Door::Text, r#"{"type":"ping"}"#), Code::UnknownMessageType);
}

#[test]
fn wire17_a_delivery_of_another_version_door_label_or_length_is_refused() {
    let from = UserId::from_bytes([0xa1; 16]);
    let whole = Delivery::Probe { from, standing: STANDING }.encode();
    for (at, value) in [(0, 2), (1, 2), (2, 63), (3, 1)] {
        let mut damaged = whole.to_vec();
        damaged[at] = value;
        assert!(Delivery::decode(&damaged.into()).is_err(), "byte {at}");
    }
    assert!(Delivery::decode(&whole).is_ok());
    assert!((0..whole.len()).all(|bytes| Delivery::decode(&whole.slice(..bytes)).is_err()));
}

#[test]
fn wire18_a_value_too_deep_is_refused_on_a_stack_of_any_size() {
    // A field that nobody knows, at the first place where one may stand.
    let deep = |depth: usize| {
        let head: &[u8] = &[0x81, 0xa1, b'x'];
        [head, &vec![0x91; depth], &[0xc0]].concat()
    };
    let frame = move |depth| Bytes::from([&[0x92, control::PING], &deep(depth)[..]].concat());
    let refused = std::thread::Builder::new().stack_size(128 * 1024).spawn(move || {
        for depth in [100, 1_000, 200_000] {
            assert!(codec::decode::<bus_schemas::directory::Who>(&deep(depth)).is_err());
            assert!(frame::decode(Door::Binary, &frame(depth)).is_err());
        }
    });
    refused.unwrap().join().unwrap();
}
