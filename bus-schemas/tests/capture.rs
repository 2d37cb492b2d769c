//! CAP rules of the file: what is written is read as it was, whatever is no capture is refused,
//! and nothing panics or grows.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

use std::io::Cursor;

use bus_schemas::bus::{BusError, BusStatus};
use bus_schemas::capture::file::{FileError, Head, Reader, VERSION, Writer};
use bus_schemas::capture::{
    Bodies, FILE_BYTES_MAX, PAYLOAD_BYTES_MAX, Payload, RECORD_BYTES_MAX, Record, Said, What, Whom,
    Why, body,
};
use bus_schemas::chat::{self, Bounce, Delivery, Standing};
use bus_schemas::codec;
use bus_schemas::frame::{Door, Label, Part, PeerFrame};
use bus_schemas::id::{BusId, ConnId, EdgeId, FrameId, LoginId, TokenId, TraceId, UserId};
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;
use bus_schemas::time::Millis;
use bus_schemas::topic::Subject;
use bus_schemas::{auth, bus, directory, identity};
use bytes::Bytes;
use proptest::prelude::*;

const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
const BOB: UserId = UserId::from_bytes([0xb0; 16]);
const BUS: BusId = BusId::from_bytes([0xb5; 16]);

fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..max).prop_map(Bytes::from)
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        Just(chat::peer(BOB)),
        Just(chat::presence(BOB).subject().clone()),
        Just(directory::me().subject().clone()),
    ]
}

fn payload() -> impl Strategy<Value = Payload> {
    let withheld = any::<u64>().prop_map(|bytes| Payload::Withheld { bytes });
    prop_oneof![bytes(300).prop_map(Payload::Kept), withheld]
}

fn said() -> impl Strategy<Value = Said> {
    let id = any::<[u8; 16]>().prop_map(TraceId::from_random);
    let around = (subject(), proptest::option::of(subject()), proptest::option::of(id));
    (around, payload(), any::<bool>()).prop_map(|((subject, reply, trace), payload, silent)| Said {
        subject,
        reply,
        trace,
        payload,
        no_responders: silent,
    })
}

fn error() -> impl Strategy<Value = BusError> {
    proptest::sample::select(vec![
        BusError::NoResponders,
        BusError::Timeout,
        BusError::TooLarge,
        BusError::Full,
        BusError::Forbidden,
        BusError::Away,
    ])
}

fn what() -> impl Strategy<Value = What> {
    let conn = || any::<[u8; 16]>().prop_map(ConnId::from_bytes);
    let now = || any::<u64>().prop_map(Millis);
    let outcome = || proptest::result::maybe_err(Just(()), error());
    prop_oneof![
        (conn(), now(), bytes(200)).prop_map(|(conn, now, config)| What::Opened {
            conn,
            now,
            config
        }),
        (conn(), now(), bytes(300), proptest::collection::vec(bytes(300), 0..5))
            .prop_map(|(conn, now, event, effects)| What::Stepped { conn, now, event, effects }),
        (said(), outcome()).prop_map(|(said, outcome)| What::Published { bus: BUS, said, outcome }),
        (subject(), proptest::option::of(".{0,20}"), outcome()).prop_map(
            |(subject, group, outcome)| What::Subscribed { bus: BUS, subject, group, outcome }
        ),
        proptest::option::of(said()).prop_map(|said| What::Heard { bus: BUS, said }),
        (any::<u64>(), said(), any::<Option<u64>>()).prop_map(|(n, said, wait)| {
            let whom = wait.map_or(Whom::Everybody, |wait_ms| Whom::One { wait_ms });
            What::Asked { bus: BUS, n, said, whom }
        }),
        (any::<u64>(), proptest::result::maybe_err(payload(), error()))
            .prop_map(|(n, answer)| What::Answered { bus: BUS, n, answer }),
        any::<bool>().prop_map(|up| What::Status {
            bus: BUS,
            status: if up { BusStatus::Up } else { BusStatus::Away },
        }),
        any::<u64>().prop_map(|lost| What::Gap { lost }),
        (any::<u64>(), any::<bool>()).prop_map(|(lost, asked)| What::Ended {
            lost,
            why: if asked { Why::Asked } else { Why::TimeOver },
        }),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    (any::<[u8; 16]>(), any::<u64>(), any::<bool>(), what()).prop_map(
        |(edge, at_us, kept, what)| Record {
            edge: EdgeId::from_bytes(edge),
            at_us,
            bodies: if kept { Bodies::Kept } else { Bodies::Random },
            what,
        },
    )
}

fn written(records: &[Record]) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new()).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<(usize, Record)>, FileError> {
    Reader::open(Cursor::new(bytes))?.read_all()
}

