//! One example of each record of a capture, and of the questions that make edges record.

use bus_schemas::bus::{BusError, BusStatus};
use bus_schemas::capture::ask::{AskCapture, Next, Page, Plan, Taken, Verb};
use bus_schemas::capture::file::Head;
use bus_schemas::capture::{Bodies, Payload, Record, Said, What, Whom, Why};
use bus_schemas::chat;
use bus_schemas::directory;
use bus_schemas::id::{BusId, CaptureId, ConnId, EdgeId, TraceId, UserId};
use bus_schemas::time::Millis;
use bytes::Bytes;

use super::Golden;
use super::payloads::payload;

const EDGE: EdgeId = EdgeId::from_bytes([0xed; 16]);
const BOB: UserId = UserId::from_bytes([0xb0; 16]);
const BUS: BusId = BusId::from_bytes([0xb5; 16]);
const CONN: ConnId = ConnId::from_bytes([0xc0; 16]);
const CAPTURE: CaptureId = CaptureId::from_bytes([0xca; 16]);

pub(crate) fn all() -> impl Iterator<Item = Golden> {
    let plan = Plan { for_ms: 60_000, users: vec![BOB], bodies: Bodies::Random, veil: [0x7e; 16] };
    let taken = || vec![Taken { edge: EDGE, page: 3 }];
    let ask = |verb| AskCapture { capture: CAPTURE, verb };
    let page = |next| Page { edge: EDGE, number: 4, records: vec![opaque()], next };
    let asks = [
        payload("capture/begin", &ask(Verb::Begin(plan))),
        payload("capture/take", &ask(Verb::Take { taken: taken() })),
        payload("capture/end", &ask(Verb::End { taken: taken() })),
        payload("capture/page_more", &page(Next::More)),
        payload("capture/page_later", &page(Next::Later)),
        payload("capture/page_nothing", &page(Next::Nothing)),
        payload("capture/head", &Head::present()),
    ];
    let records = whats().map(|(name, what)| {
        let record = Record { edge: EDGE, at_us: 1_234_567, bodies: Bodies::Random, what };
        payload(&format!("capture/{name}"), &record)
    });
    asks.into_iter().chain(records)
}

fn whats() -> impl Iterator<Item = (&'static str, What)> {
    let said = || Said {
        subject: directory::me().subject().clone(),
        reply: Some(chat::bounces(BUS)),
        trace: Some(TraceId::from_random([0x11; 16])),
        payload: Payload::Kept(opaque()),
        no_responders: false,
    };
    let withheld = || Payload::Withheld { bytes: 300 };
    let (conn, now) = (CONN, Millis(1_500));
    [
        ("opened", What::Opened { conn, now: Millis(0), config: opaque() }),
        ("stepped", What::Stepped { conn, now, event: opaque(), effects: vec![opaque()] }),
        ("published", What::Published { bus: BUS, said: said(), outcome: Ok(()) }),
        (
            "published_in_vain",
            What::Published { bus: BUS, said: said(), outcome: Err(BusError::Full) },
        ),
        (
            "subscribed",
            What::Subscribed {
                bus: BUS,
                subject: chat::peer(BOB),
                group: Some("edge".to_owned()),
                outcome: Ok(()),
            },
        ),
        ("heard", What::Heard { bus: BUS, said: Some(Said { payload: withheld(), ..said() }) }),
        ("heard_a_gap", What::Heard { bus: BUS, said: None }),
        ("asked", What::Asked { bus: BUS, n: 7, said: said(), whom: Whom::One { wait_ms: 9 } }),
        ("asked_everybody", What::Asked { bus: BUS, n: 8, said: said(), whom: Whom::Everybody }),
        ("answered", What::Answered { bus: BUS, n: 7, answer: Ok(withheld()) }),
        ("not_answered", What::Answered { bus: BUS, n: 7, answer: Err(BusError::Timeout) }),
        ("status", What::Status { bus: BUS, status: BusStatus::Away }),
        ("gap", What::Gap { lost: 12 }),
        ("ended", What::Ended { lost: 0, why: Why::Asked }),
        ("time_over", What::Ended { lost: 0, why: Why::TimeOver }),
    ]
    .into_iter()
}

fn opaque() -> Bytes {
    Bytes::from_static(b"opaque here")
}