proptest! {
    #[test]
    fn cap2_a_file_is_read_as_written(records in proptest::collection::vec(record(), 0..8)) {
        let found = read(&written(&records)).unwrap();
        let numbered: Vec<_> = (1..).zip(records).collect();
        prop_assert_eq!(found, numbered);
    }

    #[test]
    fn cap2_garbage_is_refused_without_a_panic(garbage in bytes(300)) {
        prop_assert!(read(&garbage).is_err());
        let after_a_head = [&written(&[])[..], &garbage].concat();
        let found = read(&after_a_head);
        prop_assert_eq!(found.is_ok(), garbage.is_empty());
    }

    #[test]
    fn cap2_a_damaged_file_is_refused_or_another_never_a_panic(
        records in proptest::collection::vec(record(), 1..4),
        at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let mut damaged = written(&records);
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        for (_, record) in read(&damaged).into_iter().flatten() {
            if let What::Published { said, .. } = record.what {
                drop(said.payload.expanded(&said.subject, record.bodies));
            }
        }
    }

    #[test]
    fn cap2_a_file_that_ends_too_soon_says_in_which_record(
        records in proptest::collection::vec(record(), 1..4), cut in any::<prop::sample::Index>(),
    ) {
        let whole = written(&records);
        let head = written(&[]).len();
        let end = head + 1 + cut.index(whole.len() - head - 1);
        match read(&whole[..end]) {
            Err(FileError::Truncated(place)) => prop_assert!((1..=records.len()).contains(&place)),
            Ok(found) => prop_assert!(found.len() < records.len()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn cap3_what_stands_for_a_body_has_its_length_and_is_always_the_same(
        length in 0..5_000usize, seed in any::<[u8; 16]>(), other in any::<[u8; 16]>(),
    ) {
        let stands = body::stand_in(length, seed);
        let expanded = body::expand(&stands).unwrap();
        prop_assert_eq!(expanded.len(), length);
        prop_assert_eq!(&expanded, &body::expand(&body::stand_in(length, seed)).unwrap());
        let different = body::expand(&body::stand_in(length, other)).unwrap();
        prop_assert_eq!(length >= 16 && seed != other, length >= 16 && expanded != different);
    }

    #[test]
    fn cap3_what_stands_for_no_body_is_refused(short in bytes(40)) {
        let is_possible = short.len() == 20 && short[0] == 0 && short[1] <= 0x20;
        prop_assert!(body::expand(&short).is_none() || is_possible);
    }
}

fn delivery(body: &[u8]) -> Bytes {
    let standing =
        Standing { login: LoginId::from_bytes([1; 16]), token: TokenId::from_bytes([2; 16]) };
    let frame = PeerFrame {
        label: Label::Message,
        attempt: 0,
        peer: ALICE,
        id: FrameId::new(Bytes::from_static(&[3; 16])).unwrap(),
        part: Part::default(),
        body: Bytes::copy_from_slice(body),
    };
    Delivery::Frame { door: Door::Binary, standing, frame }.encode()
}

fn kept(subject: &Subject, payload: &Bytes) -> Option<Bytes> {
    match Payload::of(subject, payload, &|body| body::stand_in(body.len(), [7; 16])) {
        Payload::Kept(kept) => Some(kept),
        Payload::Withheld { bytes } => {
            assert_eq!(bytes, payload.len() as u64);
            None
        }
    }
}

#[test]
fn cap1_what_may_hold_a_credential_is_withheld_and_so_is_what_nobody_knows() {
    let payload = Bytes::from_static(b"whatever it says");
    for subject in [
        auth::register().subject(),
        auth::log_in().subject(),
        auth::refresh().subject(),
        auth::log_out().subject(),
        auth::verify().subject(),
        auth::lease().subject(),
        auth::change_password().subject(),
        auth::remove_account().subject(),
        auth::revoked().subject(),
        &bus::inbox("edge", BUS, 1),
        &bus::echo(),
        &bus_schemas::capture::ask::capture().subject().clone(),
        &Subject::received("a.subject.of.tomorrow"),
        &Subject::received("directoryish"),
        // What should be a delivery and is none may be anything.
        &chat::peer(BOB),
        &chat::bulk(BOB),
    ] {
        assert_eq!(kept(subject, &payload), None, "{subject:?}");
    }
    for subject in [
        directory::me().subject(),
        directory::find().subject(),
        identity::key().subject(),
        chat::presence(BOB).subject(),
        chat::evict(BOB).subject(),
    ] {
        assert_eq!(kept(subject, &payload), Some(payload.clone()), "{subject:?}");
    }
}

#[test]
fn cap3_the_body_of_a_delivery_is_covered_and_the_rest_of_it_is_not() {
    let body = b"sealed, and rather longer than what stands for it in a capture";
    let whole = delivery(body);
    let covered = kept(&chat::peer(BOB), &whole).unwrap();
    assert!(!covered.windows(8).any(|part| part == &body[..8]));
    let Payload::Kept(read) =
        Payload::Kept(covered.clone()).expanded(&chat::peer(BOB), Bodies::Random).unwrap()
    else {
        panic!("a payload that was kept")
    };
    assert_eq!(read.len(), whole.len());
    let head = whole.len() - body.len();
    assert_eq!(read[..head], whole[..head]);
    // Kept as it is, it is read as it is.
    let as_it_is = Payload::Kept(whole.clone());
    assert_eq!(as_it_is.clone().expanded(&chat::peer(BOB), Bodies::Kept), Some(as_it_is));
    let bounce = Payload::Kept(codec::encode(&Bounce::Here).unwrap());
    let of_nobody = chat::bounces(BUS);
    assert_eq!(bounce.clone().expanded(&of_nobody, Bodies::Random), Some(bounce));
}

#[test]
fn cap2_cap4_sizes_and_versions_are_judged_before_anything_is_read() {
    let record = |length: usize| Record {
        edge: EdgeId::from_bytes([1; 16]),
        at_us: 0,
        bodies: Bodies::Kept,
        what: What::Opened {
            conn: ConnId::from_bytes([2; 16]),
            now: Millis(0),
            config: Bytes::from(vec![0; length]),
        },
    };
    let mut writer = Writer::begin(Vec::new()).unwrap();
    let refused = writer.write(&record(RECORD_BYTES_MAX)).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge(1)), "{refused}");
    let almost = record(RECORD_BYTES_MAX - 1_000);
    let mut fits = 0;
    let full = loop {
        match writer.write(&almost) {
            Ok(()) => fits += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, FileError::Full), "{full}");
    assert_eq!(fits, FILE_BYTES_MAX / RECORD_BYTES_MAX as u64);

    let head = written(&[]);
    let claims = |length: u32| [&head[..], &[0xc6], &length.to_be_bytes()].concat();
    for length in [u32::MAX, u32::try_from(RECORD_BYTES_MAX).unwrap() + 1] {
        assert!(matches!(read(&claims(length)), Err(FileError::TooLarge(1))), "{length}");
    }
    assert!(matches!(read(&claims(10)), Err(FileError::Truncated(1))));
    assert!(matches!(read(&[&head[..], b"\xc4"].concat()), Err(FileError::Truncated(1))));
    assert!(matches!(read(&[&head[..], b"\xc4aaaa"].concat()), Err(FileError::Broken(1))));

    let of = |head: &Head| {
        let bytes = codec::encode(head).unwrap();
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[0xc6][..], &length, &bytes].concat()
    };
    let other = Head { version: VERSION + 1, ..Head::present() };
    assert!(
        matches!(read(&of(&other)), Err(FileError::OtherVersion(version)) if version == VERSION + 1)
    );
    let no_capture = Head { kind: "dhchat picture".to_owned(), ..Head::present() };
    assert!(matches!(read(&of(&no_capture)), Err(FileError::NoCapture)));
    assert!(read(&of(&Head::present())).is_ok());
}

#[test]
fn cap4_a_payload_that_is_no_delivery_and_no_body_is_larger_than_its_bound() {
    let page = |length: usize| Bytes::from(vec![0; length]);
    let find = directory::find().subject().clone();
    assert!(kept(&find, &page(PAYLOAD_BYTES_MAX)).is_some());
    assert!(kept(&find, &page(PAYLOAD_BYTES_MAX + 1)).is_none());
    let longest = body::expand(&body::stand_in(usize::MAX, [0; 16])).unwrap();
    assert_eq!(longest.len(), BUS_PAYLOAD_BYTES_MAX);
}
